-- The functions that scripts for ardour7-lua call: process.rs writes a script's steps after them. A step
-- that waits polls a condition; one that waits too long is an error, which ends the visit.
io.stdout:setvbuf ("no")

local RATE, LOG, CLASS = 48000, "HarmonAI's log", "HarmonAI"
local UI = ARDOUR.TransportRequestSource.TRS_UI
local session

local function await (what, is)
	for _ = 1, 12000 do
		if is () then return end
		ARDOUR.LuaAPI.usleep (5000)
	end
	error ("waited too long until " .. what)
end

-- Until the audio thread has taken what it was sent.
local function settle ()
	ARDOUR.LuaAPI.wait_for_process_callback (8, 2000)
end

local function map () return Temporal.TempoMap.read () end

local function at (quarters)
	return Temporal.timepos_t.from_ticks (math.floor (quarters * Temporal.ticks_per_beat + 0.5))
end

local function sample (quarters)
	return map ():sample_at (at (quarters))
end

local function partner () return session:route_by_name ("partner"):nth_plugin (0) end

local function kept ()
	return session:route_by_name ("partner"):nth_plugin (1):to_insert ():plugin (0):to_luaproc ():shmem ()
end

local function take () return session:route_by_name ("take") end

-- The regions on the recording track.
local function regions ()
	local all = {}
	for region in take ():to_track ():playlist ():region_list ():iter () do
		all[region:name ()] = region
	end
	return all
end

local function count (all)
	local n = 0
	for _ in pairs (all) do n = n + 1 end
	return n
end

local function arm (on)
	local switch = take ():rec_enable_control ()
	switch:set_value (on and 1 or 0, PBD.GroupControlDisposition.NoGroup)
	await ("the track is armed or not", function () return switch:get_value () == (on and 1 or 0) end)
	if on then session:maybe_enable_record () else session:disable_record (false, false) end
end

local function locate (quarters, how)
	session:request_locate (sample (quarters), false, how, UI)
end

-- Ardour without a sound card, in real time.
function start ()
	local backend = AudioEngine:set_backend ("None (Dummy)", "", "")
	assert (not backend:isnil (), "there is no dummy backend")
	backend:set_device_name ("Silence")
	backend:set_driver ("Normal Speed")
	backend:set_sample_rate (RATE)
	backend:set_buffer_size (256)
	assert (AudioEngine:start (false) == 0, "the engine does not start")
end

-- A session with two MIDI tracks: HarmonAI's, and one that records what it plays.
function create (folder, name)
	session = create_session (folder, name, RATE)
	assert (session, "the session cannot be made")
	Session = session
	local one = ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1)
	local function track (name)
		return session:new_midi_track (one, one, true, ARDOUR.PluginInfo (), nil, nil, 1, name,
			ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):front ()
	end
	local from, to = track ("partner"), track ("take")
	local plugin = ARDOUR.LuaAPI.new_plugin (session, CLASS, ARDOUR.PluginType.VST3, "")
	assert (not plugin:isnil (), "Ardour does not know the plug-in")
	local log = ARDOUR.LuaAPI.new_luaproc (session, LOG)
	assert (not log:isnil (), "Ardour does not know the log")
	for place, processor in ipairs { plugin, log } do
		assert (from:add_processor_by_index (processor, place - 1, nil, true) == 0, "no place on the track")
	end
	to:input ():disconnect_all (nil)
	for n = 0, from:output ():n_ports ():n_total () - 1 do
		local port = from:output ():nth (n)
		if port:name ():find ("midi_out") then to:input ():nth (0):connect (port:name ()) end
	end
	assert (to:input ():nth (0):connected (), "the tracks are not connected")
	to:to_track ():to_midi_track ():set_input_active (true)
end

function open (folder, name)
	session = load_session (folder, name)
	assert (session, "the session cannot be opened")
	Session = session
end

-- Sets a knob to a plain value.
function knob (name, value)
	local plugin = partner ():to_insert ():plugin (0)
	for n = 0, plugin:parameter_count () - 1 do
		if plugin:parameter_label (n) == name then
			assert (ARDOUR.LuaAPI.set_processor_param (partner (), n, value), name .. " cannot be set")
			settle ()
			return
		end
	end
	error ("there is no knob " .. name)
