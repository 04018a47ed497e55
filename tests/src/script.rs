//! What a session in the host does, from opening the plug-in to closing it.
//!
//! Built by the tests and `xtask demo`, played by a [`crate::Host`]. Plain values.

use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Span, Ticks};

/// How many samples each call to the plug-in gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Always the same, but for a shorter block where the transport moves.
    Fixed(u32),
    /// A new size for each block, 1 to `max`, drawn from `seed`.
    Varying {
        max: u32,
        /// Which sequence of sizes.
        seed: u64,
    },
}

impl Blocks {
    /// The largest block that can come.
    pub fn max(self) -> u32 {
        match self {
            Self::Fixed(frames) => frames.max(1),
            Self::Varying { max, .. } => max.max(1),
        }
    }
}

/// How fast the host renders, and what it tells the plug-in about that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it goes; the plug-in is told that it renders offline.
    Offline,
    /// No faster than real time, though the plug-in is told that it renders offline: a project with
    /// much else to compute.
    Slow,
    /// One second takes a second; the plug-in is told that it plays live.
    Live,
    /// The same, by a host that has other tracks to compute and never sleeps between blocks.
    Busy,
    /// As fast as it goes, though the plug-in is told that it plays live: a machine without
    /// any time to spare.
    Rushed,
}

impl Pace {
    /// What the plug-in is told.
    pub fn is_offline(self) -> bool {
        matches!(self, Self::Offline | Self::Slow)
    }
}

/// Something the host or its user does while the session runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Play,
    /// Stops the transport where it is.
    Stop,
    /// Moves the transport, rolling or not.
    Seek(Ticks),
    /// Goes on at another tempo, in beats a minute.
    Tempo(f64),
    /// Turns the knob of this name to the value that it shows as this text.
    Turn(String, String),
    /// Hands the plug-in a saved state.
    Load(Vec<u8>),
    /// A key goes down, whether or not the transport rolls.
    Press(Pitch, Velocity),
    /// A key goes up.
    Release(Pitch),
}

/// An [`Action`] and when it happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// Time since the session began, counted at the tempo of the moment. Where the transport
    /// starts at 0 and neither stops nor jumps, this is also the position in the song.
    pub at: Ticks,
    pub action: Action,
}

/// A whole session.
#[derive(Clone, Debug)]
pub struct Script {
    /// In Hertz.
    pub sample_rate: f64,
    /// How the host cuts time into blocks.
    pub blocks: Blocks,
    /// In quarter notes a minute.
    pub tempo: f64,
    /// The song's time signature.
    pub metre: Metre,
    /// Where the transport stands at first; negative in a pre-roll.
    pub start: Ticks,
    /// Whether the transport rolls from the first sample on.
    pub rolling: bool,
    /// How long the session lasts. The transport then stops, for half a beat more.
    pub length: Ticks,
    /// The loop that the transport runs in, if any.
    pub cycle: Option<Span>,
    /// What is written on the track, at positions in the song.
    pub phrase: Vec<Note>,
    /// How much later than written the phrase is played, in ticks; a player's looseness.
    pub lag: f64,
    /// Knobs set before the session starts: name, and the value as shown.
    pub settings: Vec<(String, String)>,
    /// A saved state that is loaded before the knobs are set.
    pub state: Option<Vec<u8>>,
    /// What happens on the way, in order of time.
    pub cues: Vec<Cue>,
    /// How fast it goes.
    pub pace: Pace,
    /// Whether the recording keeps the sound.
    pub keep_audio: bool,
}

impl Script {
    /// `phrase` on a rolling transport from the song's start, for `length`, at 48 kHz and
    /// 120 beats a minute in blocks of 512, offline, with thru off.
    pub fn new(phrase: Vec<Note>, metre: Metre, length: Ticks) -> Self {
        Self {
            sample_rate: 48_000.0,
            blocks: Blocks::Fixed(512),
            tempo: 120.0,
            metre,
            start: Ticks::ZERO,
            rolling: true,
            length,
            cycle: None,
            phrase,
            lag: 0.0,
            settings: vec![("Thru".into(), "Off".into())],
            state: None,
            cues: Vec::new(),
            pace: Pace::Offline,
            keep_audio: false,
        }
    }

    /// Sets a knob before the session starts.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Adds something that happens on the way.
    pub fn at(mut self, at: Ticks, action: Action) -> Self {
        self.cues.push(Cue { at, action });
        self.cues.sort_by_key(|cue| cue.at);
        self
    }

    pub fn turn(self, at: Ticks, name: &str, value: &str) -> Self {
        self.at(at, Action::Turn(name.into(), value.into()))
    }

    /// Another sample rate and other blocks.
    pub fn on(mut self, sample_rate: f64, blocks: Blocks) -> Self {
        self.sample_rate = sample_rate;
        self.blocks = blocks;
        self
    }
}
