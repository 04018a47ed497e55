//! The part of libjack that is used, loaded when it is needed.
//!
//! By hand, because the crate `jack-sys` does not build on Linux without libjack's headers, even where
//! it loads the library at run time (0.5.1 and 0.6.0): every build of the workspace would need them.

use anyhow::Context;
use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::sync::OnceLock;

pub enum Client {}
pub enum Port {}

/// Do not start a server where there is none.
pub const NO_START: u32 = 1;
/// The server's name follows.
pub const SERVER_NAME: u32 = 4;
/// The client receives through this port.
pub const IS_INPUT: c_ulong = 1;
/// The client sends through this port.
pub const IS_OUTPUT: c_ulong = 2;
/// The transport rolls.
pub const ROLLING: u32 = 1;
/// The position has bar, beat and tick.
pub const HAS_BARS: u32 = 0x10;
/// A MIDI port's type.
pub const MIDI: &std::ffi::CStr = c"8 bit raw midi";

/// `jack_position_t`; its later fields are not used here.
#[repr(C)]
pub struct Position {
    pub unique: u64,
    pub microseconds: u64,
    pub rate: u32,
    pub frame: u32,
    pub valid: u32,
    /// From 1, as the beat.
    pub bar: i32,
    pub beat: i32,
    pub tick: i32,
    pub bar_start_tick: f64,
    pub beats_per_bar: f32,
    pub beat_type: f32,
    pub ticks_per_beat: f64,
    pub beats_per_minute: f64,
    rest: [u64; 32],
}

impl Position {
    pub fn new() -> Self {
        // SAFETY: numbers all of them, for which 0 is a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `jack_midi_event_t`.
#[repr(C)]
pub struct MidiEvent {
    pub time: u32,
    pub size: usize,
    pub bytes: *mut u8,
}

/// Called in each cycle.
pub type Process = unsafe extern "C" fn(u32, *mut c_void) -> c_int;
/// Called in each cycle to give bar, beat and tick.
pub type Timebase = unsafe extern "C" fn(u32, u32, *mut Position, c_int, *mut c_void);

macro_rules! functions {
    ($($name:ident: $function:ty;)*) => {
        /// Its functions.
        pub struct Library {
            $(pub $name: $function,)*
        }

        impl Library {
            fn find(library: &libloading::Library) -> anyhow::Result<Self> {
                // SAFETY: these are the types that jack.h, midiport.h and transport.h give them.
                Ok(unsafe { Self { $($name: *library.get(concat!("jack_", stringify!($name)).as_bytes())?,)* } })
            }
        }
    };
}

/// Called with JACK's messages.
pub type Say = unsafe extern "C" fn(*const c_char);

unsafe extern "C" fn say_nothing(_: *const c_char) {}

functions! {
    set_error_function: unsafe extern "C" fn(Say);
    client_open: unsafe extern "C" fn(*const c_char, u32, *mut u32, ...) -> *mut Client;
    client_close: unsafe extern "C" fn(*mut Client) -> c_int;
    activate: unsafe extern "C" fn(*mut Client) -> c_int;
    set_process_callback: unsafe extern "C" fn(*mut Client, Process, *mut c_void) -> c_int;
    set_timebase_callback: unsafe extern "C" fn(*mut Client, c_int, Timebase, *mut c_void) -> c_int;
    port_register: unsafe extern "C" fn(*mut Client, *const c_char, *const c_char, c_ulong, c_ulong) -> *mut Port;
    port_by_name: unsafe extern "C" fn(*mut Client, *const c_char) -> *mut Port;
    port_connected: unsafe extern "C" fn(*mut Port) -> c_int;
    port_get_buffer: unsafe extern "C" fn(*mut Port, u32) -> *mut c_void;
    midi_clear_buffer: unsafe extern "C" fn(*mut c_void);
    midi_event_write: unsafe extern "C" fn(*mut c_void, u32, *const u8, usize) -> c_int;
    midi_get_event_count: unsafe extern "C" fn(*mut c_void) -> u32;
    midi_event_get: unsafe extern "C" fn(*mut MidiEvent, *mut c_void, u32) -> c_int;
    transport_query: unsafe extern "C" fn(*mut Client, *mut Position) -> u32;
    transport_locate: unsafe extern "C" fn(*mut Client, u32) -> c_int;
    transport_start: unsafe extern "C" fn(*mut Client);
    transport_stop: unsafe extern "C" fn(*mut Client);
}

/// The library, which stays loaded.
pub fn library() -> anyhow::Result<&'static Library> {
    static FOUND: OnceLock<Result<Library, String>> = OnceLock::new();
    let load = || -> anyhow::Result<Library> {
        // SAFETY: libjack's initialisers are sound.
        let library = unsafe { libloading::Library::new("libjack.so.0") }?;
        let functions = Library::find(&library)?;
        // Its messages are of a server that is not running yet; a running server has its own log.
        // SAFETY: a function that does nothing.
        unsafe { (functions.set_error_function)(say_nothing) };
        std::mem::forget(library);
        Ok(functions)
    };
    let found = FOUND.get_or_init(|| load().map_err(|error| format!("{error:#}")));
    let found = found.as_ref().map_err(|error| anyhow::anyhow!("{error}"));
    found.context("libjack.so.0")
}
