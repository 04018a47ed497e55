//! A note as symbols: the factors that a network predicts of it, one after the other.
//!
//! The lowest file of the model: memory, features and vocabulary are built on it. Any thread; no
//! allocation.

mod symbols;

pub use symbols::{
    TIMES, VELOCITIES, time_of, time_spread, time_symbol, velocity_of, velocity_symbol,
};

use serde::{Deserialize, Serialize};

use crate::music::note::Note;
use crate::music::time::Ticks;

/// A target where there is nothing to predict.
pub const NONE: u16 = u16::MAX;

/// The pitch symbol that ends a melody.
pub const END: u16 = 128;

/// What can be predicted of a note. A network predicts those on its list, in the list's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Factor {
    /// Its key, or the melody's end.
    Pitch,
    /// Time from its onset to the next one.
    Interval,
    /// How long it sounds.
    Duration,
    /// How hard it is struck.
    Velocity,
}

impl Factor {
    pub const COUNT: usize = 4;

    /// All that this version knows, each at its index. New ones come last: a checkpoint from
    /// before there were lists predicts the first four.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Pitch, Self::Interval, Self::Duration, Self::Velocity];

    /// Its name in checkpoints and tables, and the size of its alphabet.
    const fn entry(self) -> (&'static str, usize) {
        match self {
            Self::Pitch => ("pitch", END as usize + 1),
            Self::Interval => ("onset_interval", TIMES),
            Self::Duration => ("duration", TIMES),
            Self::Velocity => ("velocity", VELOCITIES),
        }
    }

    pub const fn name(self) -> &'static str {
        self.entry().0
    }

    pub const fn symbols(self) -> usize {
        self.entry().1
    }

    /// Its place in [`Targets`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A factor of another version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it predicts a factor named \"{0}\" that this version does not know")]
pub struct UnknownFactor(String);

impl TryFrom<String> for Factor {
    type Error = UnknownFactor;

    fn try_from(name: String) -> Result<Self, UnknownFactor> {
        let found = Self::ALL.into_iter().find(|factor| factor.name() == name);
        found.ok_or(UnknownFactor(name))
    }
}

impl From<Factor> for String {
    fn from(factor: Factor) -> Self {
        factor.name().into()
    }
}

/// A symbol for each [`Factor`], or [`NONE`].
pub type Targets = [u16; Factor::COUNT];

/// The source a network is told to play in the manner of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style(u16);

impl Style {
    /// No source in particular.
    pub const ANY: Self = Self(0);

    /// A network's style number `symbol`, counted from 1; 0 is [`Style::ANY`]. Whether the network
    /// has as many is for it to say.
    pub const fn new(symbol: u16) -> Self {
        Self(symbol)
    }

    /// The style of that name among `styles`, or [`Style::ANY`] where it is not there.
    pub fn find(styles: &[String], name: Option<&str>) -> Self {
        let found = styles.iter().position(|style| Some(style.as_str()) == name);
        Self(found.map_or(0, |i| i as u16 + 1))
    }

    pub const fn symbol(self) -> u16 {
        self.0
    }
}

/// A note as symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub onset: Ticks,
    pub targets: Targets,
}

impl Event {
    /// A note, the next one following after `interval`.
    pub fn new(note: Note, interval: Ticks) -> Self {
        let targets = [
            note.pitch.get().into(),
            time_symbol(interval),
            time_symbol(note.duration),
            note.velocity.map_or(NONE, velocity_symbol),
        ];
        Self {
            onset: note.onset,
            targets,
        }
    }
}
