//! What a network reads at a step: the note before, where the coming one falls, what the memory
//! brings back, and how much is left.
//!
//! Called by the continuation on the worker's thread and by the trainer; no allocation.

use super::symbols::{TIMES, VELOCITIES};
use super::{END, Event, Factor, NONE, Style, grid};
use crate::model::memory::{CLARITIES, Echo, Memory};
use crate::music::time::{Metre, TICKS_PER_BEAT, Ticks};

/// The pitch read at the first step, where there is no note before.
const START: u16 = 129;
/// The times and the velocity read where they are not known.
const NO_TIME: u16 = TIMES as u16;
const NO_VELOCITY: u16 = VELOCITIES as u16;

/// Leaps are told apart up to so many semitones; wider ones count as so wide.
const WIDEST: i16 = 24;
const NO_LEAP: u16 = 2 * WIDEST as u16 + 1;

/// The end is not known beforehand, or at least six bars of 4/4 away.
const UNKNOWN: u16 = 0;
const FAR: u16 = UNKNOWN + 1 + 48;
const EIGHTH: i64 = TICKS_PER_BEAT / 2;

const POSITIONS: usize = 192;
const BARS: usize = 16;

/// Metres with a symbol of their own; symbol 0 is any other.
const METRES: [(i64, i64); 17] = [
    (4, 4),
    (3, 4),
    (2, 4),
    (6, 8),
    (9, 8),
    (12, 8),
    (2, 2),
    (3, 8),
    (3, 2),
    (6, 4),
    (4, 8),
    (5, 4),
    (7, 8),
    (5, 8),
    (4, 2),
    (7, 4),
    (2, 8),
];

/// What the network reads at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Key of the note before, or the start.
    Pitch,
    /// Time from the onset before to this one.
    Interval,
    /// Duration of the note before.
    Duration,
    /// Velocity of the note before, where known.
    Velocity,
    /// Where in its bar the coming note falls.
    Position,
    /// Bars since the melody's first, modulo 16: where in a period of 2, 4, 8 bars one is.
    Bar,
    /// The time signature.
    Metre,
    /// The source that the music is of.
    Style,
    /// Semitones from the note before the last to the last.
    Leap,
    /// The pitch that came when the last notes stood like this before, see [`crate::model::memory`].
    RecalledPitch,
    /// The semitones to it.
    RecalledLeap,
    /// The onset interval that came then.
    RecalledInterval,
    /// How many notes stood like this.
    Clarity,
    /// How far the melody's end is, where that is known beforehand.
    Remaining,
    /// Of a sixteenth, not of a note: the symbol before, or the end for the start.
    Grid,
}

impl Feature {
    /// How many are read before a note.
    pub const COUNT: usize = 14;
    /// All that are read before a note, in the order of [`Inputs`].
    pub const ALL: [Self; Self::COUNT] = [
        Self::Pitch,
        Self::Interval,
        Self::Duration,
        Self::Velocity,
        Self::Position,
        Self::Bar,
        Self::Metre,
        Self::Style,
        Self::Leap,
        Self::RecalledPitch,
        Self::RecalledLeap,
        Self::RecalledInterval,
        Self::Clarity,
        Self::Remaining,
    ];

    /// Size of its alphabet in a network that knows `styles` styles.
    pub const fn symbols(self, styles: usize) -> usize {
        match self {
            Self::Pitch => START as usize + 1,
            Self::Interval | Self::Duration => NO_TIME as usize + 1,
            Self::Velocity => NO_VELOCITY as usize + 1,
            Self::Position => POSITIONS,
            Self::Bar => BARS,
            Self::Metre => METRES.len() + 1,
            Self::Style => styles + 1,
            Self::Leap | Self::RecalledLeap => NO_LEAP as usize + 1,
            Self::RecalledPitch => END as usize + 1,
            Self::RecalledInterval => NO_TIME as usize + 1,
            Self::Clarity => CLARITIES + 1,
            Self::Remaining => FAR as usize + 1,
            Self::Grid => grid::SYMBOLS,
        }
    }

