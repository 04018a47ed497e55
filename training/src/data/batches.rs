//! Tunes laid out as streams and cut into batches.
//!
//! For learning, each epoch shuffles the tunes, transposes each one and lays them end to end; the
//! line is cut into streams of one length, which are read side by side, a batch of some steps at
//! a time. A flag marks where a tune begins and the network's memory is to be forgotten. For
//! measuring, tunes stay whole and as they are. Called by the trainer.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use harmonai_core::model::config::Config;
use harmonai_core::model::vocabulary::{Event, Factor, Feature, NONE, Step, Style, Targets, steps};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::time::{Metre, Ticks};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::random::Noise;

/// An epoch of a small collection has about this many batches at the least: with few notes there
/// are fewer streams, so that the network still learns many times in an epoch.
const FEWEST_BATCHES: usize = 16;

/// One tune in this many is read without its style, so that the network can do without.
const WITHOUT_STYLE: u64 = 10;

/// In one tune of this many the network is told, from some note on, how far the end is.
const FORESEEN: u64 = 3;
/// In half of these tunes this many of the last bars are a tune of their own: as long as a phrase
/// and its answer, which are to come to an end as a whole tune does.
const BARS: Range<i64> = 3..17;

/// The next steps of all streams, in (time, row) order.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Time steps.
    pub time: usize,
    /// Streams.
    pub rows: usize,
    /// What is read: a symbol for each feature of the network's list at each (time, row).
    pub inputs: Arc<Vec<u16>>,
    /// Targets; all [`NONE`] past the end of a stream.
    pub targets: Arc<Vec<Targets>>,
    /// Whether a tune begins here.
    pub resets: Arc<Vec<bool>>,
    /// The notes before each (time, row).
    pub past: Arc<Past>,
}

/// The notes of all tunes, and which of them are the past of each (time, row).
#[derive(Clone, Debug, Default)]
pub struct Past {
    events: Arc<Vec<Event>>,
    places: Vec<(Range<usize>, Metre)>,
}

impl Past {
    /// Nothing has been before any of `steps` (times and rows).
    pub fn none(steps: usize) -> Self {
        Self {
            events: Arc::default(),
            places: vec![(0..0, Metre::COMMON); steps],
        }
    }

    /// What has been at (time, row) number `i`: the notes, the coming one's onset, the metre.
    pub fn at(&self, i: usize) -> (&[Event], Ticks, Metre) {
        let (range, metre) = &self.places[i];
        let next = self.events.get(range.end);
        let onset = next.map_or(Ticks::ZERO, |event| event.onset);
        (&self.events[range.clone()], onset, *metre)
    }
}

/// Tunes as streams of steps.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    /// What is read of each step.
    features: Vec<Feature>,
    inputs: Vec<u16>,
    /// What comes at each step.
    events: Arc<Vec<Event>>,
    /// The first step of the tune that a step is in, and the tune's metre.
    tunes: Vec<(usize, Metre)>,
    starts: Vec<bool>,
    /// Which steps each stream has.
    rows: Vec<Range<usize>>,
    sequence: usize,
}

impl Streams {
    /// Without any tunes yet.
    fn new(config: &Config, sequence: usize) -> Self {
        Self {
            features: config.features().to_vec(),
            sequence,
            ..Self::default()
        }
    }

    /// For one epoch of learning by a network of this shape, in at most `batch` streams. The same
    /// tunes give the same number of batches in every epoch.
    pub fn shuffled(
        tunes: &[Melody],
        config: &Config,
        batch: usize,
        sequence: usize,
        noise: Noise,
    ) -> Self {
        let mut streams = Self::new(config, sequence);
        let mut order: Vec<usize> = (0..tunes.len()).collect();
        order.shuffle(&mut noise.branch(0).rng());
        for index in order {
            let (tune, mut rng) = (&tunes[index], noise.branch(1).branch(index as u64).rng());
            let semitones = rng.random_range(-5..=6);
            let style = match rng.random_range(0..WITHOUT_STYLE) {
                0 => Style::ANY,
                _ => Style::find(config.styles(), tune.style()),
            };
            let moved = tune.transposed(semitones);
            let mut tune = Cow::Borrowed(moved.as_ref().unwrap_or(tune));
            let foreseen = (rng.random_range(0..FORESEEN) == 0).then(|| {
                if rng.random_bool(0.5) {
                    let bars = rng.random_range(BARS);
                    let tail = tune.tail(bars);
                    let before = tune.notes().len() - tail.notes().len();
                    streams.add(tune.metre(), &steps(&tune, style, None)[..before]);
                    tune = Cow::Owned(tail);
                }
                let notes = tune.notes();
                notes[rng.random_range(0..notes.len())].onset
            });
            streams.add(tune.metre(), &steps(&tune, style, foreseen));
        }
        let total = streams.events.len();
        let rows = (total / (sequence * FEWEST_BATCHES)).clamp(1, batch);
        let length = total.div_ceil(rows).max(1);
        streams.rows = (0..total)
            .step_by(length)
            .map(|start| start..total.min(start + length))
            .collect();
        for row in &streams.rows {
            // A stream that begins within a tune has nothing before it to remember.
            streams.starts[row.start] = true;
        }
        streams
    }

