//! Tunes laid out as streams and cut into batches.
//!
//! For learning, each pass shuffles the tunes, transposes each one and lays them end to end; the
//! line is cut into streams of one length, which are read side by side, a batch of some steps at
//! a time. A flag marks where a tune begins and the network's memory is to be forgotten. For
//! measuring, tunes stay whole and as they are. Called by the trainer.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use harmonai_core::model::config::Config;
use harmonai_core::model::vocabulary::{
    Event, Factor, Feature, Inputs, NONE, Representation, Step, Style, Targets,
};
use harmonai_core::music::melody::Melody;
use harmonai_core::music::time::{Metre, Ticks};

use crate::nn::noise::Noise;

/// A pass over a small collection has about this many batches at the least: with few notes there
/// are fewer streams, so that the network still learns many times in a pass.
const FEWEST_BATCHES: usize = 16;

/// One tune in this many is read without its style, so that the network can do without.
const WITHOUT_STYLE: u64 = 10;

/// In one tune of so many the network is told, from some note on, how far the end is.
const FORESEEN: u64 = 3;
/// In half of these tunes so many of the last bars are a tune of their own: as long as a phrase and
/// its answer, which are to come to an end as a whole tune does.
const FEWEST_BARS: i64 = 3;
const MORE_BARS: u64 = 14;

/// The next steps of all streams, in (time, row) order.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Time steps.
    pub time: usize,
    /// Streams.
    pub rows: usize,
    /// What is read.
    pub inputs: Arc<Vec<Inputs>>,
    /// What comes; all [`NONE`] where a stream has ended.
    pub targets: Arc<Vec<Targets>>,
    /// Whether a tune begins here.
    pub resets: Arc<Vec<bool>>,
    /// What was before.
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
        let onset = self
            .events
            .get(range.end)
            .map_or(Ticks::ZERO, |event| event.onset);
        (&self.events[range.clone()], onset, *metre)
    }
}

/// Tunes as streams of steps.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    inputs: Vec<Inputs>,
    events: Arc<Vec<Event>>,
    /// The first step of the tune that a step is in, and the tune's metre.
    tunes: Vec<(usize, Metre)>,
    starts: Vec<bool>,
    /// Where each stream lies in `steps`.
    rows: Vec<Range<usize>>,
    sequence: usize,
}

impl Streams {
    /// For one pass of learning by a network of this shape, in at most `batch` streams. The same
    /// tunes give the same number of batches in every pass.
    pub fn shuffled(
        tunes: &[Melody],
        config: &Config,
        batch: usize,
        sequence: usize,
        noise: Noise,
    ) -> Self {
        let mut streams = Self {
            sequence,
            ..Self::default()
        };
        let representation = config.representation();
        let steps = |tune: &Melody, style, foreseen| representation.steps(tune, style, foreseen);
        // Only a network that reads how far the end is can be told.
        let foreseeable = representation == Representation::Notes;
        let (keys, manners, ends) = (noise.branch(1), noise.branch(2), noise.branch(3));
        for tune in noise.branch(0).order(tunes.len()) {
            let (index, tune) = (tune as u64, &tunes[tune]);
            let semitones = keys.below(index, 12) as i8 - 5;
            let style = match manners.below(index, WITHOUT_STYLE) {
                0 => Style::ANY,
                _ => Style::find(config.styles(), tune.style()),
            };
            let moved = tune.transposed(semitones);
            let mut tune = Cow::Borrowed(moved.as_ref().unwrap_or(tune));
            let foreseen = (foreseeable && ends.below(index, FORESEEN) == 0).then(|| {
                if ends.branch(1).below(index, 2) == 0 {
                    let bars = FEWEST_BARS + ends.branch(2).below(index, MORE_BARS) as i64;
                    let tail = tune.tail(bars);
                    let before = tune.notes().len() - tail.notes().len();
                    streams.add(tune.metre(), &steps(&tune, style, None)[..before]);
                    tune = Cow::Owned(tail);
                }
                let notes = tune.notes();
                notes[ends.branch(3).below(index, notes.len() as u64) as usize].onset
            });
            streams.add(tune.metre(), &steps(&tune, style, foreseen));
        }
        let total = streams.inputs.len();
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
            let steps = config.representation().steps(tune, style, None);
            (tune.metre(), steps)
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
        let mut streams = Self {
            sequence,
            ..Self::default()
        };
        for (_, tunes) in shares {
            let start = streams.inputs.len();
            for (metre, steps) in tunes {
                streams.add(metre, &steps);
            }
            streams.rows.push(start..streams.inputs.len());
        }
        streams
    }

    /// Adds a tune, or a part of one.
    fn add(&mut self, metre: Metre, steps: &[Step]) {
        if steps.is_empty() {
            return;
        }
        let start = self.inputs.len();
        self.inputs.extend(steps.iter().map(|step| step.inputs));
        let events = steps.iter().map(|step| step.event);
        Arc::make_mut(&mut self.events).extend(events);
        self.starts.resize(self.inputs.len(), false);
        self.starts[start] = true;
        self.tunes.resize(self.inputs.len(), (start, metre));
    }

    /// All steps, tune after tune: what is read, what comes, whether a tune begins.
    pub fn steps(&self) -> impl Iterator<Item = (&Inputs, &Targets, bool)> {
        let targets = self.events.iter().map(|event| &event.targets);
        let steps = self.inputs.iter().zip(targets).zip(&self.starts);
        steps.map(|((inputs, targets), start)| (inputs, targets, *start))
    }

    /// How many streams there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many batches they make.
    pub fn batches(&self) -> usize {
        self.longest().div_ceil(self.sequence)
    }

    fn longest(&self) -> usize {
        self.rows
            .iter()
            .map(ExactSizeIterator::len)
            .max()
            .unwrap_or(0)
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
                    batch.0.push(self.inputs[at]);
                    batch.1.push(self.events[at].targets);
                    batch.2.push(self.starts[at]);
                    batch.3.push((tune..at, metre));
                } else {
                    batch.0.push([0; Feature::COUNT]);
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

    fn all(streams: &Streams) -> Vec<(Inputs, Targets, bool)> {
        let mut all = Vec::new();
        for row in 0..streams.rows() {
            for batch in (0..streams.batches()).map(|index| streams.batch(index)) {
                let places = (0..batch.time).map(|time| time * batch.rows + row);
                let steps = places.map(|i| (batch.inputs[i], batch.targets[i], batch.resets[i]));
                all.extend(steps.filter(|step| step.1 != [NONE; 4]));
            }
        }
        all
    }

    #[test]
    fn every_pass_reads_every_note_once() {
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
            let styled = all
                .iter()
                .filter(|step| step.0[Feature::Style.index()] == 1)
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

    #[test]
    fn on_the_grid_every_pass_reads_every_sixteenth_once() {
        let (tunes, grid) = (tunes(), config(&[]).speaking(Representation::Grid));
        let quavers: usize = tunes.iter().map(|tune| tune.notes().len()).sum();
        let whole = Streams::whole(&tunes, &grid, 7, 16);
        let shuffled = Streams::shuffled(&tunes, &grid, 6, 8, Noise::new(1, 2));
        for streams in [whole, shuffled] {
            let all = all(&streams);
            assert_eq!(all.len(), 2 * quavers + tunes.len());
            let begun = all.iter().filter(|step| step.1[0] < END).count();
            assert_eq!(begun, quavers);
            assert!(
                all.iter()
                    .all(|step| step.0[1..].iter().all(|symbol| *symbol == 0))
            );
        }
    }
}
