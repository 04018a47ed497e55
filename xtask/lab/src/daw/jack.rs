//! A JACK server without a sound card, and clients of it that send and receive notes at exact frames of
//! the transport. For the visits to hosts that use JACK.

mod library;

use super::process::Program;
use crate::needs::{self, INSTALL};
use anyhow::{Context, ensure};
use library::{Library, Position, library};
use std::ffi::{CString, c_int, c_void};
use std::path::Path;
use std::process::Command;
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Samples a second and a cycle. A cycle is as long as the app can plan ahead, for busy machines.
pub const RATE: u32 = 48_000;
pub const CYCLE: u32 = 1024;
/// How long a server may take to start.
const START: Duration = Duration::from_secs(10);
/// Ticks in a beat of the timebase. JACK's ticks are whole numbers: with this many, they are accurate to
/// a sample.
const TICKS: f64 = 960_000.0;

/// The server's program, and the library for its clients.
pub fn needs() -> anyhow::Result<()> {
    let found = needs::is_program("jackd") && library().is_ok();
    ensure!(found, "JACK is missing; {INSTALL} jackd2 libjack-jackd2-0");
    Ok(())
}

/// A server that nothing but the visit connects to.
pub struct Server {
    /// For `JACK_DEFAULT_SERVER`.
    pub name: String,
    _program: Program,
}

impl Server {
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let name = format!("harmonai-{}", std::process::id());
        let mut command = Command::new("jackd");
        // Each cycle waits for its clients: otherwise a late one is given the next cycle's position.
        command.args(["--no-realtime", "--sync", "--name", &name, "-d", "dummy"]);
        command.args(["-r", &RATE.to_string(), "-p", &CYCLE.to_string()]);
        let mut program = Program::start(command, "jackd", folder)?;
        program.until("no client can connect", START, || {
            Ok(Client::open(&name, "probe", Role::Receiver).ok())
        })?;
        Ok(Self {
            name,
            _program: program,
        })
    }

    /// A client of it.
    pub fn client(&self, name: &str, role: Role) -> anyhow::Result<Client> {
        Client::open(&self.name, name, role).with_context(|| format!("the JACK client {name}"))
    }

    /// Has `command` connect to it, and to no other.
    pub fn attach(&self, command: &mut Command) {
        command.env("JACK_DEFAULT_SERVER", &self.name);
        command.env("JACK_NO_START_SERVER", "1");
    }
}

/// What a client does. One that did both would be a loop in JACK's graph, which costs a cycle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sends, through its port `notes`.
    Sender,
    /// Receives, at its port `notes`.
    Receiver,
}

/// A MIDI message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// The transport's frame.
    pub frame: u32,
    /// Whether it rolled.
    pub rolling: bool,
    pub bytes: [u8; 3],
}

/// Shared by JACK's thread and ours. No sound depends on that thread, so it may wait for the lock.
#[derive(Default)]
struct ClientState {
    /// Sent while the transport rolls.
    score: Vec<Message>,
    heard: Vec<Message>,
    /// Where the last cycle ended, and whether the transport rolled in it.
    end: u32,
    rolling: bool,
}

/// What JACK's thread is given.
struct ClientContext {
    library: &'static Library,
    client: *mut library::Client,
    port: *mut library::Port,
    role: Role,
    state: Mutex<ClientState>,
}

impl ClientContext {
    fn state(&self) -> MutexGuard<'_, ClientState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client with one port, `notes`.
pub struct Client {
    context: Box<ClientContext>,
    timebase: Option<Box<Timebase>>,
}

/// Tempo and metre of the transport, which one client may give.
pub struct Timebase {
    pub tempo: f64,
    pub beats: f32,
    pub unit: f32,
}

impl Client {
    fn open(server: &str, name: &str, role: Role) -> anyhow::Result<Self> {
        let library = library()?;
        let (server, name) = (CString::new(server)?, CString::new(name)?);
        let options = library::NO_START | library::SERVER_NAME;
        // SAFETY: the options say that the server's name follows.
        let client =
            unsafe { (library.client_open)(name.as_ptr(), options, null_mut(), server.as_ptr()) };
        ensure!(!client.is_null(), "JACK takes no client");
        let direction = match role {
            Role::Sender => library::IS_OUTPUT,
            Role::Receiver => library::IS_INPUT,
        };
        let mut context = Box::new(ClientContext {
            library,
            client,
            port: null_mut(),
            role,
            state: Mutex::default(),
        });
        let data: *const ClientContext = &raw const *context;
        // SAFETY: the context stays where it is in its box until the client is closed, and nobody changes it once
        // the client is active.
        let failed = unsafe {
            let midi = library::MIDI.as_ptr();
            context.port = (library.port_register)(client, c"notes".as_ptr(), midi, direction, 0);
            (library.set_process_callback)(client, process, data as *mut c_void)
        };
        let made = failed == 0 && !context.port.is_null();
        let this = Self {
            context,
            timebase: None,
        };
        ensure!(made, "JACK gives no port");
        // SAFETY: a client that is set up.
        let failed = unsafe { (library.activate)(client) };
        ensure!(failed == 0, "JACK does not activate the client");
        Ok(this)
    }