end

-- Tempos {quarter, from, to} and metres {quarter, above, below}.
function tempo_map (tempos, metres)
	local map = Temporal.TempoMap.write_copy ()
	for _, t in ipairs (tempos) do map:set_tempo (Temporal.Tempo (t[2], t[3], 4), at (t[1])) end
	for _, m in ipairs (metres) do map:set_meter (Temporal.Meter (m[2], m[3]), at (m[1])) end
	Temporal.TempoMap.update (map)
	map = nil
	settle ()
end

local function rolled_to (quarter)
	local goal = sample (quarter)
	await ("the song is at " .. quarter, function ()
		return session:transport_sample () >= goal and not session:transport_stopped ()
	end)
end

local function begin (quarter)
	locate (quarter, ARDOUR.LocateTransportDisposition.MustStop)
	local goal = sample (quarter)
	await ("the song stands at " .. quarter, function ()
		return session:transport_stopped () and session:transport_sample () == goal
	end)
	settle ()
end

local function stop ()
	session:request_stop (false, false, UI)
	await ("the song stands", function () return session:transport_stopped () end)
	settle ()
end

-- Writes what was heard since the last call to a file: a line for each event in the log (stretch, sample,
-- quarters, bytes), and one for each note of the new regions.
local function listen (file, before)
	local out = assert (io.open (file, "w"))
	local log = kept ()
	local events = log:to_int (1):array ()
	for n = 0, log:atomic_get_int (0) - 1 do
		local stretch, where, bytes = events[3 * n + 1], events[3 * n + 2], events[3 * n + 3]
		local quarters = map ():quarters_at (Temporal.timepos_t (where))
		out:write (string.format ("event %d %d %s %06x\n", stretch, where, tostring (quarters), bytes))
	end
	log:atomic_set_int (0, 0)
	for name, region in pairs (regions ()) do
		if not before[name] then
			out:write ("region ", tostring (map ():quarters_at (region:position ())), "\n")
			for note in ARDOUR.LuaAPI.note_list (region:to_midiregion ():midi_source (0):model ()):iter () do
				out:write (string.format ("note %s %s %d %d %d\n", tostring (note:time ()),
					tostring (note:length ()), note:channel (), note:note (), note:velocity ()))
			end
		end
	end
	out:close ()
end

-- Records from the song's start to a quarter.
function record (file, till)
	local before = regions ()
	arm (true)
	begin (0)
	session:request_roll (UI)
	rolled_to (till)
	stop ()
	arm (false)
	-- Ardour makes no region of silence.
	if kept ():atomic_get_int (0) > 0 then
		local had = count (before)
		await ("the take is there", function () return count (regions ()) > had end)
	end
	listen (file, before)
end

-- Plays the session's loop this many times and a little more.
function loop (file, times)
	begin (0)
	session:request_play_loop (true, true)
	local last, wraps = 0, 0
	await ("the loop has come round", function ()
		local now = session:transport_sample ()
		if now < last then wraps = wraps + 1 end
		last = now
		return wraps >= times
	end)
	stop ()
	session:request_play_loop (false, false)
	listen (file, regions ())
end

-- Plays from the song's start; at each {quarter, to} it jumps to the second; stops at a last quarter.
function jump (file, jumps, till)
	begin (0)
	session:request_roll (UI)
	for _, jump in ipairs (jumps) do
		rolled_to (jump[1])
		local here = session:transport_sample ()
		locate (jump[2], ARDOUR.LocateTransportDisposition.MustRoll)
		await ("the song has jumped", function () return session:transport_sample () < here end)
	end
	rolled_to (till)
	stop ()
	listen (file, regions ())
end

-- Saves the session, or a snapshot of it.
function save (name)
	settle ()
	assert (session:save_state (name or "") == 0, "the session cannot be saved")
end

function finish ()
	session = nil
	close_session ()
	print ("done")
	quit ()
end

start ()
