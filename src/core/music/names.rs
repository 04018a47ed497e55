//! What notes are called: as the key of a phrase writes them.
//!
//! Wherever notes are named for people, in the window and in reports, it is done here. Any thread but
//! the audio thread (names allocate).

use crate::music::key::Key;
use crate::music::key_finding::KeyEstimate;
use crate::music::note::{Note, Pitch};
use crate::music::time::Metre;

/// A key whose signature is less likely is not named.
const SURE: f32 = 1.0 / 3.0;

/// The names of the notes in the key of a phrase; the usual ones where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names(Option<Key>);

impl Names {
    /// A key that is too doubtful to name names nothing.
    pub fn of(phrase: &[Note], metre: Metre) -> Self {
        let estimate = KeyEstimate::of(phrase, metre);
        let heard = estimate.map(|estimate| (estimate.key(), estimate));
        let heard = heard.filter(|(key, estimate)| estimate.probability_of_signature(*key) >= SURE);
        Self(heard.map(|(key, _)| key))
    }

    /// The key, if one was heard.
    pub const fn key(self) -> Option<Key> {
        self.0
    }

    /// What a pitch is called, with its octave.
    pub fn name(self, pitch: Pitch) -> String {
        self.0
            .map_or_else(|| pitch.to_string(), |key| key.spell(pitch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_the_same_key_is_called_as_the_phrase_has_it() {
        let check = |tune: &[i64], expect: &str| {
            let names = Names::of(&Note::line(tune, 24), Metre::COMMON);
            assert_eq!(names.name(Pitch::clamped(61)), expect, "{:?}", names.key());
        };
        check(&[62, 66, 69, 67, 66, 64, 61, 62, 62], "C#4");
        check(&[63, 67, 70, 68, 67, 65, 62, 63, 63], "Db4");
        check(&[], "C#4");
        // One note says nothing yet.
        check(&[65], "C#4");
        assert_eq!(Names::default().name(Pitch::clamped(63)), "Eb4");
    }
}
