//! How often what occurs in two sets of melodies, and how much alike that is.
//!
//! Filled by [`super::compare`], drawn and printed by the `eval` command. Any thread.

use harmonai_core::music::time::Ticks;
use serde::Serialize;

/// What every count is raised by before the two shares of a bin are divided, so that what one side
/// never plays costs much, but not infinitely much (Krichevsky and Trofimov's half).
pub const SMOOTHING: f64 = 0.5;

/// The onset intervals that have a bin of their own, in 24ths of a quarter note.
const INTERVALS: [i64; 14] = [3, 4, 6, 8, 9, 12, 16, 18, 24, 36, 48, 60, 72, 96];

/// The widest leap with a bin of its own, up and down; wider ones are counted with it.
const LEAP: i64 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pitch class, in semitones above the tonic of the phrase's key.
    PitchClass,
    /// Semitones from one note to the next.
    MelodicInterval,
    /// Time from one onset to the next.
    OnsetInterval,
}

impl Kind {
    /// What the bins hold: degrees of the major scale, semitones, or 24ths of a quarter note.
    pub fn labels(self) -> Vec<String> {
        const DEGREES: [&str; 12] = [
            "1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7",
        ];
        let signed = |semitones| match semitones {
            0 => "0".into(),
            semitones => format!("{semitones:+}"),
        };
        match self {
            Self::PitchClass => DEGREES.map(str::to_owned).to_vec(),
            Self::MelodicInterval => (-LEAP..=LEAP).map(signed).collect(),
            Self::OnsetInterval => {
                let named = INTERVALS.iter().map(ToString::to_string);
                named.chain(["other".into()]).collect()
            }
        }
    }

    /// The bin of a melodic interval.
    pub fn leap(semitones: i64) -> usize {
        (semitones.clamp(-LEAP, LEAP) + LEAP) as usize
    }

    /// The bin of an onset interval.
    pub fn interval(ticks: Ticks) -> usize {
        let found = INTERVALS.iter().position(|known| *known == ticks.get());
        found.unwrap_or(INTERVALS.len())
    }
}

/// Two histograms over the same bins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    pub bins: Vec<String>,
    /// Share of each bin in what was written.
    pub held_out: Vec<f64>,
    /// Share of each bin in what was played.
    pub generated: Vec<f64>,
    /// How much of the two histograms lies on each other, 0 to 1.
    pub overlap: f64,
    /// The Kullback-Leibler divergence of the played from the written, [`SMOOTHING`] added to every
    /// count: how many bits more a symbol costs whoever expects what is played and gets what is
    /// written.
    pub kl_divergence_bits: f64,
}

impl Histogram {
    /// Of what was written and what was played, counted in the same bins.
    pub fn new(kind: Kind, held_out: &[u64], generated: &[u64]) -> Self {
        let smooth = [held_out, generated].map(|counts| shares(counts, SMOOTHING));
        let [held_out, generated] = [held_out, generated].map(|counts| shares(counts, 0.0));
        let pairs = held_out.iter().zip(&generated);
        let divergence = smooth[0].iter().zip(&smooth[1]);
        let divergence = divergence.map(|(written, played)| written * (written / played).log2());
        Self {
            bins: kind.labels(),
            overlap: pairs.map(|(one, other)| one.min(*other)).sum(),
            kl_divergence_bits: divergence.sum(),
            held_out,
            generated,
        }
    }
}

/// Each bin's share, `more` added to every count; all nothing where nothing was counted.
fn shares(counts: &[u64], more: f64) -> Vec<f64> {
    let total = counts.iter().sum::<u64>() as f64 + more * counts.len() as f64;
    let share = |count: &u64| (*count as f64 + more) / total.max(f64::MIN_POSITIVE);
    counts.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_and_divergence_are_what_the_hand_computes() {
        let (mut held_out, mut generated) = ([0; 12], [0; 12]);
        (held_out[0], held_out[7]) = (3, 1);
        (generated[0], generated[2]) = (1, 1);
        let histogram = Histogram::new(Kind::PitchClass, &held_out, &generated);
        assert_eq!(histogram.held_out[0], 0.75);
        assert_eq!(histogram.generated[2], 0.5);
        assert_eq!(histogram.overlap, 0.5);
        // (3 + 1/2) of 10, (1 + 1/2) of 10 and ten halves of 10, against 8.
        let term = |written: f64, played: f64| {
            let (written, played) = (written / 10.0, played / 8.0);
            written * (written / played).log2()
        };
        let expect = term(3.5, 1.5) + term(1.5, 0.5) + term(0.5, 1.5) + 9.0 * term(0.5, 0.5);
        assert!((histogram.kl_divergence_bits - expect).abs() < 1e-12);
    }

    #[test]
    fn the_same_music_is_alike_and_none_is_no_music() {
        let mut counts = vec![0; Kind::OnsetInterval.labels().len()];
        let empty = Histogram::new(Kind::OnsetInterval, &counts, &counts);
        assert_eq!((empty.overlap, empty.kl_divergence_bits), (0.0, 0.0));
        counts[Kind::interval(Ticks::new(12))] = 4;
        counts[Kind::interval(Ticks::new(13))] = 4;
        let same = Histogram::new(Kind::OnsetInterval, &counts, &counts);
        assert_eq!((same.overlap, same.kl_divergence_bits), (1.0, 0.0));
    }

    #[test]
    fn every_value_has_its_labelled_bin() {
        let label = |kind: Kind, bin: usize| kind.labels()[bin].clone();
        let leap = |semitones| label(Kind::MelodicInterval, Kind::leap(semitones));
        assert_eq!(
            [-30, -12, -1, 0, 2, 12, 99].map(leap),
            ["-12", "-12", "-1", "0", "+2", "+12", "+12"]
        );
        let interval = |ticks| label(Kind::OnsetInterval, Kind::interval(Ticks::new(ticks)));
        assert_eq!(
            [3, 12, 96, 5, 9000].map(interval),
            ["3", "12", "96", "other", "other"]
        );
        assert_eq!(label(Kind::PitchClass, 3), "b3");
    }
}
