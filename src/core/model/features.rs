//! What a network reads at a step: the note before, where the coming one falls, what the memory
//! brings back, and how much is left.
//!
//! Called by the continuation on the worker's thread and by the trainer; no allocation.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

use super::memory::{CLARITIES, Memory};
use super::token::{END, Event, Factor, NONE, Style, TIMES, VELOCITIES};
use crate::music::time::{Metre, TICKS_PER_BEAT, Ticks};

/// The pitch read at the first step, where there is no note before.
const START: u16 = 129;
/// The times and the velocity read where they are not known.
const NO_TIME: u16 = TIMES as u16;
const NO_VELOCITY: u16 = VELOCITIES as u16;

/// Leaps of more semitones than this count as this.
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

macro_rules! features {
    ($($(#[$doc:meta])* $feature:ident: $name:literal, $symbols:expr, unknown $unknown:expr;)*) => {
        /// What can be read at a step. A network reads those on its list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Feature { $($(#[$doc])* $feature,)* }

        impl Feature {
            /// All that this version knows, each at its index.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$feature),*];

            const fn entry(self) -> (&'static str, usize, u16) {
                match self {
                    $(Self::$feature => ($name, $symbols, $unknown),)*
                }
            }
        }
    };
}

// Name, size of the alphabet, and what is read where the value is not known. New ones come last: a
// checkpoint from before there were lists reads the first fourteen.
features! {
    /// Key of the note before, or the start.
    Pitch: "pitch", START as usize + 1, unknown START;
    /// Time from the onset before to this one.
    Interval: "onset_interval", NO_TIME as usize + 1, unknown NO_TIME;
    /// Duration of the note before.
    Duration: "duration", NO_TIME as usize + 1, unknown NO_TIME;
    /// Velocity of the note before.
    Velocity: "velocity", NO_VELOCITY as usize + 1, unknown NO_VELOCITY;
    /// Where in its bar the coming note falls.
    Position: "position", POSITIONS, unknown 0;
    /// Bars since the melody's first, modulo 16: where in a period of 2, 4, 8 bars one is.
    Bar: "bar", BARS, unknown 0;
    /// The time signature.
    Metre: "metre", METRES.len() + 1, unknown 0;
    /// The source that the music is of; its alphabet has a symbol more for each style.
    Style: "style", 1, unknown Style::ANY.symbol();
    /// Semitones from the note before the last to the last.
    Leap: "leap", NO_LEAP as usize + 1, unknown NO_LEAP;
    /// The pitch that came when the last notes stood like this before, see
    /// [`crate::model::memory`].
    RecalledPitch: "recalled_pitch", END as usize + 1, unknown END;
    /// The semitones to it.
    RecalledLeap: "recalled_leap", NO_LEAP as usize + 1, unknown NO_LEAP;
    /// The onset interval that came then.
    RecalledInterval: "recalled_interval", NO_TIME as usize + 1, unknown NO_TIME;
    /// How many notes stood like this.
    Clarity: "clarity", CLARITIES + 1, unknown 0;
    /// How far the melody's end is.
    Remaining: "remaining", FAR as usize + 1, unknown UNKNOWN;
}

impl Feature {
    pub const fn name(self) -> &'static str {
        self.entry().0
    }

    /// Size of its alphabet in a network that knows `styles` styles.
    pub fn symbols(self, styles: usize) -> usize {
        let styles = if self == Self::Style { styles } else { 0 };
        self.entry().1 + styles
    }

    /// What is read where its value is not known.
    pub const fn unknown(self) -> u16 {
        self.entry().2
    }
}

/// A feature of another version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it reads a feature named \"{0}\" that this version does not know")]
pub struct UnknownFeature(String);

impl TryFrom<String> for Feature {
    type Error = UnknownFeature;

    fn try_from(name: String) -> Result<Self, UnknownFeature> {
        let found = Self::ALL.into_iter().find(|feature| feature.name() == name);
        found.ok_or(UnknownFeature(name))
    }
}

impl From<Feature> for String {
    fn from(feature: Feature) -> Self {
        feature.name().into()
    }
}

/// A symbol for each [`Feature`]; at first none of them is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs([u16; Feature::ALL.len()]);

impl Default for Inputs {
    fn default() -> Self {
        Self(Feature::ALL.map(Feature::unknown))
    }
}

impl Index<Feature> for Inputs {
    type Output = u16;

    fn index(&self, feature: Feature) -> &u16 {
        &self.0[feature as usize]
    }
}

impl IndexMut<Feature> for Inputs {
    fn index_mut(&mut self, feature: Feature) -> &mut u16 {
        &mut self.0[feature as usize]
    }
}

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
    /// Of a phrase whose first note falls at `onset`.
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

    /// What is known before the note at `onset`: `events` have been, `memory` has listened to them,
    /// and the melody is to end at `end`, where that is known.
    pub fn inputs(
        &self,
        events: &[Event],
        memory: &Memory,
        onset: Ticks,
        end: Option<Ticks>,
    ) -> Inputs {
        let mut inputs = Inputs::default();
        inputs[Feature::Position] = (self.metre.position(onset).get() % POSITIONS as i64) as u16;
        let bar = self.metre.bar_index(onset) - self.first_bar;
        inputs[Feature::Bar] = bar.rem_euclid(BARS as i64) as u16;
        inputs[Feature::Metre] = metre_symbol(self.metre);
        inputs[Feature::Style] = self.style.symbol();
        if let Some(end) = end {
            inputs[Feature::Remaining] = remaining(end - onset);
        }
        let Some(last) = events.last().map(|event| event.targets) else {
            return inputs;
        };
        let pitch = last[Factor::Pitch.index()];
        inputs[Feature::Pitch] = pitch;
        inputs[Feature::Interval] = last[Factor::Interval.index()];
        inputs[Feature::Duration] = last[Factor::Duration.index()];
        if last[Factor::Velocity.index()] != NONE {
            inputs[Feature::Velocity] = last[Factor::Velocity.index()];
        }
        if let [.., before, _] = events {
            inputs[Feature::Leap] = leap(before.targets[Factor::Pitch.index()], pitch);
        }
        if let Some(echo) = memory.clearest() {
            if let Some(recalled) = echo.pitch() {
                inputs[Feature::RecalledPitch] = recalled;
                inputs[Feature::RecalledLeap] = leap(pitch, recalled);
            }
            inputs[Feature::RecalledInterval] = echo.then()[Factor::Interval.index()];
            inputs[Feature::Clarity] = 1 + echo.clarity();
        }
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
