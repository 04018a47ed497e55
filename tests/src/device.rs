//! The plug-in call by call, and nothing that a host may say or do is refused: what the scripts'
//! hosts are too sane for.
//!
//! A [`PluginLibrary`] is one format's library, loaded once; [`crate::wild`] and the tests of strange hosts
//! call it. Everything runs on the calling thread.

use crate::host::{Class, Output};

/// What a host says of its transport. What is missing it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transport {
    /// Does it roll?
    pub playing: bool,
    /// Quarter notes a minute.
    pub tempo: Option<f64>,
    /// Position in quarter notes.
    pub beats: Option<f64>,
    /// Position in samples. VST3 has no way not to say it: 0 is sent.
    pub samples: Option<i64>,
    /// Numerator and denominator of the time signature.
    pub metre: Option<(i32, i32)>,
}

/// Something that happens within a block. A channel or key of -1 means all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touch {
    /// A key is struck, this hard (0 to 1).
    On {
        /// MIDI channel.
        channel: i16,
        key: i16,
        /// How hard.
        velocity: f64,
    },
    /// A key is let go.
    Off {
        /// MIDI channel.
        channel: i16,
        key: i16,
    },
    /// A key's sound is cut off; an [`Self::Off`] in VST3.
    Choke {
        /// MIDI channel.
        channel: i16,
        key: i16,
    },
    /// A MIDI message as bytes. Only CLAP has them.
    Midi([u8; 3]),
    /// A parameter, counted round and round, is turned to a position (0 to 1).
    Turn {
        /// Which.
        param: usize,
        /// Where to.
        position: f64,
    },
    /// The bypass parameter is switched.
    Bypass(bool),
    /// A parameter is moved off its position, as a modulator does. Only CLAP has that.
    Modulate {
        /// Which, counted round and round.
        param: usize,
        /// How far (-1 to 1).
        by: f64,
    },
    /// The transport moves within the block. Only CLAP can say so.
    Transport(Transport),
}

/// One call to the process function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// How many samples.
    pub frames: u32,
    /// The transport at the first of them, if the host says anything.
    pub transport: Option<Transport>,
    /// What happens, in order: sample and event.
    pub touches: Vec<(u32, Touch)>,
    /// How many events the host takes from the plug-in, where that is limited.
    pub room: Option<usize>,
}

/// A parameter as the format lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The format's own number for it.
    pub id: u32,
    /// The name it shows.
    pub name: String,
    /// Its position as it comes (0 to 1).
    pub default: f64,
    /// Is it the one that takes the plug-in out?
    pub bypass: bool,
    /// How many steps it has beyond the first, if it has steps.
    pub steps: Option<u32>,
}

/// An open plug-in.
pub trait Device {
    fn params(&self) -> &[Param];
    /// Where the parameter stands (0 to 1).
    fn position(&mut self, param: usize) -> f64;
    /// Puts parameters to positions while nothing is processed, as in the host's own window.
    fn place(&mut self, turns: &[(usize, f64)]) -> anyhow::Result<()>;
    /// What the parameter shows at `position`.
    fn show(&mut self, param: usize, position: f64) -> Option<String>;
    /// The position that a typed text stands for.
    fn read(&mut self, param: usize, text: &str) -> Option<f64>;
    /// Gets it ready for blocks of up to `max` samples, and starts processing.
    fn activate(&mut self, sample_rate: f64, max: u32, offline: bool) -> anyhow::Result<()>;
    /// Undoes [`Self::activate`].
    fn deactivate(&mut self) -> anyhow::Result<()>;
    /// Stops processing and starts it again.
    fn restart(&mut self) -> anyhow::Result<()>;
    /// Has it forget what it was doing; a [`Self::restart`] in VST3.
    fn reset(&mut self) -> anyhow::Result<()>;
    /// One block that begins at sample `first` of the session.
    fn process(&mut self, first: u64, block: &Block) -> anyhow::Result<Output>;
    fn save(&mut self) -> anyhow::Result<Vec<u8>>;
    /// Hands it a state; whether it took it.
    fn load(&mut self, state: &[u8]) -> bool;
}

/// One format's library, loaded.
pub trait PluginLibrary {
    fn format(&self) -> &'static str;
    /// A new plug-in of the class.
    fn open(&self, class: Class) -> anyhow::Result<Box<dyn Device>>;
    /// The state a project would hold whose plug-in stored this JSON text.
    fn state_from_json(&self, json: &str) -> Vec<u8>;
}
