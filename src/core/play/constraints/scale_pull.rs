//! The pull of the phrase's own scale on the pitches of an answer.
//!
//! A network that reads what it has played itself goes where that leads it: one note outside the
//! key makes the next one likelier. The phrase stays where it is, so every pitch class that belongs
//! neither to its key nor to its notes costs something, more the stricter the phrase itself keeps to
//! its key. Soft: a note outside comes where the network is sure of it. Made when an answer begins,
//! on the worker's thread.

use crate::music::key::Key;
use crate::music::note::Pitch;
use crate::music::scale::PitchClasses;
use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;

/// What a pitch outside costs after a phrase without one, in nats.
const STRONGEST: f32 = 0.5;

/// A phrase that spends this share of its time outside its key pulls no more.
const LOOSE: f32 = 0.05;

/// The scale that echoes keep to, and what lies outside it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalePull {
    classes: PitchClasses,
    strength: f32,
}

impl ScalePull {
    /// None.
    pub const NONE: Self = Self {
        classes: PitchClasses::ALL,
        strength: 0.0,
    };

    pub fn of(phrase: &PhraseProfile) -> Self {
        let Some(key) = Key::estimate(phrase.notes()) else {
            return Self::NONE;
        };
        let scale = key.scale().on(key.tonic());
        let time = |notes: &mut dyn Iterator<Item = (Pitch, Ticks)>| -> i64 {
            notes.map(|(_, time)| time.get()).sum()
        };
        let all = time(&mut phrase.notes());
        let outside = time(&mut phrase.notes().filter(|(pitch, _)| !scale.contains(*pitch)));
        let share = outside as f32 / all.max(1) as f32;
        let heard = phrase.notes().filter(|(_, time)| *time > Ticks::ZERO);
        Self {
            classes: heard.fold(scale, |all, (pitch, _)| all.with(pitch)),
            strength: STRONGEST * (1.0 - share / LOOSE).max(0.0),
        }
    }

    /// The key's scale and the phrase's notes.
    pub fn classes(&self) -> PitchClasses {
        self.classes
    }

    /// Lowers the logits of the pitches outside.
    pub fn lower(&self, logits: &mut [f32]) {
        for (pitch, logit) in (0..=127).map(Pitch::clamped).zip(logits) {
            if !self.classes.contains(pitch) {
                *logit -= self.strength;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::Note;

    /// What C, C sharp and F sharp cost after quarters on these keys.
    fn costs(keys: &[i64]) -> [f32; 3] {
        let pull = ScalePull::of(&PhraseProfile::new(&Note::line(keys, 24)));
        let mut logits = [0.0; 129];
        pull.lower(&mut logits);
        assert_eq!(logits[128], 0.0, "no pitch");
        [60, 61, 66].map(|key| -logits[key])
    }

    /// In C major.
    const TUNE: [i64; 12] = [60, 64, 67, 65, 64, 62, 59, 62, 67, 65, 62, 60];

    #[test]
    fn what_neither_key_nor_phrase_has_costs() {
        assert_eq!(costs(&TUNE), [0.0, STRONGEST, STRONGEST]);
        let with_a_sharp = [&TUNE[..], &TUNE, &[66, 67, 60]].concat();
        let [c, c_sharp, f_sharp] = costs(&with_a_sharp);
        assert_eq!((c, f_sharp), (0.0, 0.0), "the phrase has it");
        assert!(c_sharp > 0.0 && c_sharp < STRONGEST, "{c_sharp}");
    }

    #[test]
    fn a_phrase_that_strays_or_has_no_key_pulls_not_at_all() {
        let straying = [&TUNE[..], &[61, 66, 60]].concat();
        assert_eq!(costs(&straying), [0.0; 3]);
        assert_eq!(costs(&[]), [0.0; 3]);
        let chromatic: Vec<i64> = (60..72).collect();
        assert_eq!(costs(&chromatic), [0.0; 3]);
        assert_eq!(ScalePull::of(&PhraseProfile::default()), ScalePull::NONE);
    }
}
