//! The pull of the phrase's own scale on the pitches of an answer.
//!
//! A network that reads what it has played itself goes where that leads it: one note outside the
//! key makes the next one likelier. The phrase stays where it is, so every pitch class that belongs
//! neither to its key nor to its notes costs something, more the stricter the phrase itself keeps to
//! its key. Soft: a note outside comes where the network is sure of it. Made when an answer begins,
//! on the worker's thread.

use crate::music::key::Key;
use crate::music::key_finding::KeyEstimate;
use crate::music::note::Pitch;
use crate::music::scale::PitchClasses;
use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;

/// What a pitch outside costs after a phrase without one, in nats.
const STRONGEST: f32 = 0.5;

/// A phrase that spends this share of its time outside its key pulls no more.
const LOOSE: f32 = 0.05;

/// The scale that echoes keep to, and what each pitch class costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScalePull {
    classes: PitchClasses,
    costs: [f32; 12],
}

impl ScalePull {
    /// None.
    pub const NONE: Self = Self {
        classes: PitchClasses::ALL,
        costs: [0.0; 12],
    };

    pub fn of(phrase: &PhraseProfile) -> Self {
        let Some(estimate) = phrase.estimate() else {
            return Self::NONE;
        };
        let key = estimate.key();
        let scale = key.scale().on(key.tonic());
        let (mut all, mut outside) = (0, 0);
        let mut classes = scale;
        for (pitch, time) in phrase.notes().filter(|(_, time)| *time > Ticks::ZERO) {
            all += time.get();
            outside += if scale.contains(pitch) { 0 } else { time.get() };
            classes = classes.with(pitch);
        }
        let share = outside as f32 / all.max(1) as f32;
        let strength = STRONGEST * (1.0 - share / LOOSE).max(0.0);
        let cost = |class: usize| {
            let class = Pitch::clamped(class as i64);
            match classes.contains(class) {
                true => 0.0,
                // In doubt between keys, what one of them has costs less.
                false => strength * (1.0 - belonging(estimate, class)),
            }
        };
        Self {
            classes,
            costs: std::array::from_fn(cost),
        }
    }

    /// The key's scale and the phrase's notes.
    pub fn classes(&self) -> PitchClasses {
        self.classes
    }

    /// Lowers the logits of the pitches outside.
    pub fn lower(&self, logits: &mut [f32]) {
        for (cost, logit) in self.costs.iter().cycle().zip(logits.iter_mut().take(128)) {
            *logit -= cost;
        }
    }
}

/// How likely a pitch class is of the key's scale.
fn belonging(estimate: &KeyEstimate, class: Pitch) -> f32 {
    let with = Key::all().filter(|key| key.contains(class));
    with.map(|key| estimate.probability(key)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::note::Note;
    use crate::music::time::Metre;

    /// What C, C sharp and F sharp cost after quarters on these keys.
    fn costs(keys: &[i64]) -> [f32; 3] {
        let notes = Note::line(keys, 24);
        let pull = ScalePull::of(&PhraseProfile::new(&notes, Metre::COMMON));
        let mut logits = [0.0; 129];
        pull.lower(&mut logits);
        assert_eq!(logits[128], 0.0, "no pitch");
        [60, 61, 66].map(|key| -logits[key])
    }

    /// In C major.
    const TUNE: [i64; 12] = [60, 64, 67, 65, 64, 62, 59, 62, 67, 65, 62, 60];

    #[test]
    fn what_neither_key_nor_phrase_has_costs() {
        let [c, c_sharp, f_sharp] = costs(&TUNE);
        assert_eq!(c, 0.0);
        // G major has F sharp, and there is a little doubt.
        assert!(
            0.9 * STRONGEST < c_sharp && c_sharp <= STRONGEST,
            "{c_sharp}"
        );
        assert!(0.5 * STRONGEST < f_sharp && f_sharp <= c_sharp, "{f_sharp}");
        let with_a_sharp = [&TUNE[..], &TUNE, &[66, 67, 60]].concat();
        let [c, less, f_sharp] = costs(&with_a_sharp);
        assert_eq!((c, f_sharp), (0.0, 0.0), "the phrase has it");
        assert!(less > 0.0 && less < c_sharp, "{less}");
    }

    #[test]
    fn five_notes_leave_it_open_which_fourth_belongs() {
        // C D E G A, which G major has too; the tune has an F besides.
        let [_, _, in_doubt] = costs(&[60, 62, 64, 67, 69, 67, 64, 62, 60]);
        let [_, _, f_sharp] = costs(&TUNE);
        assert!(in_doubt < f_sharp, "{in_doubt} {f_sharp}");
    }

    #[test]
    fn a_phrase_that_strays_or_is_empty_pulls_not_at_all() {
        let straying = [&TUNE[..], &[61, 66, 60]].concat();
        assert_eq!(costs(&straying), [0.0; 3]);
        assert_eq!(ScalePull::of(&PhraseProfile::default()), ScalePull::NONE);
    }
}
