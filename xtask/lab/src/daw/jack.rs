//! A JACK server without a sound card, and clients of it that play notes and listen at exact frames of
//! the transport. For hosts that live on JACK.

mod library;

use super::process::Guest;
use crate::needs;
use anyhow::{Context, bail, ensure};
use library::{Library, Position, library};
use std::ffi::{CString, c_int, c_void};
use std::path::Path;
use std::process::Command;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Samples a second, and in a cycle: as long as the app can plan ahead, for a machine that is busy.
pub const RATE: u32 = 48_000;
pub const CYCLE: u32 = 1024;
/// How long a server may take to start.
const START: Duration = Duration::from_secs(10);
/// Ticks in a beat as the transport's bars count them. JACK's are whole: at these, a sample's way off.
const TICKS: f64 = 960_000.0;

/// The server, and the library for its clients.
pub fn needs() -> anyhow::Result<()> {
    if needs::is_program("jackd") && library().is_ok() {
        return Ok(());
    }
    bail!(
        "JACK is missing; run\n    \
         sudo apt-get install -y --no-install-recommends jackd2 libjack-jackd2-0"
    )
}

/// A server of our own.
pub struct Server {
    /// For `JACK_DEFAULT_SERVER`.
    pub name: String,
    _guest: Guest,
}

impl Server {
    /// Starts one that nothing but the visit knows of.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let name = format!("harmonai-{}", std::process::id());
        let mut command = Command::new("jackd");
        // Each cycle waits for its clients: else one that is late is told where the next one is.
        command.args(["--no-realtime", "--sync", "--name", &name, "-d", "dummy"]);
        command.args(["-r", &RATE.to_string(), "-p", &CYCLE.to_string()]);
        let mut guest = Guest::start(command, "jackd", folder)?;
        guest.until("no client can connect", START, || {
            Ok(Client::open(&name, "look", Role::Ear).ok())
        })?;
        let _guest = guest;
        Ok(Self { name, _guest })
    }

    /// A client of it.
    pub fn client(&self, name: &str, role: Role) -> anyhow::Result<Client> {
        Client::open(&self.name, name, role).with_context(|| format!("the JACK client {name}"))
    }

    /// Has `command` find it, and no other.
    pub fn lead(&self, command: &mut Command) {
        command.env("JACK_DEFAULT_SERVER", &self.name);
        command.env("JACK_NO_START_SERVER", "1");
    }
}

/// What a client is there for. One that did both would be a loop in JACK's graph, which costs a cycle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It plays, through its port `notes`.
    Hand,
    /// It listens, at its port `notes`.
    Ear,
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

/// What the client's thread and ours have in common. No sound depends on that thread: it may wait.
#[derive(Default)]
struct Tape {
    /// What is to be played while the transport rolls.
    score: Vec<Message>,
    heard: Vec<Message>,
    /// Where the last cycle ended, and whether the transport rolled.
    end: u32,
    rolling: bool,
}

/// What a client's thread is given.
struct Stage {
    library: &'static Library,
    client: *mut library::Client,
    port: *mut library::Port,
    role: Role,
    tape: Arc<Mutex<Tape>>,
}

/// A client with one port, `notes`.
pub struct Client {
    stage: Box<Stage>,
    metre: Option<Box<Bars>>,
}

