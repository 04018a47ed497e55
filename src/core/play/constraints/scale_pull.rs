//! The pull of the phrase's own scale on the pitches of an answer.
//!
//! A network that reads what it has played itself goes where that leads it: one note outside the
//! key makes the next one likelier. The phrase stays where it is, so every pitch class that belongs
//! neither to its key nor to its notes costs something, more the stricter the phrase itself keeps to
//! its key. Soft: a note outside comes where the network is sure of it. Made when an answer begins,
//! on the worker's thread.

use crate::music::note::Pitch;
use crate::music::scale::PitchClasses;
use crate::music::time::Ticks;
use crate::play::constraints::pitch::PhraseProfile;

/// What a pitch outside costs after a phrase without one, in nats.
const STRONGEST: f32 = 1.0;

/// A phrase that spends this share of its time outside its key pulls no more.
const LOOSE: f32 = 0.1;

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
        let Some(key) = phrase.key() else {
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
