//! What a model plays beside what was written: melodies with two endings, compared.
//!
//! Bits per note say how well a model predicts; these say what comes of it when the model plays on
//! by itself and its own notes are all it hears. Every figure has a 95 % confidence interval, to
//! which all answers to one melody count as one observation. [`compare`] is called by the `eval`
//! command. Main thread.

mod breath;
pub mod copied;
pub mod excerpt;
pub mod histogram;
pub mod measures;
pub mod ratio;
mod repetition;

use std::collections::BTreeMap;

use harmonai_core::music::key::Key;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use serde::Serialize;

use copied::Index;
use excerpt::Excerpt;
use histogram::{Histogram, Kind};
use measures::{ENDINGS, MEASURES, Measure, Sequel};
use ratio::{Ratio, estimate};

/// An excerpt, and what the model played in place of its second part.
#[derive(Clone, Debug)]
pub struct Answered {
    pub excerpt: Excerpt,
    /// The notes of each of the model's answers, at least one, all in the excerpt's span.
    pub answers: Vec<Vec<Note>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Statistics {
    #[serde(flatten)]
    pub all: Sides,
    pub by_source: BTreeMap<String, Sides>,
    /// What notes are chosen, and in what rhythm.
    pub histograms: Histograms,
    /// Of the phrases with a written key signature, how many are heard in a key that has it.
    pub key_signature: Option<Figure>,
}

/// What the model played, and what was written.
#[derive(Clone, Debug, Serialize)]
pub struct Sides {
    pub generated: Side,
    pub held_out: Side,
}

#[derive(Clone, Debug, Serialize)]
pub struct Histograms {
    /// Semitones above the tonic of the phrase's key.
    pub pitch_class: Histogram,
    /// Semitones to each note from the one before, the phrase's last one included.
    pub melodic_interval: Histogram,
    /// 24ths of a quarter note from each onset to the next.
    pub onset_interval: Histogram,
}

/// The figures of one side, the phrases' notes not counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    pub notes: usize,
    #[serde(flatten)]
    pub figures: Figures,
    /// The longest run that stands in the training music; nothing where there is no such music.
    pub copied: Option<Copied>,
    pub endings: Endings,
}

/// By the keys of [`measures`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    #[serde(flatten)]
    values: BTreeMap<&'static str, f64>,
    /// Half the width of each one's confidence interval.
    interval_95: BTreeMap<&'static str, f64>,
}

/// A value and half the width of its 95 % confidence interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    pub value: f64,
    pub interval_95: f64,
}

/// Runs that stand note for note in the training music, in whatever key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Copied {
    /// Notes of the longest one of a melody, mean of the melodies.
    pub mean_notes: f64,
    /// Notes of the longest one of all.
    pub max_notes: usize,
}

/// Last notes, where the written melody comes to its own end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Endings {
    /// Melodies, or answers to them.
    pub melodies: usize,
    #[serde(flatten)]
    pub figures: Figures,
}

impl Figures {
    /// Of the sequels of each melody.
    fn of(measures: &[Measure], melodies: &[Vec<Sequel>]) -> Self {
        let mut figures = Self::default();
        for measure in measures {
            let melodies = melodies.iter();
            let sums = melodies.map(|sequels| sequels.iter().map(measure.of).sum());
            let (value, interval) = estimate(&sums.collect::<Vec<Ratio>>());
            figures.values.insert(measure.key, value);
            figures.interval_95.insert(measure.key, interval);
        }
        figures
    }

    pub fn get(&self, measure: &Measure) -> Figure {
        let of = |map: &BTreeMap<&str, f64>| map.get(measure.key).copied().unwrap_or(0.0);
        Figure {
            value: of(&self.values),
            interval_95: of(&self.interval_95),
        }
    }
}

impl Side {
    fn new(melodies: &[Vec<Sequel>], training: Option<&Index>) -> Self {
        let sequels = || melodies.iter().flatten();
        Self {
            notes: sequels().map(|sequel| sequel.notes.len()).sum(),
            figures: Figures::of(&MEASURES, melodies),
            copied: training.map(|index| copied(sequels(), index)),
            endings: Endings {
                melodies: sequels().filter(|sequel| sequel.last().is_some()).count(),
                figures: Figures::of(&ENDINGS, melodies),
            },
        }
    }
}

