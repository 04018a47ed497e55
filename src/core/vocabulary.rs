//! How a network sees a melody: one step a note, each note in four factors.
//!
//! ```text
//! step i:   reads    the note before (pitch, interval from it, its duration and velocity),
//!                    where note i falls in the bar, how many bars have gone by, metre, style
//!           predicts pitch i, then the interval to the next onset, then the duration,
//!                    then the velocity, each given the factors before it
//! ```
//!
//! A melody of n notes makes n + 1 steps: the last one predicts the end instead of a pitch. The
//! interval of the last note is its duration. The trainer turns whole melodies into steps
//! ([`steps`]); the player steps as notes come. Any thread; only [`steps`] allocates.

mod symbols;

pub use symbols::{time_of, time_spread, time_symbol, velocity_of, velocity_symbol};

use symbols::{TIMES, VELOCITIES};

use crate::melody::Melody;
use crate::note::Note;
use crate::time::{Metre, Ticks};

/// Goes up with every change of meaning; a checkpoint of another version is refused.
pub const VERSION: u32 = 1;

/// A target where there is nothing to predict.
pub const NONE: u16 = u16::MAX;

/// The pitch symbol that ends a melody.
pub const END: u16 = 128;

/// The pitch read at the first step, where there is no note before.
const START: u16 = 129;
/// The times and the velocity read where they are not known.
const NO_TIME: u16 = TIMES as u16;
const NO_VELOCITY: u16 = VELOCITIES as u16;

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

/// What is predicted of a note, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// How many there are.
    pub const COUNT: usize = 4;
    /// All, in the order of prediction.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Pitch, Self::Interval, Self::Duration, Self::Velocity];

    /// Size of its alphabet.
    pub const fn symbols(self) -> usize {
        match self {
            Self::Pitch => END as usize + 1,
            Self::Interval | Self::Duration => TIMES,
            Self::Velocity => VELOCITIES,
        }
    }

    /// Its name in checkpoints and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pitch => "pitch",
            Self::Interval => "onset_interval",
            Self::Duration => "duration",
            Self::Velocity => "velocity",
        }
    }

    /// Its place in the order of prediction, and in [`Targets`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The factors that are known when this one is predicted.
    pub fn earlier(self) -> &'static [Self] {
        const ALL: &[Factor] = &Factor::ALL;
        ALL.split_at(self.index()).0
    }
}

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
}

impl Feature {
    /// How many there are.
    pub const COUNT: usize = 8;
    /// All, in the order of [`Inputs`].
    pub const ALL: [Self; Self::COUNT] = [
        Self::Pitch,
        Self::Interval,
        Self::Duration,
        Self::Velocity,
        Self::Position,
        Self::Bar,
        Self::Metre,
        Self::Style,
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
        }
    }

    /// Its place in [`Inputs`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A symbol for each [`Feature`].
pub type Inputs = [u16; Feature::COUNT];

/// A symbol for each [`Factor`], or [`NONE`].
pub type Targets = [u16; Factor::COUNT];

/// The source a network is told to play in the manner of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style(u16);

impl Style {
    /// No source in particular.
    pub const ANY: Self = Self(0);

    /// The style of that name among `styles`, or [`Style::ANY`] where it is not there.
    pub fn find(styles: &[String], name: Option<&str>) -> Self {
        let found = styles.iter().position(|style| Some(style.as_str()) == name);
        Self(found.map_or(0, |i| i as u16 + 1))
    }

    /// Its symbol.
    pub const fn symbol(self) -> u16 {
        self.0
    }
}

/// One step of a melody: what is read, and what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the network reads.
    pub inputs: Inputs,
    /// What it should have predicted.
    pub targets: Targets,
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
pub struct Frame {
    metre: Metre,
    style: Style,
    first_bar: i64,
}

impl Frame {
    /// The frame of a phrase whose first note falls at `onset`.
    pub fn new(metre: Metre, style: Style, onset: Ticks) -> Self {
        Self {
            metre,
            style,
            first_bar: metre.bar_index(onset),
        }
    }

