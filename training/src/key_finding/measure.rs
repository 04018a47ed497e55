//! How often the written key signature is heard, and whether the probabilities mean what they say.
//!
//! Called by `training key`. Any thread.

use std::collections::BTreeMap;

use harmonai_core::music::key::{Key, KeyMode};
use harmonai_core::music::key_finding::KeyEstimate;
use harmonai_core::music::key_finding::table::KeyTable;
use harmonai_core::music::note::Pitch;

use super::phrases::{KeyPhrase, Kind};

/// Steps of the table of probabilities.
pub const STEPS: usize = 5;

/// What came of some phrases.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    pub phrases: usize,
    /// Heard in a key of the written signature.
    pub right: usize,
    /// -ln of the probability that the written signature was given, summed.
    pub nats: f64,
    /// Of phrases whose mode is known and whose signature is heard, how many there are, and how many
    /// are heard in that mode.
    pub known_modes: usize,
    pub right_modes: usize,
    /// By how sure it was of what it heard: phrases, right ones, and the sum of its probabilities.
    pub sureness: [(usize, usize, f64); STEPS],
}

impl Heard {
    fn add(&mut self, phrase: &KeyPhrase, table: &KeyTable) {
        let estimate = KeyEstimate::weigh(&phrase.evidence, table);
        let heard = estimate.key();
        let written = Key::new(Pitch::clamped(phrase.major_tonic.into()), KeyMode::Major);
        let right = usize::from(heard.signature() == written.signature());
        let sure = f64::from(estimate.probability_of_signature(heard));
        self.phrases += 1;
        self.right += right;
        self.nats -= f64::from(estimate.probability_of_signature(written))
            .max(1e-9)
            .ln();
        if let (1, Some(mode)) = (right, phrase.mode) {
            self.known_modes += 1;
            self.right_modes += usize::from(heard.mode() == mode);
        }
        let step = ((sure * STEPS as f64) as usize).min(STEPS - 1);
        let (phrases, rights, sum) = &mut self.sureness[step];
        (*phrases, *rights, *sum) = (*phrases + 1, *rights + right, *sum + sure);
    }

    /// In percent; nothing where there are no phrases.
    pub fn share(&self) -> Option<f64> {
        (self.phrases > 0).then(|| 100.0 * self.right as f64 / self.phrases as f64)
    }
}

/// What is heard by a table, by kind.
pub fn measure<'a>(
    phrases: impl IntoIterator<Item = &'a KeyPhrase>,
    table: &KeyTable,
) -> BTreeMap<Kind, Heard> {
    let mut heard: BTreeMap<Kind, Heard> = BTreeMap::new();
    for phrase in phrases {
        heard.entry(phrase.kind).or_default().add(phrase, table);
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::key_finding::evidence::KeyEvidence;
    use harmonai_core::music::key_finding::learnt::LEARNT;
    use harmonai_core::music::note::Note;
    use harmonai_core::music::time::{Metre, Ticks};

    #[test]
    fn a_scale_is_heard_and_another_signature_is_not_it() {
        let notes: Vec<Note> = [60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60]
            .into_iter()
            .zip(0..)
            .map(|(key, i)| Note {
                onset: Ticks::new(24 * i),
                duration: Ticks::BEAT,
                pitch: Pitch::clamped(key),
                velocity: None,
            })
            .collect();
        let phrase = |major_tonic| KeyPhrase {
            kind: Kind::Bars(4),
            evidence: KeyEvidence::of(&notes, Metre::COMMON),
            major_tonic,
            mode: Some(KeyMode::Major),
        };
        let heard = measure(&[phrase(0), phrase(7)], &LEARNT)[&Kind::Bars(4)];
        assert_eq!((heard.phrases, heard.right, heard.right_modes), (2, 1, 1));
        assert_eq!(heard.share(), Some(50.0));
        assert!(heard.nats > 2.0);
    }
}
