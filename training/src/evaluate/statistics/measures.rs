//! The table of what is measured: a row for each figure, with what one melody adds to it.
//!
//! Read by [`super::compare`] and by the table that `eval` prints. Any thread.

use harmonai_core::music::key::Key;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Span, Ticks};

use super::breath::{bars_four_earlier, bars_of_phrase, rests, syncopated};
use super::excerpt::Excerpt;
use super::ratio::Ratio;
use super::repetition::{self, FIGURE, LINE, QUOTATION};

/// What comes after a phrase: as it was written, or as a model played it.
pub struct Sequel<'a> {
    pub excerpt: &'a Excerpt,
    pub notes: &'a [Note],
    /// Phrase and sequel.
    pub whole: Vec<Note>,
}

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 1; printed as per cent.
    Share,
    Number,
}

/// A figure of many sequels.
pub struct Measure {
    /// Its key in the JSON.
    pub key: &'static str,
    /// What the table calls it.
    pub title: &'static str,
    pub unit: Unit,
    /// What one sequel adds to it.
    pub of: fn(&Sequel) -> Ratio,
}

const fn share(key: &'static str, title: &'static str, of: fn(&Sequel) -> Ratio) -> Measure {
    Measure {
        key,
        title,
        unit: Unit::Share,
        of,
    }
}

const fn number(key: &'static str, title: &'static str, of: fn(&Sequel) -> Ratio) -> Measure {
    Measure {
        key,
        title,
        unit: Unit::Number,
        of,
    }
}

/// Of all sequels.
pub const MEASURES: [Measure; 18] = [
    number("notes_per_beat", "notes in a quarter, mean", |sequel| {
        Ratio::number(sequel.notes.len() as f64 / sequel.quarters())
    }),
    share("rests", "silence", |sequel| Ratio {
        sum: sequel.rests().map(quarters).sum(),
        of: sequel.quarters(),
    }),
    number(
        "longest_rest",
        "  the longest, in quarters, mean",
        |sequel| Ratio::number(sequel.rests().max().map_or(0.0, quarters)),
    ),
    number(
        "first_onset",
        "first onset after the bar line, in quarters, mean",
        |sequel| {
            sequel.notes.first().map_or_else(Ratio::default, |first| {
                Ratio::number(quarters(first.onset - sequel.excerpt.span.start))
            })
        },
    ),
    share("off_beat", "notes off the beat", |sequel| {
        let metre = sequel.excerpt.metre;
        sequel.notes_that(|note| metre.position(note.onset).get() % metre.beat().get() != 0)
    }),
    share(
        "syncopation",
        "  with no note on the beat after",
        |sequel| sequel.count(syncopated(sequel.notes, sequel.excerpt.metre)),
    ),
    share(
        "bars_of_phrase",
        "bars in the rhythm of some bar of the phrase",
        |sequel| sequel.bars(bars_of_phrase),
    ),
    share(
        "bars_four_earlier",
        "  of the bar four bars earlier",
        |sequel| sequel.bars(bars_four_earlier),
    ),
    number("range_semitones", "range in semitones, mean", |sequel| {
        let keys = || sequel.notes.iter().map(|note| f64::from(note.pitch.get()));
        let span = keys().fold(f64::MIN, f64::max) - keys().fold(f64::MAX, f64::min);
        Ratio::number(span.max(0.0))
    }),
    number(
        "register",
        "mean pitch above the phrase's, in semitones, mean",
        |sequel| match (mean_pitch(sequel.notes), mean_pitch(&sequel.excerpt.phrase)) {
            (Some(notes), Some(phrase)) => Ratio::number(notes - phrase),
            _ => Ratio::default(),
        },
    ),
    share(
        "far_from_phrase",
        "notes more than a third beyond the phrase's range",
        |sequel| {
            let keys = || sequel.excerpt.phrase.iter().map(|note| note.pitch.get());
            let (low, high) = (keys().min().unwrap_or(0), keys().max().unwrap_or(127));
            let near = low.saturating_sub(4)..=high.saturating_add(4);
            sequel.notes_that(|note| !near.contains(&note.pitch.get()))
        },
    ),
    share(
        "in_key",
        "notes of the phrase's key",
        |sequel| match sequel.excerpt.key {
            Some(key) => sequel.notes_that(|note| key.contains(note.pitch)),
            None => Ratio::default(),
        },
    ),
    share(
        "repetition",
        "notes that end a pattern of 4 had before",
        |sequel| sequel.count(repetition::repeated(&sequel.whole, sequel.from(), FIGURE)),
    ),
    share("quotation", "  a pattern of 16", |sequel| {
        sequel.count(repetition::repeated(
            &sequel.whole,
            sequel.from(),
            QUOTATION,
        ))
    }),
    share(
        "sequence",
        "  a pattern of 8, at other heights only",
        |sequel| sequel.count(repetition::moved(&sequel.whole, sequel.from(), LINE)),
    ),
    share(
        "insistence",
        "  a pattern of 8, for the third time or more",
        |sequel| sequel.count(repetition::thrice(&sequel.whole, sequel.from(), LINE)),
    ),
    share(
        "hammering",
        "notes in a run of 4 or more of one pitch",
        |sequel| sequel.count(repetition::hammered(&sequel.whole, sequel.from())),
    ),
    share("repeated_pitch", "notes of the pitch before", |sequel| {
        sequel.count(repetition::repeated_pitches(&sequel.whole, sequel.from()))
    }),
];