    /// What the network reads before the first note, at `onset`.
    pub fn first(&self, onset: Ticks) -> Inputs {
        self.inputs([START, NO_TIME, NO_TIME, NO_VELOCITY], onset)
    }

    /// What the network reads before the note at `onset`, after `before` has been played.
    pub fn next(&self, before: Note, onset: Ticks) -> Inputs {
        let velocity = before.velocity.map_or(NO_VELOCITY, velocity_symbol);
        let interval = time_symbol(onset - before.onset);
        let duration = time_symbol(before.duration);
        self.inputs(
            [before.pitch.get().into(), interval, duration, velocity],
            onset,
        )
    }

    fn inputs(&self, before: [u16; 4], onset: Ticks) -> Inputs {
        let [pitch, interval, duration, velocity] = before;
        let position = self.metre.position(onset).get() % POSITIONS as i64;
        let bar = (self.metre.bar_index(onset) - self.first_bar).rem_euclid(BARS as i64);
        [
            pitch,
            interval,
            duration,
            velocity,
            position as u16,
            bar as u16,
            metre_symbol(self.metre),
            self.style.symbol(),
        ]
    }
}

/// A whole melody as steps, one a note and one for its end.
pub fn steps(melody: &Melody, style: Style) -> Vec<Step> {
    let notes = melody.notes();
    let frame = Frame::new(melody.metre(), style, notes[0].onset);
    let mut steps = Vec::with_capacity(notes.len() + 1);
    let mut inputs = frame.first(notes[0].onset);
    for (i, note) in notes.iter().enumerate() {
        let next = notes.get(i + 1).map_or(note.end(), |next| next.onset);
        let targets = [
            note.pitch.get().into(),
            time_symbol(next - note.onset),
            time_symbol(note.duration),
            note.velocity.map_or(NONE, velocity_symbol),
        ];
        steps.push(Step { inputs, targets });
        inputs = frame.next(*note, next);
    }
    steps.push(Step {
        inputs,
        targets: [END, NONE, NONE, NONE],
    });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{Pitch, Velocity};

    #[test]
    fn every_symbol_is_inside_its_alphabet() {
        let note = |onset: i64, duration: i64| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(127),
            velocity: Some(Velocity::clamped(127)),
        };
        let notes = vec![note(-500, 1), note(0, 9000), note(3, 1), note(100_000, 7)];
        for metre in ["4/4", "15/8", "64/1", "1/32"] {
            let metre = Metre::parse(metre).unwrap();
            let melody = Melody::new(String::new(), None, metre, notes.clone()).unwrap();
            let steps = steps(&melody, Style::ANY);
            assert_eq!(steps.len(), 5);
            for step in steps {
                for (feature, symbol) in Feature::ALL.into_iter().zip(step.inputs) {
                    assert!(
                        usize::from(symbol) < feature.symbols(0),
                        "{feature:?} {symbol}"
                    );
                }
                for (factor, symbol) in Factor::ALL.into_iter().zip(step.targets) {
                    let inside = symbol == NONE || usize::from(symbol) < factor.symbols();
                    assert!(inside, "{factor:?} {symbol}");
                }
            }
        }
    }

    #[test]
    fn the_last_interval_is_the_duration_and_the_end_follows() {
        let note = |onset: i64, key: i64| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(key),
            velocity: None,
        };
        let notes = vec![note(72, 60), note(96, 62)];
        let melody = Melody::new(String::new(), None, Metre::COMMON, notes).unwrap();
        let steps = steps(&melody, Style::ANY);
        assert_eq!(steps[0].inputs[Feature::Position.index()], 72);
        assert_eq!(steps[0].targets, [60, 23, 11, NONE]);
        assert_eq!(steps[1].inputs[..3], [60, 23, 11]);
        assert_eq!(steps[1].inputs[Feature::Bar.index()], 1);
        assert_eq!(steps[1].targets, [62, 11, 11, NONE]);
        assert_eq!(steps[2].targets, [END, NONE, NONE, NONE]);
    }
}