    /// For measuring: whole tunes, as they are, in at most `batch` streams.
    pub fn whole(tunes: &[Melody], config: &Config, batch: usize, sequence: usize) -> Self {
        let rows = batch.min(tunes.len());
        let steps = tunes.iter().map(|tune| {
            let style = Style::find(config.styles(), tune.style());
            (tune.metre(), steps(tune, style, None))
        });
        let mut by_length: Vec<(Metre, Vec<Step>)> = steps.collect();
        by_length.sort_by_key(|(_, steps)| Reverse(steps.len()));
        // The longest tunes first, each to the stream that is shortest so far.
        let mut shares = vec![(0, Vec::new()); rows];
        for (metre, steps) in by_length {
            if let Some(share) = shares.iter_mut().min_by_key(|share| share.0) {
                share.0 += steps.len();
                share.1.push((metre, steps));
            }
        }
        let mut streams = Self::new(config, sequence);
        for (_, tunes) in shares {
            let start = streams.events.len();
            for (metre, steps) in tunes {
                streams.add(metre, &steps);
            }
            streams.rows.push(start..streams.events.len());
        }
        streams
    }

    /// Adds a tune, or a part of one.
    fn add(&mut self, metre: Metre, steps: &[Step]) {
        if steps.is_empty() {
            return;
        }
        let start = self.events.len();
        for step in steps {
            let features = self.features.iter();
            self.inputs
                .extend(features.map(|feature| step.inputs[*feature]));
        }
        let events = steps.iter().map(|step| step.event);
        Arc::make_mut(&mut self.events).extend(events);
        self.starts.resize(self.events.len(), false);
        self.starts[start] = true;
        self.tunes.resize(self.events.len(), (start, metre));
    }

    /// All steps, tune after tune: what is read, what comes, whether a tune begins.
    pub fn steps(&self) -> impl Iterator<Item = (&[u16], &Targets, bool)> {
        let steps = self.events.iter().zip(&self.starts).enumerate();
        steps.map(|(at, (event, start))| (self.read(at), &event.targets, *start))
    }