    /// Its name in checkpoints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pitch => "pitch",
            Self::Interval => "onset_interval",
            Self::Duration => "duration",
            Self::Velocity => "velocity",
            Self::Position => "position",
            Self::Bar => "bar",
            Self::Metre => "metre",
            Self::Style => "style",
            Self::Leap => "leap",
            Self::RecalledPitch => "recalled_pitch",
            Self::RecalledLeap => "recalled_leap",
            Self::RecalledInterval => "recalled_interval",
            Self::Clarity => "clarity",
            Self::Remaining => "remaining",
            Self::Grid => "grid",
        }
    }

    /// Its place in [`Inputs`].
    pub const fn index(self) -> usize {
        match self {
            Self::Grid => 0,
            _ => self as usize,
        }
    }
}

/// A symbol for each [`Feature`].
pub type Inputs = [u16; Feature::COUNT];

fn metre_symbol(metre: Metre) -> u16 {
    let name = (i64::from(metre.numerator()), i64::from(metre.denominator()));
    METRES
        .iter()
        .position(|known| *known == name)
        .map_or(0, |i| i as u16 + 1)
}

/// Where a phrase stands: its metre, its style, the bar that it began in.
#[derive(Clone, Copy, Debug)]
pub struct PhraseContext {
    metre: Metre,
    style: Style,
    first_bar: i64,
}

impl PhraseContext {
    /// The frame of a phrase whose first note falls at `onset`.
    pub fn new(metre: Metre, style: Style, onset: Ticks) -> Self {
        Self {
            metre,
            style,
            first_bar: metre.bar_index(onset),
        }
    }

    /// The same phrase, going on in another style.
    pub fn in_style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// What the network reads before the note at `onset`: `events` have been, `memory` has listened
    /// to them, and the melody is to end at `end`, where that is known.
    pub fn inputs(
        &self,
        events: &[Event],
        memory: &Memory,
        onset: Ticks,
        end: Option<Ticks>,
    ) -> Inputs {
        let echo = memory.clearest();
        let mut inputs = [0; Feature::COUNT];
        let mut set = |feature: Feature, symbol: u16| inputs[feature.index()] = symbol;
        let last = events.last().map(|event| event.targets);
        let [pitch, interval, duration, velocity] = last.unwrap_or([START, NO_TIME, NO_TIME, NONE]);
        set(Feature::Pitch, pitch);
        set(Feature::Interval, interval);
        set(Feature::Duration, duration);
        set(Feature::Velocity, velocity.min(NO_VELOCITY));
        let position = self.metre.position(onset).get() % POSITIONS as i64;
        let bar = (self.metre.bar_index(onset) - self.first_bar).rem_euclid(BARS as i64);
        set(Feature::Position, position as u16);
        set(Feature::Bar, bar as u16);
        set(Feature::Metre, metre_symbol(self.metre));
        set(Feature::Style, self.style.symbol());
        let before = events.len().checked_sub(2).map(|i| events[i].targets[0]);
        set(
            Feature::Leap,
            before.map_or(NO_LEAP, |before| leap(before, pitch)),
        );
        let recalled = echo.and_then(Echo::pitch);
        set(Feature::RecalledPitch, recalled.unwrap_or(END));
        set(
            Feature::RecalledLeap,
            recalled.map_or(NO_LEAP, |recalled| leap(pitch, recalled)),
        );
        set(
            Feature::RecalledInterval,
            echo.map_or(NO_TIME, |echo| echo.then()[Factor::Interval.index()]),
        );
        set(Feature::Clarity, echo.map_or(0, |echo| 1 + echo.clarity()));
        set(
            Feature::Remaining,
            end.map_or(UNKNOWN, |end| remaining(end - onset)),
        );
        inputs
    }
}

/// Semitones from one pitch to another, as a symbol.
fn leap(from: u16, to: u16) -> u16 {
    (to as i16 - from as i16 + WIDEST).clamp(0, 2 * WIDEST) as u16
}

/// Time to the end as a symbol: eighths, begun ones counted, up to [`FAR`].
fn remaining(time: Ticks) -> u16 {
    let eighths = (time.get().max(0) + EIGHTH - 1) / EIGHTH;
    (eighths + i64::from(UNKNOWN) + 1).min(FAR.into()) as u16
}
