//! A corpus in numbers: what a model will learn from.
//!
//! Made by the `inspect` command; serializable, so that other reports can keep it. Pure; any
//! thread.

use std::collections::BTreeMap;

use harmonai_core::music::key_finding::KeyEstimate;
use harmonai_core::music::melody::Melody;
use harmonai_core::music::time::Ticks;
use serde::Serialize;

use super::corpus::{Corpus, MoveFigures, Moves, Piece, Split};

/// The widest leap with a bin of its own, up and down; wider ones are counted with it.
const LEAP: i64 = 12;
/// The lengths that have a bin of their own, in ticks, with the names of the notes.
const LENGTHS: [(i64, &str); 14] = [
    (3, "1/32"),
    (4, "1/16 tr."),
    (6, "1/16"),
    (8, "1/8 tr."),
    (9, "1/16 dot."),
    (12, "1/8"),
    (16, "1/4 tr."),
    (18, "1/8 dot."),
    (24, "1/4"),
    (36, "1/4 dot."),
    (48, "1/2"),
    (72, "1/2 dot."),
    (96, "1/1"),
    (144, "1/1 dot."),
];

/// All numbers of a corpus.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub files: usize,
    /// Those of them that gave no melody.
    pub files_without_melody: usize,
    /// Files in the folders that are of another kind.
    pub other_files: usize,
    /// What was left out, and how often, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// What was mended, and how often, by reason.
    pub mended: BTreeMap<String, usize>,
    /// Melodies of the training part that were dropped: equal, in any key, to another one.
    pub duplicates: usize,
    pub all: Amount,
    pub parts: BTreeMap<&'static str, Amount>,
    pub sources: BTreeMap<String, Amount>,
    /// Melodies by metre, the most frequent first.
    pub metres: Vec<(String, usize)>,
    /// Melodies by the key that their notes suggest, the most frequent first.
    pub keys: Vec<(String, usize)>,
    /// Lowest and highest key of all.
    pub range: (u8, u8),
    /// Semitones from a melody's lowest to its highest note: of the narrowest melody, the middle
    /// one and the widest.
    pub compass: (u8, u8, u8),
    /// Notes in a melody: the shortest, the middle one, the longest.
    pub lengths: (usize, usize, usize),
    #[serde(flatten)]
    pub note_counts: NoteCounts,
    /// How far the grid moved the notes.
    pub moves: MoveFigures,
    pub moves_by_source: BTreeMap<String, MoveFigures>,
}

/// Notes by what they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoteCounts {
    /// Notes by key, from 0 to 127.
    pub pitches: Vec<u64>,
    /// Steps from note to note in semitones, from an octave or more down to one up.
    pub intervals: Bins,
    pub durations: Bins,
    /// From one onset to the next.
    pub onset_intervals: Bins,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    pub melodies: usize,
    pub notes: usize,
}

/// Counts with the names of what is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bins {
    pub names: Vec<String>,
    pub counts: Vec<u64>,
}

impl Amount {
    fn add(&mut self, melody: &Melody) {
        self.melodies += 1;
        self.notes += melody.notes().len();
    }
}

impl Bins {
    fn new(names: Vec<String>) -> Self {
        let counts = vec![0; names.len()];
        Self { names, counts }
    }

    fn of_lengths() -> Self {
        let names = LENGTHS.iter().map(|(_, name)| *name).chain(["other"]);
        Self::new(names.map(str::to_owned).collect())
    }

    fn of_intervals() -> Self {
        let name = |semitones| match semitones {
            0 => "0".into(),
            semitones => format!("{semitones:+}"),
        };
        Self::new((-LEAP..=LEAP).map(name).collect())
    }

    fn add_length(&mut self, length: Ticks) {
        let known = LENGTHS.iter().position(|(ticks, _)| *ticks == length.get());
        self.counts[known.unwrap_or(LENGTHS.len())] += 1;
    }
}

/// Nothing counted yet.
impl Default for NoteCounts {
    fn default() -> Self {
        Self {
            pitches: vec![0; 128],
            intervals: Bins::of_intervals(),
            durations: Bins::of_lengths(),
            onset_intervals: Bins::of_lengths(),
        }
    }
}

impl NoteCounts {
    /// Counts the notes of these melodies.
    pub fn of<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Self {
        let mut note_counts = Self::default();
        for piece in pieces {
            let melody = &piece.melody;
            for note in melody.notes() {
                note_counts.pitches[usize::from(note.pitch.get())] += 1;
                note_counts.durations.add_length(note.duration);
            }
            for pair in melody.notes().windows(2) {
                note_counts
                    .onset_intervals
                    .add_length(pair[1].onset - pair[0].onset);
                let leap = i64::from(pair[1].pitch.get()) - i64::from(pair[0].pitch.get());
                note_counts.intervals.counts[(leap.clamp(-LEAP, LEAP) + LEAP) as usize] += 1;
            }
        }
        note_counts
    }
}

/// Each count as a share of all, in per cent.
pub fn percent(counts: &[u64]) -> Vec<f64> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    counts
        .iter()
        .map(|count| *count as f64 * 100.0 / all)
        .collect()
}

