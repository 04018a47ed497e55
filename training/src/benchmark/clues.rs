//! Clues: what the mixer sees of the music itself, beside what the models say of it.
//!
//! Each is a small number, and so a row of a table in the mixer's network. Some are of the note to
//! come, the others of a candidate for it. As with [`super::facet`], nothing of the note itself is
//! looked at but where it begins. Called by the experts. Pure; any thread.

use super::alphabet::Alphabet;
use super::data::Melody;
use super::facet::{Facet, NOTHING};

/// Facets of the note to come, each with the least and the greatest value told apart.
const OF_NOTE: [(Facet, i32, i32); 12] = [
    (Facet::Strength, 0, 4),
    (Facet::Period, 0, 3),
    (Facet::Rest, 0, 1),
    (Facet::Interval(1), -8, 8),
    (Facet::Interval(2), -8, 8),
    (Facet::Count(40), 0, 40),
    (Facet::Repeating(1), 0, 4),
    (Facet::Repeating(2), 0, 4),
    (Facet::Repeating(4), 0, 4),
    (Facet::Repeating(8), 0, 4),
    (Facet::Longer(0), -2, 2),
    (Facet::Longer(1), -2, 2),
];

/// Facets that are a pitch, which a candidate may be so far from.
const OF_CANDIDATE: [(Facet, i32); 9] = [
    (Facet::Pitch(1), 13),
    (Facet::Pitch(2), 13),
    (Facet::Pitch(3), 8),
    (Facet::FirstPitch, 13),
    (Facet::Lowest, 13),
    (Facet::PitchBarsAgo(1), 4),
    (Facet::PitchBarsAgo(2), 4),
    (Facet::PitchBarsAgo(4), 4),
    (Facet::PitchBarsAgo(8), 4),
];

/// Clues of a note.
pub const NOTE_CLUES: usize = OF_NOTE.len();
/// Clues of a candidate: how far it is from some pitches, and which pitch it is.
pub const CANDIDATE_CLUES: usize = OF_CANDIDATE.len() + 1;

/// How many rows the tables of a note's and a candidate's clues have.
pub fn rows() -> [usize; 2] {
    let note: i32 = OF_NOTE
        .iter()
        .map(|(_, least, most)| most - least + 2)
        .sum();
    let candidate: i32 = OF_CANDIDATE.iter().map(|(_, far)| 2 * far + 2).sum();
    [note as usize, candidate as usize + 128]
}

/// The rows of a note's clues, and those of each candidate, into the two lists.
pub fn find(
    melody: &Melody,
    i: usize,
    alphabet: &Alphabet,
    note: &mut Vec<u16>,
    candidates: &mut Vec<u16>,
) {
    let mut first = 0;
    for (facet, least, most) in OF_NOTE {
        let value = facet.value(melody, i);
        let row = if value == NOTHING {
            0
        } else {
            1 + value.clamp(least, most) - least
        };
        note.push((first + row) as u16);
        first += most - least + 2;
    }
    let marks = OF_CANDIDATE.map(|(facet, far)| (facet.value(melody, i), far));
    for pitch in alphabet.pitches() {
        let mut first = 0;
        for (mark, far) in marks {
            let row = if mark == NOTHING {
                0
            } else {
                1 + far + (i32::from(*pitch) - mark).clamp(-far, far)
            };
            candidates.push((first + row) as u16);
            first += 2 * far + 2;
        }
        candidates.push((first + i32::from(*pitch)) as u16);
    }
}
