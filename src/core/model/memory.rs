//! Memory: what the melody so far makes likely, because it has been there before.
//!
//! Melodies repeat themselves, often some tones higher or lower. Every earlier note is an [`Echo`]
//! of the note to come, and what came then is a candidate for it. A candidate's weight is e^(sum of
//! log weights): the tables of a checkpoint hold them by the agreement of the notes before, by the
//! age and by the lag in bars, and the network adds how far it trusts its memory at this moment. A
//! symbol with weights w1, w2, … has its logit raised by ln(1 + w1 + w2 + …), so that a clear echo
//! overrules the network, a faint one hardly moves it, and several add up.
//!
//! A predictor of variable order, in the line of PPM (Cleary and Witten 1984) and Pachet's
//! Continuator (2003), but with learnt weights in place of counted ones; the mix is that of a
//! product of experts. It learns as the music goes and keeps nothing but the notes themselves: a
//! new phrase begins with an empty memory. Called by the continuation on the worker's thread and by
//! the trainer. Allocates only when made.

mod echo;

pub use echo::{CLARITIES, Candidate, Echo};

use crate::model::kernel::{exp, ln};
use crate::model::token::{Event, Factor, Targets};
use crate::music::note::Pitch;
use crate::music::scale::PitchClasses;
use crate::music::time::{Metre, Ticks};

/// Notes further back are forgotten.
pub const REACH: usize = 512;

/// Names and sizes of the tables of log weights.
pub const TABLES: [(&str, usize); 3] = [
    ("agreement", echo::AGREEMENTS),
    ("age", echo::AGES),
    ("lag", echo::LAGS),
];

/// Rows of all tables together.
pub const TABLE_ROWS: usize = echo::AGREEMENTS + echo::AGES + echo::LAGS;

/// In an answer, more notes than this do not come again at another height.
const FIGURE: u8 = 6;

/// In an answer, a line of as many notes does not come a third time.
const LINE: u8 = 8;

/// The largest alphabet.
pub const MOST: usize = 256;

/// A weight above this counts as this: sums of many stay finite.
pub const HEAVIEST: f32 = 1e8;

/// A factor's tables: e^(log weight) for each row, to be multiplied.
#[derive(Clone, Debug)]
pub struct Weights([f32; TABLE_ROWS]);

impl Weights {
    /// From a factor's tables, end to end.
    pub fn new(tables: &[f32]) -> Self {
        assert_eq!(
            tables.len(),
            TABLE_ROWS,
            "the memory's tables have another size"
        );
        Self(std::array::from_fn(|at| exp(tables[at])))
    }
}

/// The echoes of the note to come, and room to weigh them in.
#[derive(Clone, Debug)]
pub struct Memory {
    echoes: Vec<Echo>,
    candidates: Vec<(Candidate, f32)>,
    /// For each symbol, the weights of all candidates of it.
    sums: [f32; MOST],
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            echoes: Vec::with_capacity(REACH),
            candidates: Vec::with_capacity(2 * REACH),
            sums: [0.0; MOST],
        }
    }
}

impl Memory {
    /// Finds the echoes of the note to come at `onset`, after `events`.
    pub fn listen(&mut self, events: &[Event], onset: Ticks, metre: Metre) {
        let events = &events[events.len().saturating_sub(REACH)..];
        self.echoes.clear();
        // The latest first: of equal echoes it is the clearest.
        let earlier = (1..events.len()).rev();
        self.echoes
            .extend(earlier.map(|then| Echo::new(events, then, onset, metre)));
    }

    /// Keeps an answer from going round in circles, as a memory would that hears its own quotations.
    /// What comes at another height keeps to `scale`. In melodies a figure comes back at another
    /// height, a longer line hardly ever, but an answer that has moved one does it again, by fourths
    /// through the keys; and a line comes twice, seldom a third time in so short a while, but an
    /// answer would never leave it. Of both the pitches do not come again; the rhythm may.
    pub fn restrain(&mut self, scale: PitchClasses, before: Option<Pitch>) {
        let is_line = |echo: &Echo| echo.pitches() >= LINE && echo.rhythm() >= LINE - 1;
        let overused = self.echoes.iter().filter(|echo| is_line(echo)).count() >= 2;
        for echo in &mut self.echoes {
            if echo.is_moved() && echo.pitches() > FIGURE || overused && is_line(echo) {
                echo.drop_pitch();
            } else if let Some(before) = before {
                echo.keep_to(scale, before.get().into());
            }
        }
    }

