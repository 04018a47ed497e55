//! How a network sees a melody: one step a note, each note in factors.
//!
//! ```text
//! step i:   reads    features: the note before, where note i falls in the bar, what came when
//!                    the last notes stood like this before, how much is left (see `features`)
//!           predicts factors: pitch i, then the interval to the next onset, then the duration,
//!                    then the velocity, each given the factors before it (see `token`)
//! ```
//!
//! Which of them, and in what order, is for the network's configuration to say. A melody of n notes
//! makes n + 1 steps: the last one predicts the end instead of a pitch. The interval of the last
//! note is its duration. The trainer turns whole melodies into steps ([`steps`]); the player steps
//! as notes come. Any thread; only [`steps`] allocates.

pub use super::features::{Feature, Inputs, PhraseContext};
pub use super::token::{
    END, Event, Factor, NONE, Style, Targets, time_of, time_spread, time_symbol, velocity_of,
    velocity_symbol,
};

use super::memory::Memory;
use crate::music::melody::Melody;
use crate::music::time::Ticks;

/// One step of a melody: what is read, and what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the network reads.
    pub inputs: Inputs,
    /// What it should have predicted.
    pub event: Event,
}

/// A whole melody as steps, one a note and one for its end. From the note that begins at `foreseen`
/// or later, the network is told how far the end is; never, where that is `None`.
pub fn steps(melody: &Melody, style: Style, foreseen: Option<Ticks>) -> Vec<Step> {
    let (notes, metre) = (melody.notes(), melody.metre());
    let end = notes[notes.len() - 1].end();
    let context = PhraseContext::new(metre, style, notes[0].onset);
    let mut memory = Memory::default();
    let mut events = Vec::with_capacity(notes.len());
    let mut steps = Vec::with_capacity(notes.len() + 1);
    let mut read = |events: &[Event], onset: Ticks| {
        memory.listen(events, onset, metre);
        let end = foreseen.filter(|from| onset >= *from).map(|_| end);
        context.inputs(events, &memory, onset, end)
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
    use crate::music::note::{Note, Pitch, Velocity};
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
                for feature in Feature::ALL {
                    let symbol = step.inputs[feature];
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
        assert_eq!(steps[0].inputs[Feature::Position], 72);
        assert_eq!(steps[0].event.targets, [60, 23, 11, NONE]);
        let read = [Feature::Pitch, Feature::Interval, Feature::Duration];
        assert_eq!(read.map(|feature| steps[1].inputs[feature]), [60, 23, 11]);
        assert_eq!(steps[1].inputs[Feature::Bar], 1);
        assert_eq!(steps[1].event.targets, [62, 11, 11, NONE]);
        assert_eq!(steps[2].event.targets, [END, NONE, NONE, NONE]);
    }
}