impl Summary {
    /// Counts a corpus as it stands.
    pub fn of(corpus: &Corpus) -> Self {
        let remarks = &corpus.remarks;
        let mut summary = Self {
            files: remarks.files,
            files_without_melody: remarks.without_melody,
            other_files: remarks.other_files,
            duplicates: remarks.duplicates,
            note_counts: NoteCounts::of(&corpus.pieces),
            ..Self::default()
        };
        for remark in &remarks.list {
            let counts = match remark.reason.is_mended() {
                true => &mut summary.mended,
                false => &mut summary.left_out,
            };
            *counts.entry(remark.reason.text().into()).or_default() += 1;
        }
        for part in [Split::Train, Split::Valid, Split::Test] {
            summary.parts.insert(part.name(), Amount::default());
        }
        let mut metres = BTreeMap::new();
        let mut keys = BTreeMap::new();
        let mut moves: BTreeMap<&str, Moves> = BTreeMap::new();
        let mut compasses = Vec::new();
        let mut lengths = Vec::new();
        for piece in &corpus.pieces {
            let melody = &piece.melody;
            let part = summary.parts.entry(piece.split.name()).or_default();
            part.add(melody);
            let source = summary.sources.entry(piece.source.clone()).or_default();
            source.add(melody);
            summary.all.add(melody);
            *metres.entry(melody.metre().to_string()).or_insert(0) += 1;
            let key = KeyEstimate::of(melody.notes(), melody.metre());
            let key = key.map_or("none".into(), |estimate| estimate.key().to_string());
            *keys.entry(key).or_insert(0) += 1;
            moves.entry(&piece.source).or_default().merge(&piece.moves);
            let pitches = melody.notes().iter().map(|note| note.pitch.get());
            let (low, high) =
                pitches.fold((127, 0), |(low, high), key| (key.min(low), key.max(high)));
            compasses.push((high - low, low, high));
            lengths.push(melody.notes().len());
        }
        summary.metres = by_count(metres);
        summary.keys = by_count(keys);
        let low = compasses.iter().map(|(_, low, _)| *low).min();
        let high = compasses.iter().map(|(_, _, high)| *high).max();
        summary.range = (low.unwrap_or(0), high.unwrap_or(0));
        summary.compass = spread(compasses.iter().map(|(compass, ..)| *compass).collect());
        summary.lengths = spread(lengths);
        let mut all = Moves::default();
        for (source, moves) in moves {
            all.merge(&moves);
            let figures = moves.figures();
            summary.moves_by_source.insert(source.into(), figures);
        }
        summary.moves = all.figures();
        summary
    }
}

fn by_count(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// The least, the middle one and the greatest.
fn spread<T: Copy + Ord + Default>(mut values: Vec<T>) -> (T, T, T) {
    values.sort_unstable();
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    (at(0), at(values.len() / 2), at(values.len().max(1) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let lines = [
            r#"{"notes":[[0,60,12],[12,62,12],[24,64,24]],"split":"train","metre":"3/4","coll":"a"}"#,
            r#"{"notes":[[0,62,12],[12,64,12],[24,66,24]],"split":"train","metre":"3/4","coll":"a"}"#,
            r#"{"notes":[[0,84,7],[25,60,25]],"tpq":48,"split":"test","coll":"b"}"#,
            "rubbish",
        ];
        std::fs::write(folder.path().join("a.jsonl"), lines.join("\n")).unwrap();
        std::fs::write(folder.path().join("b.mid"), "rubbish").unwrap();
        let corpus = Corpus::read(&[folder.path().into()]).unwrap();
        let summary = Summary::of(&corpus.without_duplicates());
        assert_eq!((summary.files, summary.files_without_melody), (2, 1));
        assert_eq!(summary.duplicates, 1);
        let (melodies, notes) = (2, 5);
        assert_eq!(summary.all, Amount { melodies, notes });
        assert_eq!(summary.parts["test"].notes, 2);
        assert_eq!(summary.parts["valid"].notes, 0);
        assert_eq!(summary.sources["a"].notes, 3);
        assert_eq!(summary.metres, [("3/4".into(), 1), ("4/4".into(), 1)]);
        assert_eq!(summary.range, (60, 84));
        assert_eq!(summary.compass, (4, 24, 24));
        assert_eq!(summary.lengths, (2, 3, 3));
        assert_eq!(
            (
                summary.note_counts.pitches[60],
                summary.note_counts.pitches[61]
            ),
            (2, 0)
        );
        assert_eq!(
            summary.note_counts.intervals.counts[0], 1,
            "two octaves down"
        );
        assert_eq!(
            summary.note_counts.intervals.counts[14], 2,
            "a whole tone up"
        );
        assert_eq!(summary.note_counts.durations.counts[5], 2, "eighths");
        assert_eq!(summary.left_out.values().sum::<usize>(), 2);
        // The note at 25 of 48 parts lies half a tick from the grid.
        assert!((summary.moves.farthest - 1.0 / 48.0).abs() < 1e-9);
        assert_eq!(summary.moves_by_source["a"].moved, 0.0);
        assert!((percent(&[1, 3])[1] - 75.0).abs() < 1e-12);
    }
}
