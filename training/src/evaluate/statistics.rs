//! What a model plays beside what was written: melodies with two endings, compared.
//!
//! Bits per note say how well a model predicts; these say what comes of it when the model plays on
//! by itself and its own notes are all it hears. [`compare`] is called by the `eval` command. Main
//! thread.

pub mod copied;
pub mod excerpt;
pub mod histogram;
mod repetition;

use harmonai_core::music::key::Key;
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Ticks;
use serde::Serialize;

use copied::Index;
use excerpt::Excerpt;
use histogram::{Histogram, Kind};

/// An excerpt, and what the model played in place of its second part.
#[derive(Clone, Debug)]
pub struct Answered {
    pub excerpt: Excerpt,
    /// The model's notes, all in the excerpt's span.
    pub generated: Vec<Note>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Statistics {
    pub generated: Side,
    pub held_out: Side,
    /// What notes are chosen, and in what rhythm.
    pub histograms: Histograms,
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

/// The figures of one side. Shares are 0 to 1, of all notes but the phrases'.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    pub notes: usize,
    /// From the lowest to the highest pitch, mean of the melodies.
    pub range_semitones: f64,
    /// Notes in a quarter note, mean of the melodies.
    pub notes_per_beat: f64,
    /// Notes more than a third (four semitones) above the phrase's highest or below its lowest.
    pub far_from_phrase: f64,
    /// Notes of the phrase's key.
    pub in_key: f64,
    /// Notes that end a pattern of four notes which the melody had before, phrase included.
    pub repetition: f64,
    /// The same of sixteen notes: what is taken up at length.
    pub quotation: f64,
    /// Notes that end a pattern of eight notes which the melody had before at other heights only.
    pub sequence: f64,
    /// Notes that end a pattern of eight notes which the melody had twice before at that height.
    pub insistence: f64,
    /// Notes in a run of four or more of one pitch.
    pub hammering: f64,
    /// The longest run that stands in the training music; nothing where there is no such music.
    pub copied: Option<Copied>,
    pub endings: Endings,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Endings {
    pub melodies: usize,
    /// Share of them that end on the tonic.
    pub tonic: f64,
    /// Share that end on the tonic, its third or its fifth.
    pub tonic_triad: f64,
    /// Share whose last note is longer than the median of the melody's durations, phrase included.
    pub long: f64,
}

/// What the model played beside what was written. `training` is the music that it learnt from.
pub fn compare(answered: &[Answered], training: Option<&Index>) -> Statistics {
    let side = |notes: fn(&Answered) -> &[Note]| {
        let sides = answered.iter().map(|one| (&one.excerpt, notes(one)));
        figures(&sides.collect::<Vec<_>>(), training)
    };
    let count = |kind: Kind| {
        let side = |notes: fn(&Answered) -> &[Note]| {
            let all = answered.iter();
            let all = all.flat_map(|one| bins(kind, &one.excerpt, notes(one)));
            let mut counts = vec![0; kind.labels().len()];
            all.for_each(|bin| counts[bin] += 1);
            counts
        };
        let held_out = side(|one| &one.excerpt.held_out);
        Histogram::new(kind, &held_out, &side(|one| &one.generated))
    };
    Statistics {
        generated: side(|one| &one.generated),
        held_out: side(|one| &one.excerpt.held_out),
        histograms: Histograms {
            pitch_class: count(Kind::PitchClass),
            melodic_interval: count(Kind::MelodicInterval),
            onset_interval: count(Kind::OnsetInterval),
        },
    }
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

fn figures(sides: &[(&Excerpt, &[Note])], training: Option<&Index>) -> Side {
    let total: usize = sides.iter().map(|(_, notes)| notes.len()).sum();
    let (mut in_key, mut of_keys, mut far) = (0, 0, 0);
    let (mut repeated, mut quoted, mut moved, mut thrice, mut hammered) = (0, 0, 0, 0, 0);
    let (mut range, mut density) = (0.0, 0.0);
    for (excerpt, notes) in sides {
        let whole = [&excerpt.phrase, *notes].concat();
        let from = excerpt.phrase.len();
        repeated += repetition::repeated(&whole, from, repetition::FIGURE);
        quoted += repetition::repeated(&whole, from, repetition::QUOTATION);
        moved += repetition::moved(&whole, from, repetition::LINE);
        thrice += repetition::thrice(&whole, from, repetition::LINE);
        hammered += repetition::hammered(&whole, from);
        if let Some(key) = excerpt.key {
            in_key += notes.iter().filter(|note| key.contains(note.pitch)).count();
            of_keys += notes.len();
        }
        range += span(notes);
        far += far_from(&excerpt.phrase, notes);
        let length = excerpt.span.end - excerpt.span.start;
        density += notes.len() as f64 / length.max(Ticks::new(1)).beats().get();
    }
    Side {
        notes: total,
        range_semitones: range / sides.len().max(1) as f64,
        notes_per_beat: density / sides.len().max(1) as f64,
        far_from_phrase: share(far, total),
        in_key: share(in_key, of_keys),
        repetition: share(repeated, total),
        quotation: share(quoted, total),
        sequence: share(moved, total),
        insistence: share(thrice, total),
        hammering: share(hammered, total),
        copied: training.map(|index| copied(sides, index)),
        endings: endings(sides),
    }
}

/// How many notes lie more than a third beyond the phrase's range.
fn far_from(phrase: &[Note], notes: &[Note]) -> usize {
    let pitches = || phrase.iter().map(|note| note.pitch.get());
    let (low, high) = (pitches().min().unwrap_or(0), pitches().max().unwrap_or(127));
    let near = low.saturating_sub(4)..=high.saturating_add(4);
    let far = notes
        .iter()
        .filter(|note| !near.contains(&note.pitch.get()));
    far.count()
}

/// Semitones from the lowest to the highest.
fn span(notes: &[Note]) -> f64 {
    let pitches = || notes.iter().map(|note| note.pitch.get());
    let (low, high) = (pitches().min(), pitches().max());
    f64::from(high.unwrap_or(0)) - f64::from(low.unwrap_or(0))
}

fn copied(sides: &[(&Excerpt, &[Note])], index: &Index) -> Copied {
    let longest: Vec<usize> = sides
        .iter()
        .map(|(_, notes)| index.longest_copy(notes))
        .collect();
    Copied {
        mean_notes: share(longest.iter().sum(), longest.len()),
        max_notes: longest.iter().copied().max().unwrap_or(0),
    }
}

fn endings(sides: &[(&Excerpt, &[Note])]) -> Endings {
    let (mut melodies, mut tonic, mut triad, mut long) = (0, 0, 0, 0);
    for (excerpt, notes) in sides {
        let (Some(last), Some(key), true) = (notes.last(), excerpt.key, excerpt.ends) else {
            continue;
        };
        melodies += 1;
        tonic += usize::from(key.degree(last.pitch) == 0);
        triad += usize::from(key.is_in_tonic_triad(last.pitch));
        let all = excerpt.phrase.iter().chain(*notes);
        let mut durations: Vec<Ticks> = all.map(|note| note.duration).collect();
        durations.sort_unstable();
        long += usize::from(last.duration > durations[durations.len() / 2]);
    }
    Endings {
        melodies,
        tonic: share(tonic, melodies),
        tonic_triad: share(triad, melodies),
        long: share(long, melodies),
    }
}

/// Semitones and time from one note to the next.
fn step(one: Note, next: Note) -> (i64, Ticks) {
    let key = |pitch: Pitch| i64::from(pitch.get());
    (key(next.pitch) - key(one.pitch), next.onset - one.onset)
}

fn share(count: usize, all: usize) -> f64 {
    count as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests;
