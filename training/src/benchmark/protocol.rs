//! The protocol: cross-validation over the folds of a set, in two modes.
//!
//! After Pearce & Wiggins (2004) and Pearce (2005, chapter 6). Every note of every melody is
//! predicted once, the first one too, by models that learnt from the other folds alone.
//!
//! - *long-term*: everything learnt is frozen while the fold is tested; a melody's prediction
//!   depends on nothing but its own notes so far. There are no counts of the melody at hand.
//! - *adaptive*: long-term models that also learn each test melody once it is over (LTM+), and
//!   short-term models of the melody at hand.
//!
//! The mixers' weights are learnt from the training folds only: each melody of them is predicted by
//! counts that its own notes have been taken out of. Called by the `benchmark` command, on rayon's
//! threads.

use super::data::Set;
use super::experts::Experts;
use super::mixer::Mixers;
use super::opinions::Opinions;
use crate::nn::noise::Noise;

/// Purposes of random numbers.
const ORDER: u64 = 0xbe7c;

/// What was predicted of a melody: for each note a distribution over the alphabet.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Which melody of the set.
    pub melody: usize,
    /// With everything frozen.
    pub long_term: Vec<Vec<f32>>,
    /// Learning from what was heard.
    pub adaptive: Vec<Vec<f32>>,
}

/// Figures of a set, in bits a note.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// With everything frozen.
    pub long_term: f64,
    /// Learning from what was heard.
    pub adaptive: f64,
    /// Notes counted.
    pub notes: usize,
}

/// Learns from all folds but `fold`, and predicts its melodies in the set's order.
pub fn test_fold(experts: &Experts, fold: u32, seed: u64) -> Vec<Prediction> {
    let noise = Noise::new(seed, ORDER).branch(u64::from(fold));
    let all = &experts.set().melodies;
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..all.len()).partition(|melody| all[*melody].fold == fold);

    let mut models = experts.blank();
    for melody in &train {
        experts.learn(&mut models, *melody);
    }
    let room = experts.room(&models, false);
    let mut heard = (room.clone(), experts.room(&models, true));
    for melody in &train {
        experts.forget(&mut models, *melody);
        let mut own = room.clone();
        experts.long_term(&models, *melody, &mut own);
        experts.adaptive(&own, *melody, &mut heard.1);
        heard.0.append(&own);
        experts.learn(&mut models, *melody);
    }
    let mixers = [(0, &heard.0), (1, &heard.1)]
        .map(|(mode, opinions)| Mixers::learn(opinions, noise.branch(mode)));

    let mut growing = models.clone();
    let mut predictions = Vec::with_capacity(test.len());
    for melody in test {
        let mut own = room.clone();
        experts.long_term(&models, melody, &mut own);
        let mut grown = room.clone();
        experts.long_term(&growing, melody, &mut grown);
        let mut both = experts.room(&growing, true);
        experts.adaptive(&grown, melody, &mut both);
        experts.learn(&mut growing, melody);
        predictions.push(Prediction {
            melody,
            long_term: distributions(&mixers[0], &own),
            adaptive: distributions(&mixers[1], &both),
        });
    }
    predictions
}

fn distributions(mixers: &Mixers, opinions: &Opinions) -> Vec<Vec<f32>> {
    let notes = 0..opinions.notes();
    notes.map(|note| mixers.predict(opinions, note)).collect()
}

/// The mean surprise of a whole set, whose every melody must be predicted.
pub fn figures(experts: &Experts, predictions: &[Prediction]) -> Figures {
    let set: &Set = experts.set();
    let mut figures = Figures::default();
    for prediction in predictions {
        let notes = &set.melodies[prediction.melody].notes;
        let surprise = |distributions: &[Vec<f32>]| {
            let pairs = notes.iter().zip(distributions);
            let bits = pairs.map(|(note, distribution)| {
                let place = experts.alphabet().place(i32::from(note.pitch));
                let p = place.and_then(|place| distribution.get(place));
                -f64::from(p.copied().unwrap_or(0.0)).log2()
            });
            bits.sum::<f64>()
        };
        figures.long_term += surprise(&prediction.long_term);
        figures.adaptive += surprise(&prediction.adaptive);
        figures.notes += notes.len();
    }
    figures.long_term /= figures.notes.max(1) as f64;
    figures.adaptive /= figures.notes.max(1) as f64;
    figures
}

#[cfg(test)]
mod tests;