impl Sides {
    fn new<'a>(
        answered: impl Iterator<Item = &'a Answered> + Clone,
        training: Option<&Index>,
    ) -> Self {
        let generated = answered.clone().map(|one| {
            let answers = one.answers.iter();
            answers
                .map(|notes| Sequel::new(&one.excerpt, notes))
                .collect()
        });
        let held_out = answered.map(|one| vec![Sequel::new(&one.excerpt, &one.excerpt.held_out)]);
        Self {
            generated: Side::new(&generated.collect::<Vec<_>>(), training),
            held_out: Side::new(&held_out.collect::<Vec<_>>(), training),
        }
    }
}

/// What the model played beside what was written. `training` is the music that it learnt from.
pub fn compare(answered: &[Answered], training: Option<&Index>) -> Statistics {
    let mut sources: BTreeMap<&str, Vec<&Answered>> = BTreeMap::new();
    for one in answered {
        sources.entry(&one.excerpt.source).or_default().push(one);
    }
    let sides = |(name, of): (&&str, &Vec<&Answered>)| {
        let sides = Sides::new(of.iter().copied(), training);
        ((*name).to_owned(), sides)
    };
    let count = |kind: Kind| {
        let counts = |bins: &mut dyn Iterator<Item = Vec<usize>>| {
            let mut counts = vec![0; kind.labels().len()];
            bins.flatten().for_each(|bin| counts[bin] += 1);
            counts
        };
        let of = |one: &Answered, notes: &[Note]| bins(kind, &one.excerpt, notes);
        let all = || answered.iter();
        let held_out = counts(&mut all().map(|one| of(one, &one.excerpt.held_out)));
        let answers = all().flat_map(|one| one.answers.iter().map(move |notes| (one, notes)));
        let generated = counts(&mut answers.map(|(one, notes)| of(one, notes)));
        Histogram::new(kind, &held_out, &generated)
    };
    Statistics {
        all: Sides::new(answered.iter(), training),
        by_source: sources.iter().map(sides).collect(),
        histograms: Histograms {
            pitch_class: count(Kind::PitchClass),
            melodic_interval: count(Kind::MelodicInterval),
            onset_interval: count(Kind::OnsetInterval),
        },
        key_signature: key_signature(answered),
    }
}

fn key_signature(answered: &[Answered]) -> Option<Figure> {
    let right = |one: &Answered| {
        let written = one.excerpt.signature?;
        let heard = one.excerpt.key.map(Key::signature);
        // Six flats are six sharps.
        let right = heard.is_some_and(|heard| (heard - written) % 12 == 0);
        Some(Ratio::count(right.into(), 1))
    };
    let phrases: Vec<Ratio> = answered.iter().filter_map(right).collect();
    let (value, interval_95) = estimate(&phrases);
    (!phrases.is_empty()).then_some(Figure { value, interval_95 })
}

/// The bins that a melody's second part falls into.
fn bins(kind: Kind, excerpt: &Excerpt, notes: &[Note]) -> Vec<usize> {
    let steps = notes.windows(2).map(|pair| step(pair[0], pair[1]));
    match kind {
        Kind::PitchClass => {
            let degrees = |key: Key| notes.iter().map(move |note| key.degree(note.pitch).into());
            excerpt.key.into_iter().flat_map(degrees).collect()
        }
        Kind::MelodicInterval => {
            let first = excerpt.phrase.last().zip(notes.first());
            let first = first.map(|(last, first)| step(*last, *first));
            let steps = first.into_iter().chain(steps);
            steps.map(|(semitones, _)| Kind::leap(semitones)).collect()
        }
        Kind::OnsetInterval => steps.map(|(_, ticks)| Kind::interval(ticks)).collect(),
    }
}

fn copied<'a>(sequels: impl Iterator<Item = &'a Sequel<'a>>, index: &Index) -> Copied {
    let longest: Vec<usize> = sequels
        .map(|sequel| index.longest_copy(sequel.notes))
        .collect();
    Copied {
        mean_notes: Ratio::count(longest.iter().sum(), longest.len()).value(),
        max_notes: longest.iter().copied().max().unwrap_or(0),
    }
}

/// Semitones and time from one note to the next.
fn step(one: Note, next: Note) -> (i64, Ticks) {
    let key = |pitch: Pitch| i64::from(pitch.get());
    (key(next.pitch) - key(one.pitch), next.onset - one.onset)
}

#[cfg(test)]
mod tests;