    /// The echo to which most notes agree; of several, the latest.
    pub fn clearest(&self) -> Option<&Echo> {
        let strength = |echo: &Echo| echo.pitches() + echo.rhythm();
        self.echoes
            .iter()
            .reduce(|best, echo| match strength(echo) > strength(best) {
                true => echo,
                false => best,
            })
    }

    /// Weighs what the echoes make likely for `factor`, given the earlier factors of the same note
    /// in `known`.
    pub fn weigh(&mut self, factor: Factor, known: &Targets, weights: &Weights, trust: f32) {
        self.candidates.clear();
        self.sums.fill(0.0);
        let trust = exp(trust);
        for echo in &self.echoes {
            for candidate in echo.candidates(factor, known).into_iter().flatten() {
                let [agreement, age, lag] = candidate.rows.map(|at| weights.0[usize::from(at)]);
                let weight = (agreement * age * lag * trust).min(HEAVIEST);
                self.sums[usize::from(candidate.symbol)] += weight;
                self.candidates.push((candidate, weight));
            }
        }
    }

    /// Raises the logits of what was weighed, by `share` of its weight.
    pub fn raise(&self, logits: &mut [f32], share: f32) {
        for (logit, sum) in logits.iter_mut().zip(self.sums) {
            if sum > 0.0 {
                *logit += share * ln(1.0 + sum);
            }
        }
    }

    /// All candidates that were weighed, with their weights.
    pub fn candidates(&self) -> &[(Candidate, f32)] {
        &self.candidates
    }

    /// The sum of the weights of a symbol's candidates.
    pub fn sum(&self, symbol: u16) -> f32 {
        self.sums[usize::from(symbol)]
    }
}

