-- A plug-in for Ardour: keeps every note event that passes, with the place in the song where it does.
-- It sits behind HarmonAI on its track; `listen` in steps.lua reads what it kept.
ardour {
	["type"] = "dsp", name = "HarmonAI's log", category = "Utility", license = "MIT",
	author = "HarmonAI", description = "Keeps what the plug-in before it plays."
}

-- For each event: the stretch, counted from 1 and ended by each jump; the song's sample; the bytes.
local room, width = 5000, 3
local stretch, expected, outputs = 0, nil, nil

function dsp_ioconfig ()
	return { { midi_in = 1, midi_out = 1, audio_in = -1, audio_out = -1 } }
end

function dsp_init (rate)
	self:shmem ():allocate (1 + room * width)
	self:shmem ():atomic_set_int (0, 0)
end

function dsp_configure (ins, outs)
	outputs = outs
end

function dsp_runmap (bufs, in_map, out_map, frames, offset)
	ARDOUR.DSP.process_map (bufs, outputs, in_map, out_map, frames, offset)
	local here = Session:transport_sample ()
	if here ~= expected then stretch = stretch + 1 end
	expected = Session:transport_state_rolling () and here + frames or here

	local midi = in_map:get (ARDOUR.DataType ("midi"), 0)
	if midi == ARDOUR.ChanMapping.Invalid then return end
	local kept = self:shmem ():atomic_get_int (0)
	local log = self:shmem ():to_int (1):array ()
	for _, event in pairs (bufs:get_midi (midi):table ()) do
		if event:size () == 3 and kept < room then
			local bytes, at = event:buffer ():array (), kept * width
			log[at + 1] = stretch
			log[at + 2] = here + event:time ()
			log[at + 3] = bytes[1] << 16 | bytes[2] << 8 | bytes[3]
			kept = kept + 1
		end
	end
	self:shmem ():atomic_set_int (0, kept)
end
