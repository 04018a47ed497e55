//! Phrases with the key signature that they are written in.
//!
//! From the beginning of a melody, of one to eight bars or of its first few notes, as a player
//! begins one; and from anywhere in it, where the music may have gone to another key for a while.
//! None reaches over a change of signature. Any thread.

use harmonai_core::music::key::KeyMode;
use harmonai_core::music::key_finding::evidence::KeyEvidence;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use rand::RngExt;

use crate::data::corpus::Piece;
use crate::evaluate::statistics::excerpt::Excerpt;
use crate::random::Noise;

/// What part of a melody a phrase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// So many notes.
    Notes(usize),
    /// The upbeat and so many bars.
    Bars(i64),
    /// The same as [`Kind::Bars`], each note let go of before its time, as hands do.
    Played(i64),
    /// So many bars from a bar line on, wherever.
    Anywhere(i64),
}

/// A phrase whose key signature is known.
#[derive(Clone, Debug)]
pub struct KeyPhrase {
    pub kind: Kind,
    pub evidence: KeyEvidence,
    /// The tonic of the major key with its signature, as a pitch class.
    pub major_tonic: u8,
    /// The mode, where the piece's end tells it.
    pub mode: Option<KeyMode>,
}

/// Which places are taken.
const PLACES: u64 = 0x6b65_7973;
/// How often at most a melody is looked into for each length.
const MOST_PLACES: i64 = 3;
/// Fewer notes than this are no phrase of bars.
const FEWEST: usize = 2;

/// The phrases of a melody; none where its signature is not known. The same for the same melody.
pub fn phrases(piece: &Piece) -> Vec<KeyPhrase> {
    let Some(first) = piece.signature else {
        return Vec::new();
    };
    let melody = &piece.melody;
    let (notes, metre) = (melody.notes(), melody.metre());
    let (Some(start), Some(last)) = (notes.first(), notes.last()) else {
        return Vec::new();
    };
    let bar = metre.bar().get();
    let line = |first: Ticks, bars: i64| first + Ticks::new(bars * bar);
    let first_line = start.onset.ceil_to(metre.bar());
    let mut noise = Noise::new(piece.fingerprint, PLACES).rng();
    let mut found = Vec::new();
    let mut add = |kind: Kind, notes: &[Note]| {
        if let Some(signature) = signature(piece, first, notes) {
            found.push(KeyPhrase {
                kind,
                evidence: KeyEvidence::of(notes, metre),
                major_tonic: major_tonic(signature),
                mode: mode(piece, first),
            });
        }
    };
    for count in [1, 2, 3, 4, 6] {
        if let Some(notes) = notes.get(..count) {
            add(Kind::Notes(count), notes);
        }
    }
    for bars in [1, 2, 8] {
        let count = notes.partition_point(|note| note.onset < line(first_line, bars));
        if count >= FEWEST && last.end() >= line(first_line, bars) {
            add(Kind::Bars(bars), &notes[..count]);
        }
    }
    if let Some(excerpt) = Excerpt::new(piece) {
        add(Kind::Bars(4), &excerpt.phrase);
        let mut played = excerpt.phrase;
        for note in &mut played {
            let share = noise.random_range(0.5..=1.0);
            let duration = note.duration.get() as f64 * share;
            note.duration = Ticks::new((duration.round() as i64).max(1));
        }
        add(Kind::Played(4), &played);
    }
    for bars in [1, 2, 4, 8, 16] {
        let lines = (last.end() - first_line).get() / bar - bars;
        for _ in 0..(lines / 12).clamp(0, MOST_PLACES) {
            let begin = line(first_line, noise.random_range(0..lines));
            // Now and then with an upbeat of half a bar at most.
            let upbeat = [0, 0, bar / 4, bar / 2][noise.random_range(0..4)];
            let before = |at: Ticks| notes.partition_point(|note| note.onset < at);
            let inside = before(begin - Ticks::new(upbeat))..before(line(begin, bars));
            if inside.len() >= FEWEST {
                add(Kind::Anywhere(bars), &notes[inside]);
            }
        }
    }
    found
}

/// The signature that all the notes stand under.
fn signature(piece: &Piece, first: i8, notes: &[Note]) -> Option<i8> {
    let (begin, end) = (notes.first()?.onset, notes.last()?.onset);
    let changes = &piece.later_signatures;
    let within = |at: Ticks| begin < at && at <= end;
    let changed = changes.iter().any(|(at, _)| within(*at));
    let before = changes.iter().rev().find(|(at, _)| *at <= begin);
    (!changed).then(|| before.map_or(first, |(_, signature)| *signature))
}

fn major_tonic(signature: i8) -> u8 {
    (i32::from(signature) * 7).rem_euclid(12) as u8
}

/// A piece of one signature ends on the tonic of its mode; a mode other than major and minor has
/// the major's third or the minor's.
fn mode(piece: &Piece, signature: i8) -> Option<KeyMode> {
    if !piece.later_signatures.is_empty() {
        return None;
    }
    let degree = (piece.final_bass?.get() + 12 - major_tonic(signature)) % 12;
    match degree {
        0 => Some(KeyMode::Major),
        9 => Some(KeyMode::Minor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::corpus::Corpus;

    fn piece(keys: &str) -> Piece {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tunes.jsonl");
        let notes: Vec<[i64; 3]> = (0..200).map(|i| [i * 24, 62 + (i * i) % 7, 24]).collect();
        let parts = format!(
            r#"[{{"role":"lead","notes":{notes:?}}},{{"role":"bass","notes":[[4704,38,96]]}}]"#
        );
        std::fs::write(
            &path,
            format!(r#"{{"sharps":2,"keys":{keys},"parts":{parts}}}"#),
        )
        .unwrap();
        Corpus::read(&[path]).unwrap().pieces.remove(0)
    }

    #[test]
    fn phrases_know_their_signature_and_mode() {
        let phrases = phrases(&piece("[[0,2]]"));
        let of = |kind: Kind| {
            phrases
                .iter()
                .filter(move |phrase| phrase.kind == kind)
                .count()
        };
        for kind in [
            Kind::Notes(1),
            Kind::Bars(1),
            Kind::Bars(4),
            Kind::Played(4),
            Kind::Bars(8),
        ] {
            assert_eq!(of(kind), 1, "{kind:?}");
        }
        assert_eq!(of(Kind::Anywhere(4)), MOST_PLACES as usize);
        let in_d =
            |phrase: &KeyPhrase| (phrase.major_tonic, phrase.mode) == (2, Some(KeyMode::Major));
        assert!(phrases.iter().all(in_d));
    }

    #[test]
    fn no_phrase_reaches_over_a_change_of_signature() {
        // In bar 25 of 50.
        let changing = piece("[[0,2],[2400,-3]]");
        let phrases = phrases(&changing);
        assert!(phrases.iter().all(|phrase| phrase.mode.is_none()));
        let tonics: std::collections::BTreeSet<u8> =
            phrases.iter().map(|phrase| phrase.major_tonic).collect();
        assert_eq!(Vec::from_iter(tonics), [2, 3]);
        let across = &changing.melody.notes()[90..110];
        assert_eq!(signature(&changing, 2, across), None);
        assert_eq!(signature(&changing, 2, &across[10..]), Some(-3));
    }
}