/// First values of the tables, end to end, before anything is learnt: the more notes agree, the
/// heavier an echo.
pub fn initial_log_weights() -> Vec<f32> {
    let mut tables = vec![0.0; TABLE_ROWS];
    for (row, value) in tables[..echo::AGREEMENTS].iter_mut().enumerate() {
        *value = echo::initial_log_weight(row);
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::Note;
    use crate::music::scale::Scale;

    /// Notes of these pitches and lengths, one after the other.
    fn events(notes: &[(i64, i64)]) -> (Vec<Event>, Ticks) {
        let mut at = Ticks::ZERO;
        let mut events = Vec::new();
        for (key, length) in notes {
            let duration = Ticks::new(*length);
            let pitch = Pitch::clamped(*key);
            let note = Note {
                onset: at,
                duration,
                pitch,
                velocity: None,
            };
            events.push(Event::new(note, duration));
            at += duration;
        }
        (events, at)
    }

    fn logits(memory: &Memory, share: f32) -> [f32; 129] {
        let mut logits = [0.0; 129];
        memory.raise(&mut logits, share);
        logits
    }

    #[test]
    fn a_figure_begun_again_is_expected_to_go_on_also_when_moved() {
        for shift in [0, 5, -7] {
            let figure = [(60, 12), (64, 6), (67, 6), (65, 24)];
            let again = figure[..3]
                .iter()
                .map(|(key, length)| (key + shift, *length));
            let (events, onset) = events(&figure.into_iter().chain(again).collect::<Vec<_>>());
            let mut memory = Memory::default();
            memory.listen(&events, onset, Metre::COMMON);
            let clearest = memory.clearest().unwrap();
            assert_eq!((clearest.pitches(), clearest.rhythm()), (3, 3));
            let coming = (65 + shift) as u16;
            assert_eq!(clearest.pitch(), Some(coming));

            memory.weigh(
                Factor::Pitch,
                &[0; 4],
                &Weights::new(&initial_log_weights()),
                0.0,
            );
            let raised = logits(&memory, 1.0);
            let best = (0..128).max_by(|a, b| raised[*a].total_cmp(&raised[*b]));
            assert_eq!(best, Some(usize::from(coming)));
            let half = logits(&memory, 0.5)[usize::from(coming)];
            assert!((half - 0.5 * raised[usize::from(coming)]).abs() < 1e-6);
            assert_eq!(logits(&memory, 0.0), [0.0; 129]);

            // The rhythm is expected to go on only where the pitch did.
            let mut raise = |pitch: u16| {
                memory.weigh(
                    Factor::Interval,
                    &[pitch, 0, 0, 0],
                    &Weights::new(&initial_log_weights()),
                    0.0,
                );
                memory.sum(23)
            };
            assert!(raise(coming) > 1.5 * raise(coming + 1));
        }
    }

    #[test]
    fn a_figure_may_move_and_a_line_may_not() {
        let line: Vec<_> = [60, 64, 67, 65, 62, 59, 72, 71, 69, 60]
            .map(|key| (key, 12))
            .into();
        for (shift, again, known) in [(0, 8, true), (5, 5, true), (5, 6, true), (5, 7, false)] {
            let again = line[..again].iter().map(|(key, n)| (key + shift, *n));
            let (events, onset) = events(&line.iter().copied().chain(again).collect::<Vec<_>>());
            let mut memory = Memory::default();
            memory.listen(&events, onset, Metre::COMMON);
            let clear = |memory: &Memory| {
                let mut echoes = memory.echoes.iter();
                echoes.any(|echo| echo.pitches() >= 5 && echo.pitch().is_some())
            };
            assert!(clear(&memory));
            memory.restrain(PitchClasses::ALL, None);
            assert_eq!(
                clear(&memory),
                known,
                "{} notes moved by {shift}",
                events.len() - 10
            );
        }
    }

    #[test]
    fn what_is_moved_keeps_to_the_scale() {
        // In C major C E G begun on D, E, F, G, B: D F, E G and so on, not D F sharp.
        let scale = Scale::Major.on(0);
        for (begin, third, free) in [(62, 65, 66), (64, 67, 68), (65, 69, 69), (71, 74, 75)] {
            let (events, onset) = events(&[(60, 12), (64, 12), (67, 12), (begin, 12)]);
            let mut memory = Memory::default();
            memory.listen(&events, onset, Metre::COMMON);
            let coming = |memory: &Memory| memory.echoes.last().unwrap().pitch();
            assert_eq!(coming(&memory), Some(free));
            let before = Some(Pitch::clamped(begin));
            memory.restrain(PitchClasses::ALL, before);
            assert_eq!(coming(&memory), Some(free), "all are of the scale");
            memory.restrain(scale, before);
            assert_eq!(coming(&memory), Some(third));
        }
        // At its own height what has been outside the scale may come again.
        let (events, onset) = events(&[(60, 12), (66, 12), (60, 12)]);
        let mut memory = Memory::default();
        memory.listen(&events, onset, Metre::COMMON);
        memory.restrain(scale, Some(Pitch::MIDDLE_C));
        assert_eq!(memory.echoes.last().unwrap().pitch(), Some(66));
    }

    #[test]
    fn a_line_may_come_twice_and_not_a_third_time() {
        let line: Vec<_> = [60, 64, 67, 65, 62, 59, 72, 71, 69, 60]
            .map(|key| (key, 12))
            .into();
        let lines = |times: usize, more: usize| {
            let notes = line.iter().cycle().take(line.len() * times + more).copied();
            let (events, onset) = events(&notes.collect::<Vec<_>>());
            let mut memory = Memory::default();
            memory.listen(&events, onset, Metre::COMMON);
            memory.restrain(PitchClasses::ALL, None);
            let mut echoes = memory.echoes.iter();
            echoes.any(|echo| echo.pitches() >= 5 && echo.pitch().is_some())
        };
        assert!(lines(1, 9), "the second time to its end");
        assert!(lines(2, 7), "the third time for a while");
        assert!(!lines(2, 8) && !lines(3, 8));
    }

    #[test]
    fn nothing_heard_nothing_offered_and_the_far_past_is_forgotten() {
        let mut memory = Memory::default();
        memory.listen(&[], Ticks::ZERO, Metre::COMMON);
        memory.weigh(
            Factor::Pitch,
            &[0; 4],
            &Weights::new(&initial_log_weights()),
            0.0,
        );
        assert!(memory.clearest().is_none() && memory.candidates().is_empty());
        assert_eq!(logits(&memory, 1.0), [0.0; 129]);

        let (room, more) = (memory.echoes.capacity(), memory.candidates.capacity());
        let tune: Vec<(i64, i64)> = (0..2000).map(|i| (40 + i * i % 47, 1 + i % 5)).collect();
        let (events, onset) = events(&tune);
        memory.listen(&events, onset, Metre::COMMON);
        memory.weigh(
            Factor::Pitch,
            &[0; 4],
            &Weights::new(&initial_log_weights()),
            0.0,
        );
        assert_eq!(memory.echoes.len(), REACH - 1);
        assert_eq!(
            (memory.echoes.capacity(), memory.candidates.capacity()),
            (room, more)
        );
    }

    #[test]
    fn huge_weights_stay_finite() {
        let (events, onset) = events(&[(60, 6); 600]);
        let mut memory = Memory::default();
        memory.listen(&events, onset, Metre::COMMON);
        memory.weigh(
            Factor::Pitch,
            &[0; 4],
            &Weights::new(&[1e30; TABLE_ROWS]),
            1e30,
        );
        assert!(logits(&memory, 1.0).iter().all(|logit| logit.is_finite()));
    }
}
