//! A penalty on repeated notes: an answer repeats one no more often in a row than the player did.
//!
//! A network that has just repeated a note finds another repetition likely, and would go on. The
//! longest run in the phrase says how much of it the music bears; beyond that every further
//! repetition costs the pitch a factor e more. Kept by the continuation on the worker's thread.

use crate::music::note::Pitch;

/// How often in a row a pitch may always come.
const FREE: u32 = 2;

/// The run under way and the longest that was heard.
#[derive(Clone, Copy, Debug)]
pub struct RepetitionPenalty {
    pitch: Option<Pitch>,
    length: u32,
    longest: u32,
}

impl Default for RepetitionPenalty {
    fn default() -> Self {
        Self {
            pitch: None,
            length: 0,
            longest: FREE,
        }
    }
}

impl RepetitionPenalty {
    /// Counts the player's next note.
    pub fn heard(&mut self, pitch: Pitch) {
        self.played(pitch);
        self.longest = self.longest.max(self.length);
    }

    /// Counts the answer's next note.
    pub fn played(&mut self, pitch: Pitch) {
        self.length = match self.pitch == Some(pitch) {
            true => self.length + 1,
            false => 1,
        };
        self.pitch = Some(pitch);
    }

    /// Lowers the logit of a pitch that has come often enough.
    pub fn penalise(&self, logits: &mut [f32]) {
        if let Some(pitch) = self.pitch
            && self.length >= self.longest
        {
            logits[usize::from(pitch.get())] -= (self.length + 1 - self.longest) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(heard: &[i64], played: &[i64]) -> f32 {
        let mut repetition = RepetitionPenalty::default();
        heard
            .iter()
            .for_each(|key| repetition.heard(Pitch::clamped(*key)));
        played
            .iter()
            .for_each(|key| repetition.played(Pitch::clamped(*key)));
        let mut logits = [0.0; 128];
        repetition.penalise(&mut logits);
        assert!(logits.iter().filter(|logit| **logit != 0.0).count() <= 1);
        -logits[60]
    }

    #[test]
    fn what_the_phrase_did_is_free_and_more_costs_more() {
        assert_eq!(cost(&[], &[60]), 0.0);
        assert_eq!(cost(&[], &[60, 60]), 1.0);
        assert_eq!(cost(&[62, 64], &[60, 60, 60, 60]), 3.0);
        assert_eq!(cost(&[62, 62, 62, 62], &[60, 60, 60]), 0.0);
        assert_eq!(cost(&[62, 62, 62, 62], &[60, 60, 60, 60]), 1.0);
        assert_eq!(cost(&[60, 60], &[60, 62]), 0.0);
    }
}
