//! What an outside model says of a set's melodies: not part of the protocol, for comparison.
//!
//! The model is one that plays in the plug-in, with its memory, trained on other music. It knows
//! all 128 keys; its probabilities are shared out anew over the set's alphabet. Called by the
//! `benchmark` command, on rayon's threads.

use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Event, Factor, NONE, PhraseContext, Style};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::{Metre, Ticks};
use rayon::prelude::*;

use super::alphabet::Alphabet;
use super::data::{Melody, Set};
use super::mixer::softmax;

/// Bits a note over the whole set.
pub fn bits(network: &Network, set: &Set) -> f64 {
    let alphabet = Alphabet::new(set.alphabet());
    let melodies = set.melodies.par_iter();
    let bits: Vec<f64> = melodies
        .map(|melody| {
            let all = distributions(network, melody, &alphabet);
            let pairs = melody.notes.iter().zip(&all);
            let bits = pairs.map(|(note, distribution)| {
                let place = alphabet.place(i32::from(note.pitch));
                let p = place.map_or(0.0, |place| distribution[place]);
                -f64::from(p).log2()
            });
            bits.sum()
        })
        .collect();
    bits.iter().sum::<f64>() / set.notes().max(1) as f64
}

/// For each note, a distribution over the alphabet.
pub fn distributions(network: &Network, melody: &Melody, alphabet: &Alphabet) -> Vec<Vec<f32>> {
    let metre = melody.metre.unwrap_or(Metre::COMMON);
    // Bar lines at multiples of the bar, as the network has them.
    let mut onsets = Vec::with_capacity(melody.notes.len());
    for note in &melody.notes {
        let onset = Ticks::new(note.onset - melody.bar_line);
        // It knows no two notes at once: the second comes a tick later.
        let earliest = onsets.last().map_or(onset, |last| *last + Ticks::new(1));
        onsets.push(onset.max(earliest));
    }
    let mut state = network.state();
    let mut logits = vec![0.0; Factor::Pitch.symbols()];
    let mut all = Vec::with_capacity(melody.notes.len());
    let Some(first) = onsets.first() else {
        return all;
    };
    let frame = PhraseContext::new(metre, Style::ANY, *first);
    let (mut events, mut memory) = (Vec::with_capacity(onsets.len()), Memory::default());
    let nothing = [NONE; Factor::COUNT];
    for (i, note) in melody.notes.iter().enumerate() {
        memory.listen(&events, onsets[i], metre);
        network.step(&mut state, &frame.inputs(&events, &memory, onsets[i], None));
        network.logits(&state, Factor::Pitch, &nothing, &mut logits);
        let with = (&mut memory, 1.0);
        network.remember(&state, Factor::Pitch, &nothing, with, &mut logits);
        let known = alphabet.pitches().iter();
        let mut own: Vec<f32> = known.map(|pitch| logits[usize::from(*pitch)]).collect();
        softmax(&mut own);
        all.push(own);
        let before = Note {
            onset: onsets[i],
            duration: Ticks::new(note.duration.max(1)),
            pitch: Pitch::clamped(note.pitch.into()),
            velocity: None,
        };
        if let Some(next) = onsets.get(i + 1) {
            events.push(Event::new(before, *next - onsets[i]));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::checkpoint::Checkpoint;
    use harmonai_core::model::config::{Cell, Config};

    use super::super::data::Note as Given;
    use super::*;

    #[test]
    fn probabilities_are_shared_out_over_the_alphabet() {
        let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
        let network = Network::new(Checkpoint::noise(config, 1));
        let given = |onset: i64, pitch: u8| Given {
            onset,
            pitch,
            duration: 12,
        };
        let melody = |last: u8| Melody {
            fold: 0,
            notes: vec![given(0, 60), given(24, 62), given(24, 64), given(48, last)],
            metre: None,
            bar_line: 0,
        };
        let alphabet = Alphabet::new(vec![60, 62, 64]);
        let all = distributions(&network, &melody(60), &alphabet);
        assert_eq!(all.len(), 4);
        for own in &all {
            assert_eq!(own.len(), 3);
            assert!((own.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert_eq!(all, distributions(&network, &melody(64), &alphabet));
    }
}