/// The transport's tempo and metre, where a client says them.
pub struct Bars {
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
            Role::Hand => library::IS_OUTPUT,
            Role::Ear => library::IS_INPUT,
        };
        let tape = Arc::default();
        let port = null_mut();
        // From here on it is closed when it is dropped.
        let mut stage = Box::new(Stage {
            library,
            client,
            port,
            role,
            tape,
        });
        let data: *const Stage = &raw const *stage;
        // SAFETY: the stage lies still in its box until the client is closed, and nobody changes it once
        // the client is active.
        let failed = unsafe {
            let midi = library::MIDI.as_ptr();
            stage.port = (library.port_register)(client, c"notes".as_ptr(), midi, direction, 0);
            (library.set_process_callback)(client, process, data as *mut c_void)
        };
        let this = Self { stage, metre: None };
        ensure!(
            failed == 0 && !this.stage.port.is_null(),
            "JACK gives no port"
        );
        // SAFETY: a client that is set up.
        let failed = unsafe { (library.activate)(client) };
        ensure!(failed == 0, "JACK does not activate the client");
        Ok(this)
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.stage
            .tape
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be played, each at its frame while the transport rolls.
    pub fn play(&self, score: Vec<Message>) {
        self.tape().score = score;
    }

    /// What was heard since this was asked last.
    pub fn heard(&self) -> Vec<Message> {
        std::mem::take(&mut self.tape().heard)
    }

    /// Whether the transport rolls, and where it is.
    pub fn transport(&self) -> (bool, u32) {
        let tape = self.tape();
        (tape.rolling, tape.end)
    }

    /// Moves the transport, and starts it if it stands.
    pub fn roll_from(&self, frame: u32) {
        let Stage {
            library, client, ..
        } = *self.stage;
        // SAFETY: the client is open.
        unsafe {
            (library.transport_locate)(client, frame);
            (library.transport_start)(client);
        }
    }

    /// Stops the transport.
    pub fn stop(&self) {
        // SAFETY: the client is open.
        unsafe { (self.stage.library.transport_stop)(self.stage.client) };
    }

    /// From now on this client says the transport's tempo and metre.
    pub fn lead(&mut self, bars: Bars) -> anyhow::Result<()> {
        let Stage {
            library, client, ..
        } = *self.stage;
        let bars = self.metre.insert(Box::new(bars));
        let data: *const Bars = &raw const **bars;
        // SAFETY: they lie in their box until the client is closed.
        let failed =
            unsafe { (library.set_timebase_callback)(client, 0, timebase, data as *mut c_void) };
        ensure!(failed == 0, "JACK lets it not lead");
        Ok(())
    }

    /// Whether there is a port of this name that something is connected to.
    pub fn is_connected(&self, port: &str) -> anyhow::Result<bool> {
        let Stage {
            library, client, ..
        } = *self.stage;
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
        // SAFETY: after this its thread is gone, and what that was given may go.
        unsafe { (self.stage.library.client_close)(self.stage.client) };
    }
}

/// A cycle.
unsafe extern "C" fn process(frames: u32, data: *mut c_void) -> c_int {
    // SAFETY: it is what was given with the callback.
    let stage = unsafe { &*data.cast::<Stage>() };
    let library = stage.library;
    let mut position = Position::new();
    let mut tape = stage.tape.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: called from the client's own thread, with its own port.
    unsafe {
        let rolling = (library.transport_query)(stage.client, &mut position) == library::ROLLING;
        let first = position.frame;
        let end = first + if rolling { frames } else { 0 };
        let buffer = (library.port_get_buffer)(stage.port, frames);
        match stage.role {
            Role::Hand => {
                (library.midi_clear_buffer)(buffer);
                let due = tape
                    .score
                    .iter()
                    .filter(|m| (first..end).contains(&m.frame));
                for message in due {
                    let bytes = message.bytes.as_ptr();
                    (library.midi_event_write)(buffer, message.frame - first, bytes, 3);
                }
            }
            Role::Ear => {
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
                        tape.heard.push(Message {
                            frame,
                            rolling,
                            bytes,
                        });
                    }
                }
            }
        }
        (tape.rolling, tape.end) = (rolling, end);
    }
    0
}

/// Says bar, beat and tick of a frame.
unsafe extern "C" fn timebase(
    _: u32,
    _: u32,
    position: *mut Position,
    _: c_int,
    data: *mut c_void,
) {
    // SAFETY: JACK's own position, and what was given with the callback.
    let (position, bars) = unsafe { (&mut *position, &*data.cast::<Bars>()) };
    // JACK's tempo counts the metre's beats.
    let beat = f64::from(position.frame) / f64::from(position.rate) * bars.tempo / 60.0;
    let in_bar = beat.rem_euclid(f64::from(bars.beats));
    position.valid = library::HAS_BARS;
    position.bar = 1 + (beat / f64::from(bars.beats)).floor() as i32;
    position.beat = 1 + in_bar.floor() as i32;
    position.tick = (in_bar.fract() * TICKS) as i32;
    position.bar_start_tick = (beat - in_bar) * TICKS;
    (position.beats_per_bar, position.beat_type) = (bars.beats, bars.unit);
    (position.ticks_per_beat, position.beats_per_minute) = (TICKS, bars.tempo);
}
