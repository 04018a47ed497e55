//! A melody cut in two: a phrase to answer, and how the melody really goes on.
//!
//! Chosen by the `eval` command, which lets a model play in place of the second part. Any thread.

use std::collections::BTreeMap;

use harmonai_core::music::key::Key;
use harmonai_core::music::key_finding::KeyEstimate;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Span, Ticks};
use rand::seq::SliceRandom;

use crate::data::corpus::Piece;
use crate::random::Noise;

/// Bars of a phrase, the upbeat not counted.
const PHRASE: i64 = 4;
/// Bars of what comes after it, at the most.
const ANSWER: i64 = 16;
/// Notes of either part, at the least: as many as a pattern has.
const FEWEST: usize = 4;

/// Which melodies are taken.
const CHOICE: u64 = 0x5714;

/// A melody cut in two at a bar line.
#[derive(Clone, Debug)]
pub struct Excerpt {
    pub title: String,
    pub source: String,
    pub metre: Metre,
    /// Its key, as far as the phrase tells it.
    pub key: Option<Key>,
    /// Sharps of the written key signature, where there is one; flats are negative.
    pub signature: Option<i8>,
    /// The phrase's first bar line.
    pub first_line: Ticks,
    /// What the model hears.
    pub phrase: Vec<Note>,
    /// How the melody goes on.
    pub held_out: Vec<Note>,
    /// From the bar line after the phrase to the end of what is compared.
    pub span: Span,
    /// Whether the melody's own end lies in it.
    pub ends: bool,
}

impl Excerpt {
    /// The upbeat and the first four bars as the phrase, or as many bars as leave as much again;
    /// then at most sixteen bars. `None` of a melody too short for that.
    pub fn new(piece: &Piece) -> Option<Self> {
        let melody = &piece.melody;
        let (notes, bar) = (melody.notes(), melody.metre().bar());
        let start = notes.first()?.onset;
        let end = notes.last()?.end();
        let first_line = start.ceil_to(bar);
        let line = |bars: i64| first_line + Ticks::new(bars * bar.get());
        let (begin, (phrase, rest)) = (1..=PHRASE).rev().find_map(|bars| {
            let begin = line(bars);
            let (phrase, rest) = notes.split_at(notes.partition_point(|note| note.onset < begin));
            let long =
                phrase.len() >= FEWEST && rest.len() >= FEWEST && end - begin >= begin - start;
            long.then_some((begin, (phrase, rest)))
        })?;
        let limit = begin + Ticks::new(ANSWER * bar.get());
        let span = begin..end.min(limit);
        Some(Self {
            title: melody.title().into(),
            source: piece.source.clone(),
            metre: melody.metre(),
            key: KeyEstimate::of(phrase, melody.metre()).map(|estimate| estimate.key()),
            signature: piece.signature,
            first_line,
            phrase: phrase.to_vec(),
            held_out: within(rest, &span),
            ends: end <= limit,
            span,
        })
    }
}

/// The notes that begin in the span, none longer than it.
fn within(notes: &[Note], span: &Span) -> Vec<Note> {
    let inside = notes.iter().filter(|note| span.contains(&note.onset));
    let cut = inside.map(|note| Note {
        duration: note.duration.min(span.end - note.onset),
        ..*note
    });
    cut.collect()
}

/// At most `count` of the melodies that are long enough, as many of one source as of another while
/// it has any left; the seed says which.
pub fn choose(pieces: &[&Piece], count: usize, seed: u64) -> Vec<Excerpt> {
    let mut sources: BTreeMap<&str, Vec<Excerpt>> = BTreeMap::new();
    for piece in pieces {
        if let Some(excerpt) = Excerpt::new(piece) {
            sources.entry(&piece.source).or_default().push(excerpt);
        }
    }
    let mut rows: Vec<_> = sources
        .into_values()
        .zip(0..)
        .map(|(mut excerpts, place)| {
            excerpts.shuffle(&mut Noise::new(seed, CHOICE).branch(place).rng());
            excerpts.into_iter()
        })
        .collect();
    let mut chosen = Vec::new();
    // A round takes one of every source that has one left.
    loop {
        let before = chosen.len();
        for row in &mut rows {
            if chosen.len() == count {
                return chosen;
            }
            chosen.extend(row.next());
        }
        if chosen.len() == before {
            return chosen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::corpus::Corpus;

    /// Melodies of quarters in 4/4, by source, first onset and number of notes.
    fn corpus(melodies: &[(&str, i64, i64)]) -> Corpus {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tunes.jsonl");
        let line = |(source, start, count): &(&str, i64, i64)| {
            let notes: Vec<[i64; 3]> = (0..*count)
                .map(|i| [start + i * 24, 60 + (i * i + count) % 11, 24])
                .collect();
            format!(r#"{{"notes":{notes:?},"coll":"{source}","title":"{count}","split":"test"}}"#)
        };
        let lines: Vec<String> = melodies.iter().map(line).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        Corpus::read(&[path]).unwrap()
    }

    fn excerpt(start: i64, count: i64) -> Option<Excerpt> {
        Excerpt::new(&corpus(&[("x", start, count)]).pieces[0])
    }

    #[test]
    fn four_bars_are_heard_and_sixteen_compared() {
        let long = excerpt(0, 200).unwrap();
        assert_eq!(long.phrase.len(), 16);
        assert_eq!(long.held_out.len(), 64);
        assert_eq!(long.span, Ticks::new(16 * 24)..Ticks::new(80 * 24));
        assert!(!long.ends);
        // With an upbeat of one quarter.
        let upbeat = excerpt(72, 49).unwrap();
        assert_eq!(upbeat.phrase.len(), 17);
        assert_eq!(upbeat.held_out.len(), 32);
        assert!(upbeat.ends);
    }

    #[test]
    fn a_short_melody_is_halved_and_a_shorter_one_left_out() {
        let short = excerpt(0, 27).unwrap();
        assert_eq!((short.phrase.len(), short.held_out.len()), (12, 15));
        let shortest = excerpt(0, 8).unwrap();
        assert_eq!((shortest.phrase.len(), shortest.held_out.len()), (4, 4));
        assert!(excerpt(0, 7).is_none());
    }

    #[test]
    fn every_source_gives_as_many_as_it_can() {
        let many: Vec<_> = (40..60).map(|count| ("many", 0, count)).collect();
        let few = [("few", 0, 40), ("few", 0, 41), ("none", 0, 3)];
        let corpus = corpus(&[&many[..], &few].concat());
        let pieces: Vec<&Piece> = corpus.pieces.iter().collect();
        let titles = |count, seed| -> Vec<(String, String)> {
            let chosen = choose(&pieces, count, seed);
            chosen.into_iter().map(|it| (it.source, it.title)).collect()
        };
        let ten = titles(10, 1);
        let of = |source: &str| ten.iter().filter(|(name, _)| name == source).count();
        assert_eq!((of("few"), of("many")), (2, 8));
        assert_eq!(ten, titles(10, 1));
        assert_eq!(ten[..6], titles(6, 1));
        assert_ne!(ten, titles(10, 2));
        let mut all = titles(1000, 1);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 22);
    }
}
