//! How a network sees a melody: one step a note, each note in four factors.
//!
//! ```text
//! step i:   reads    the note before (pitch, interval from it, its duration and velocity, leap to
//!                    it), where note i falls in the bar, how many bars have gone by, metre, style,
//!                    what came when the last notes stood like this before, how much is left
//!           predicts pitch i, then the interval to the next onset, then the duration,
//!                    then the velocity, each given the factors before it
//! ```
//!
//! A melody of n notes makes n + 1 steps: the last one predicts the end instead of a pitch. The
//! interval of the last note is its duration. The trainer turns whole melodies into steps
//! ([`steps`]); the player steps as notes come. Any thread; only [`steps`] allocates.
//!
//! Beside it stands the textbook's vocabulary ([`grid`]), for comparison: one feature, one factor,
//! each in the first place of [`Inputs`] and [`Targets`]. [`Representation`] names the two.

mod features;
pub mod grid;
mod representation;
mod symbols;

pub use features::{Feature, Inputs, PhraseContext};
pub use representation::Representation;
pub use symbols::{time_of, time_spread, time_symbol, velocity_of, velocity_symbol};

use symbols::{TIMES, VELOCITIES};

use crate::model::memory::Memory;
use crate::music::melody::Melody;
use crate::music::note::Note;
use crate::music::time::Ticks;

/// Goes up with every change of meaning; a checkpoint of another version is refused.
pub const VERSION: u32 = 2;

/// A target where there is nothing to predict.
pub const NONE: u16 = u16::MAX;

/// The pitch (or grid) symbol that ends a melody.
pub const END: u16 = 128;

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
    /// Of a sixteenth, not of a note: its symbol.
    Grid,
}

impl Factor {
    /// How many a note has.
    pub const COUNT: usize = 4;
    /// All of a note, in the order of prediction.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Pitch, Self::Interval, Self::Duration, Self::Velocity];

    /// Size of its alphabet.
    pub const fn symbols(self) -> usize {
        match self {
            Self::Pitch => END as usize + 1,
            Self::Interval | Self::Duration => TIMES,
            Self::Velocity => VELOCITIES,
            Self::Grid => grid::SYMBOLS,
        }
    }

    /// Its name in checkpoints and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pitch => "pitch",
            Self::Interval => "onset_interval",
            Self::Duration => "duration",
            Self::Velocity => "velocity",
            Self::Grid => "grid",
        }
    }

    /// Its place in the order of prediction, and in [`Targets`].
    pub const fn index(self) -> usize {
        match self {
            Self::Grid => 0,
            _ => self as usize,
        }
    }

    /// The factors that are known when this one is predicted.
    pub fn earlier(self) -> &'static [Self] {
        const ALL: &[Factor] = &Factor::ALL;
        ALL.split_at(self.index()).0
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
    /// has so many is for it to say.
    pub const fn new(symbol: u16) -> Self {
        Self(symbol)
    }

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

/// A note as symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it begins.
    pub onset: Ticks,
    /// What it is.
    pub targets: Targets,
}

/// One step of a melody: what is read, and what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the network reads.
    pub inputs: Inputs,
    /// What it should have predicted.
    pub event: Event,
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

/// A whole melody as steps, one a note and one for its end. From the note that begins at `foreseen`
/// or later, the network is told how far the end is; never, where that is `None`.
pub fn steps(melody: &Melody, style: Style, foreseen: Option<Ticks>) -> Vec<Step> {
    let (notes, metre) = (melody.notes(), melody.metre());
    let end = notes[notes.len() - 1].end();
    let frame = PhraseContext::new(metre, style, notes[0].onset);
    let mut memory = Memory::default();
    let mut events = Vec::with_capacity(notes.len());
    let mut steps = Vec::with_capacity(notes.len() + 1);
    let mut read = |events: &[Event], onset: Ticks| {
        memory.listen(events, onset, metre);
        let end = foreseen.filter(|from| onset >= *from).map(|_| end);
        frame.inputs(events, &memory, onset, end)
    };
    for (i, note) in notes.iter().enumerate() {
        let next = notes.get(i + 1).map_or(note.end(), |next| next.onset);
        let event = Event::new(*note, next - note.onset);
        let inputs = read(&events, note.onset);
        steps.push(Step { inputs, event });
        events.push(event);
    }
    let event = Event {
        onset: end,
        targets: [END, NONE, NONE, NONE],
    };
    let inputs = read(&events, end);
    steps.push(Step { inputs, event });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::{Pitch, Velocity};
    use crate::music::time::Metre;

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
            let steps = steps(&melody, Style::ANY, None);
            assert_eq!(steps.len(), 5);
            for step in steps {
                for (feature, symbol) in Feature::ALL.into_iter().zip(step.inputs) {
                    assert!(
                        usize::from(symbol) < feature.symbols(0),
                        "{feature:?} {symbol}"
                    );
                }
                for (factor, symbol) in Factor::ALL.into_iter().zip(step.event.targets) {
                    let inside = symbol == NONE || usize::from(symbol) < factor.symbols();
                    assert!(inside, "{factor:?} {symbol}");
                }
            }
        }
    }

    #[test]
    fn what_comes_later_changes_nothing_that_is_read() {
        let note = |i: i64| Note {
            onset: Ticks::new(i * 12),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(60 + i * i % 7),
            velocity: None,
        };
        let steps_of = |notes: Vec<Note>| {
            let melody = Melody::new(String::new(), None, Metre::COMMON, notes).unwrap();
            steps(&melody, Style::ANY, None)
        };
        let whole = steps_of((0..40).map(note).collect());
        for n in 1..40 {
            let part = steps_of((0..n).map(note).collect());
            for (i, (part, whole)) in part.iter().zip(&whole).enumerate() {
                assert_eq!(part.inputs, whole.inputs, "step {i} of {n}");
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
        let steps = steps(&melody, Style::ANY, None);
        assert_eq!(steps[0].inputs[Feature::Position.index()], 72);
        assert_eq!(steps[0].event.targets, [60, 23, 11, NONE]);
        assert_eq!(steps[1].inputs[..3], [60, 23, 11]);
        assert_eq!(steps[1].inputs[Feature::Bar.index()], 1);
        assert_eq!(steps[1].event.targets, [62, 11, 11, NONE]);
        assert_eq!(steps[2].event.targets, [END, NONE, NONE, NONE]);
    }
}