    /// Sets what is sent, each message at its frame while the transport rolls.
    pub fn play(&self, score: Vec<Message>) {
        self.context.state().score = score;
    }

    /// What was received since the last call.
    pub fn heard(&self) -> Vec<Message> {
        std::mem::take(&mut self.context.state().heard)
    }

    /// Whether the transport rolls, and where it is.
    pub fn transport(&self) -> (bool, u32) {
        let state = self.context.state();
        (state.rolling, state.end)
    }

    /// Moves the transport, and starts it if it stands.
    pub fn roll_from(&self, frame: u32) {
        let (library, client) = (self.context.library, self.context.client);
        // SAFETY: the client is open.
        unsafe {
            (library.transport_locate)(client, frame);
            (library.transport_start)(client);
        }
    }

    /// Stops the transport.
    pub fn stop(&self) {
        // SAFETY: the client is open.
        unsafe { (self.context.library.transport_stop)(self.context.client) };
    }

    /// From now on this client gives the transport's tempo and metre.
    pub fn lead_timebase(&mut self, timebase: Timebase) -> anyhow::Result<()> {
        let (library, client) = (self.context.library, self.context.client);
        let timebase = self.timebase.insert(Box::new(timebase));
        let data: *const Timebase = &raw const **timebase;
        // SAFETY: it stays where it is in its box until the client is closed.
        let failed = unsafe {
            (library.set_timebase_callback)(client, 0, give_timebase, data as *mut c_void)
        };
        ensure!(failed == 0, "JACK refuses the timebase");
        Ok(())
    }

    /// Whether there is a port of this name that something is connected to.
    pub fn is_connected(&self, port: &str) -> anyhow::Result<bool> {
        let (library, client) = (self.context.library, self.context.client);
        let port = CString::new(port)?;
        // SAFETY: the client is open, and the port is one of its server's.
        Ok(unsafe {
            let port = (library.port_by_name)(client, port.as_ptr());
            !port.is_null() && (library.port_connected)(port) > 0
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: after this its thread is gone, and what it was given may go.
        unsafe { (self.context.library.client_close)(self.context.client) };
    }
}

/// JACK's process callback, called in each cycle.
unsafe extern "C" fn process(frames: u32, data: *mut c_void) -> c_int {
    // SAFETY: it is what was given with the callback.
    let context = unsafe { &*data.cast::<ClientContext>() };
    let library = context.library;
    let mut position = Position::new();
    let mut state = context.state();
    // SAFETY: called from the client's own thread, with its own port.
    unsafe {
        let rolling = (library.transport_query)(context.client, &mut position) == library::ROLLING;
        let first = position.frame;
        let end = first + if rolling { frames } else { 0 };
        let buffer = (library.port_get_buffer)(context.port, frames);
        match context.role {
            Role::Sender => {
                (library.midi_clear_buffer)(buffer);
                let due = |message: &&Message| (first..end).contains(&message.frame);
                for message in state.score.iter().filter(due) {
                    let bytes = message.bytes.as_ptr();
                    (library.midi_event_write)(buffer, message.frame - first, bytes, 3);
                }
            }
            Role::Receiver => {
                for index in 0..(library.midi_get_event_count)(buffer) {
                    let mut event = library::MidiEvent {
                        time: 0,
                        size: 0,
                        bytes: null_mut(),
                    };
                    let failed = (library.midi_event_get)(&mut event, buffer, index);
                    if failed == 0 && event.size == 3 {
                        let bytes = *event.bytes.cast::<[u8; 3]>();
                        let frame = first + if rolling { event.time } else { 0 };
                        state.heard.push(Message {
                            frame,
                            rolling,
                            bytes,
                        });
                    }
                }
            }
        }
        (state.rolling, state.end) = (rolling, end);
    }
    0
}

/// JACK's timebase callback: gives bar, beat and tick of a frame.
unsafe extern "C" fn give_timebase(
    _: u32,
    _: u32,
    position: *mut Position,
    _: c_int,
    data: *mut c_void,
) {
    // SAFETY: JACK's own position, and what was given with the callback.
    let (position, timebase) = unsafe { (&mut *position, &*data.cast::<Timebase>()) };
    // JACK's tempo counts the metre's beats.
    let beat = f64::from(position.frame) / f64::from(position.rate) * timebase.tempo / 60.0;
    let in_bar = beat.rem_euclid(f64::from(timebase.beats));
    position.valid = library::HAS_BARS;
    position.bar = 1 + (beat / f64::from(timebase.beats)).floor() as i32;
    position.beat = 1 + in_bar.floor() as i32;
    position.tick = (in_bar.fract() * TICKS) as i32;
    position.bar_start_tick = (beat - in_bar) * TICKS;
    (position.beats_per_bar, position.beat_type) = (timebase.beats, timebase.unit);
    (position.ticks_per_beat, position.beats_per_minute) = (TICKS, timebase.tempo);
}