    /// What is read at a step.
    fn read(&self, step: usize) -> &[u16] {
        let width = self.features.len();
        &self.inputs[step * width..(step + 1) * width]
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn batches(&self) -> usize {
        self.longest().div_ceil(self.sequence)
    }

    fn longest(&self) -> usize {
        let lengths = self.rows.iter().map(ExactSizeIterator::len);
        lengths.max().unwrap_or(0)
    }

    /// Batch `index`, the last one perhaps shorter.
    pub fn batch(&self, index: usize) -> Batch {
        let from = index * self.sequence;
        let times = from..self.longest().min(from + self.sequence);
        let mut batch = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for time in times.clone() {
            for row in &self.rows {
                let at = row.start + time;
                if at < row.end {
                    let (tune, metre) = self.tunes[at];
                    batch.0.extend_from_slice(self.read(at));
                    batch.1.push(self.events[at].targets);
                    batch.2.push(self.starts[at]);
                    batch.3.push((tune..at, metre));
                } else {
                    batch.0.extend(self.features.iter().map(|_| 0));
                    batch.1.push([NONE; Factor::COUNT]);
                    batch.2.push(false);
                    batch.3.push((0..0, Metre::COMMON));
                }
            }
        }
        Batch {
            time: times.len(),
            rows: self.rows.len(),
            inputs: Arc::new(batch.0),
            targets: Arc::new(batch.1),
            resets: Arc::new(batch.2),
            past: Arc::new(Past {
                events: self.events.clone(),
                places: batch.3,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::config::Cell;
    use harmonai_core::model::vocabulary::END;
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};

    use super::*;

    /// Tune `i` has `notes` notes and a pitch of its own.
    fn tune(i: u8, notes: i64) -> Melody {
        let notes = (0..notes).map(|n| Note {
            onset: Ticks::new(n * 12),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(i64::from(i)),
            velocity: None,
        });
        let style = Some("folk".to_owned());
        Melody::new(format!("tune {i}"), style, Metre::COMMON, notes.collect()).unwrap()
    }

    fn tunes() -> Vec<Melody> {
        (0..40)
            .map(|i| tune(40 + i, 3 + i64::from(i) * 7 % 50))
            .collect()
    }

    fn config(style: &[&str]) -> Config {
        let styles = style.iter().map(|style| (*style).to_owned()).collect();
        Config::new(Cell::Rnn, 1, 1, 1, styles).unwrap()
    }

    fn all(streams: &Streams) -> Vec<(Vec<u16>, Targets, bool)> {
        let mut all = Vec::new();
        for row in 0..streams.rows() {
            for batch in (0..streams.batches()).map(|index| streams.batch(index)) {
                let places = (0..batch.time).map(|time| time * batch.rows + row);
                let inputs: Vec<_> = batch.inputs.chunks(streams.features.len()).collect();
                let steps = places.map(|i| (inputs[i].to_vec(), batch.targets[i], batch.resets[i]));
                all.extend(steps.filter(|step| step.1 != [NONE; 4]));
            }
        }
        all
    }

    #[test]
    fn every_epoch_reads_every_note_once() {
        let (tunes, config) = (tunes(), config(&["folk"]));
        let steps: usize = tunes.iter().map(|tune| tune.notes().len() + 1).sum();
        let mut sizes = Vec::new();
        let mut orders = Vec::new();
        for epoch in 0..3 {
            let noise = Noise::new(1, 2).branch(epoch);
            let streams = Streams::shuffled(&tunes, &config, 6, 8, noise);
            let all = all(&streams);
            assert_eq!(all.len(), steps);
            assert_eq!(
                all.iter().filter(|step| step.1[0] == END).count(),
                tunes.len()
            );
            // Some tunes are cut in two, and each of the six streams begins somewhere.
            let starts = all.iter().filter(|step| step.2).count();
            assert!(
                (tunes.len()..=tunes.len() * 3 / 2 + 6).contains(&starts),
                "{starts}"
            );
            let mut features = config.features().iter();
            let style = features.position(|feature| *feature == Feature::Style);
            let styled = all
                .iter()
                .filter(|step| step.0[style.unwrap()] == 1)
                .count();
            assert!(
                styled > steps / 2 && styled < steps,
                "{styled} of {steps} with a style"
            );
            sizes.push((streams.rows(), streams.batches()));
            orders.push(all);
        }
        assert!(
            sizes[0].0 == 6 && sizes.iter().all(|size| *size == sizes[0]),
            "{sizes:?}"
        );
        assert!(orders[0] != orders[1] && orders[1] != orders[2]);
    }

    #[test]
    fn only_what_is_listed_is_read_and_in_its_order() {
        let features = vec![Feature::Metre, Feature::Pitch];
        let config = config(&[]).with_features(features).unwrap();
        let streams = Streams::whole(&[tune(60, 3)], &config, 1, 16);
        let read: Vec<&[u16]> = streams.steps().map(|(read, ..)| read).collect();
        let start = Feature::Pitch.unknown();
        assert_eq!(read, [[1, start], [1, 60], [1, 60], [1, 60]]);
    }

    #[test]
    fn whole_tunes_are_not_changed() {
        let tunes = tunes();
        let streams = Streams::whole(&tunes, &config(&["folk"]), 7, 16);
        assert_eq!(streams.rows(), 7);
        let mut found: Vec<Vec<u16>> = Vec::new();
        for (_, targets, start) in all(&streams) {
            if start {
                found.push(Vec::new());
            }
            found.last_mut().unwrap().push(targets[0]);
        }
        found.sort();
        let pitches = |tune: &Melody| {
            let notes = tune.notes().iter().map(|note| u16::from(note.pitch.get()));
            notes.chain([END]).collect::<Vec<_>>()
        };
        let mut expected: Vec<_> = tunes.iter().map(pitches).collect();
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn few_notes_still_make_many_batches() {
        let streams = Streams::shuffled(&tunes(), &config(&[]), 64, 8, Noise::new(1, 2));
        assert!(
            (2..64).contains(&streams.rows()),
            "{} streams",
            streams.rows()
        );
        assert!(
            streams.batches() >= FEWEST_BATCHES,
            "{} batches",
            streams.batches()
        );
        let one = Streams::shuffled(&[tune(60, 1)], &config(&[]), 64, 128, Noise::new(1, 2));
        assert_eq!((one.rows(), one.batches(), one.batch(0).time), (1, 1, 2));
    }
}