/// Of the sequels that come to the melody's own end: what their last note is.
pub const ENDINGS: [Measure; 3] = [
    share("tonic", "last note: tonic", |sequel| {
        sequel.ending(|key, last, _| key.degree(last.pitch) == 0)
    }),
    share("tonic_triad", "  a note of the tonic triad", |sequel| {
        sequel.ending(|key, last, _| key.is_in_tonic_triad(last.pitch))
    }),
    share("long", "  longer than the median", |sequel| {
        sequel.ending(|_, last, median| last.duration > median)
    }),
];

impl<'a> Sequel<'a> {
    pub fn new(excerpt: &'a Excerpt, notes: &'a [Note]) -> Self {
        Self {
            excerpt,
            notes,
            whole: [&excerpt.phrase, notes].concat(),
        }
    }

    /// Where in the whole its own notes begin.
    fn from(&self) -> usize {
        self.excerpt.phrase.len()
    }

    fn quarters(&self) -> f64 {
        let span = &self.excerpt.span;
        quarters((span.end - span.start).max(Ticks::new(1)))
    }

    fn count(&self, count: usize) -> Ratio {
        Ratio::count(count, self.notes.len())
    }

    fn notes_that(&self, is: impl Fn(&Note) -> bool) -> Ratio {
        self.count(self.notes.iter().filter(|note| is(note)).count())
    }

    fn rests(&self) -> impl Iterator<Item = Ticks> {
        rests(&self.excerpt.phrase, self.notes, &self.excerpt.span).into_iter()
    }

    fn bars(&self, of: fn(&[Note], Ticks, &Span, Metre) -> Ratio) -> Ratio {
        let excerpt = self.excerpt;
        of(
            &self.whole,
            excerpt.first_line,
            &excerpt.span,
            excerpt.metre,
        )
    }

    /// Its last note and its key, where it comes to the melody's own end.
    pub fn last(&self) -> Option<(Key, Note)> {
        let key = self.excerpt.key.filter(|_| self.excerpt.ends)?;
        Some((key, *self.notes.last()?))
    }

    /// Whether the last note is what is asked; the median is that of all durations, the phrase's
    /// included.
    fn ending(&self, is: impl Fn(Key, Note, Ticks) -> bool) -> Ratio {
        let Some((key, last)) = self.last() else {
            return Ratio::default();
        };
        let mut durations: Vec<Ticks> = self.whole.iter().map(|note| note.duration).collect();
        durations.sort_unstable();
        let median = durations[durations.len() / 2];
        Ratio::count(is(key, last, median).into(), 1)
    }
}

fn quarters(ticks: Ticks) -> f64 {
    ticks.beats().get()
}

fn mean_pitch(notes: &[Note]) -> Option<f64> {
    let sum: f64 = notes.iter().map(|note| f64::from(note.pitch.get())).sum();
    (!notes.is_empty()).then(|| sum / notes.len() as f64)
}
