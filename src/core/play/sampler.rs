//! From logits to one symbol: a floor, temperature, top-p, and a random number.
//!
//! A network gives every symbol some probability, and among 224 times those that make no music add
//! up: one in fifty notes would fall off every grid, and what follows goes by it. So what is far
//! less likely than the likeliest symbol is never drawn, at whatever temperature (min-p: Nguyen et
//! al., *Turning Up the Heat*, 2024, but before the temperature, so that this makes music wilder
//! and not noise of it). Top-p alone would take the long notes and the rests with it.
//!
//! Constraints act before it: a logit of minus infinity is never chosen. Built on the kernel's `exp`,
//! so that the same random number gives the same symbol on every machine. Called by the continuation
//! on the worker's thread; no allocation.

use rand_pcg::rand_core::Rng;

use crate::model::kernel::{exp, ln};
use crate::model::vocabulary::Factor;

/// The largest alphabet.
const MOST: usize = 256;
const _: () = {
    let mut i = 0;
    while i < Factor::COUNT {
        assert!(Factor::ALL[i].symbols() <= MOST);
        i += 1;
    }
};

/// What is less likely than this share of the likeliest symbol's probability is never drawn.
const FLOOR: f32 = 0.01;

/// How freely symbols are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// 1 samples as the network predicts, towards 0 the likeliest only, above 1 more evenly. Below
    /// 0.01 counts as that.
    pub temperature: f32,
    /// Only the likeliest symbols that together have this probability are sampled from, 0 to 1.
    pub top_p: f32,
}

impl Sampler {
    /// One symbol; where every logit is minus infinity (or no number), symbol 0. Takes one random
    /// number.
    pub fn choose(self, logits: &[f32], random: &mut impl Rng) -> u16 {
        let logits = &logits[..logits.len().min(MOST)];
        let mut weights = [0.0f32; MOST];
        let weights = &mut weights[..logits.len()];
        let scale = 1.0 / self.temperature.max(0.01);
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let floor = top + ln(FLOOR);
        for (weight, logit) in weights.iter_mut().zip(logits) {
            // Not an exp of minus infinity: that is small, but not nothing.
            *weight = if logit.is_finite() && *logit >= floor {
                exp((logit - top) * scale)
            } else {
                0.0
            };
        }
        let mut order: [u16; MOST] = std::array::from_fn(|i| i as u16);
        let order = &mut order[..weights.len()];
        // Ties fall to the lower symbol: the order is the same everywhere.
        order.sort_unstable_by(|a, b| {
            let (x, y) = (weights[usize::from(*a)], weights[usize::from(*b)]);
            y.total_cmp(&x).then(a.cmp(b))
        });
        let total: f32 = order.iter().map(|i| weights[usize::from(*i)]).sum();
        let mut kept = 0.0;
        let mut count = 0;
        for i in order.iter() {
            kept += weights[usize::from(*i)];
            count += 1;
            if kept >= self.top_p * total {
                break;
            }
        }
        // 24 bits make every f32 in [0, 1) that is a multiple of 2^-24.
        let mut left = (random.next_u32() >> 8) as f32 / (1 << 24) as f32 * kept;
        for i in &order[..count] {
            left -= weights[usize::from(*i)];
            if left < 0.0 {
                return *i;
            }
        }
        order[..count]
            .iter()
            .rev()
            .find(|i| weights[usize::from(**i)] > 0.0)
            .copied()
            .unwrap_or(0)
    }
}

/// Turns logits into base-2 logarithms of probabilities, in place.
#[expect(clippy::disallowed_methods, reason = "it evaluates, it does not play")]
pub fn log2_softmax(logits: &mut [f32]) {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - top).exp())
        .sum();
    let log = sum.ln();
    for logit in logits {
        *logit = ((f64::from(*logit - top) - log) * std::f64::consts::LOG2_E) as f32;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "made-up logits")]
mod tests {
    use rand_pcg::Pcg32;

    use super::*;

    fn counts(sampler: Sampler, logits: &[f32]) -> Vec<u32> {
        let mut random = Pcg32::new(1, 1);
        let mut counts = vec![0; logits.len()];
        for _ in 0..20_000 {
            counts[usize::from(sampler.choose(logits, &mut random))] += 1;
        }
        counts
    }

    #[test]
    fn follows_the_distribution() {
        let logits = [0.5f32.ln(), 0.25f32.ln(), 0.25f32.ln(), f32::NEG_INFINITY];
        let counts = counts(
            Sampler {
                temperature: 1.0,
                top_p: 1.0,
            },
            &logits,
        );
        for (count, expect) in counts.iter().zip([10_000, 5_000, 5_000, 0]) {
            assert!(count.abs_diff(expect) < 300, "{counts:?}");
        }
        assert_eq!(counts[3], 0);
    }

    #[test]
    fn cold_takes_the_likeliest_and_top_p_cuts_the_tail() {
        let logits = [1.0, 3.0, 2.0, 0.0];
        assert_eq!(
            counts(
                Sampler {
                    temperature: 0.01,
                    top_p: 1.0
                },
                &logits
            )[1],
            20_000
        );
        let cut = counts(
            Sampler {
                temperature: 1.0,
                top_p: 0.8,
            },
            &logits,
        );
        assert_eq!((cut[0], cut[3]), (0, 0));
        assert!(cut[1] > cut[2] && cut[2] > 0);
    }

    #[test]
    fn what_is_far_less_likely_is_never_drawn_however_hot() {
        let hot = Sampler {
            temperature: 2.0,
            top_p: 1.0,
        };
        let counts = counts(hot, &[0.0, 0.011f32.ln(), 0.009f32.ln()]);
        assert!(counts[1] > 1_500, "{counts:?}");
        assert_eq!(counts[2], 0);
    }

    #[test]
    fn nothing_to_choose_from_is_survived() {
        let mut random = Pcg32::new(1, 1);
        let sampler = Sampler {
            temperature: f32::NAN,
            top_p: f32::NAN,
        };
        assert_eq!(sampler.choose(&[f32::NEG_INFINITY; 3], &mut random), 0);
        assert_eq!(sampler.choose(&[], &mut random), 0);
        assert!(sampler.choose(&[f32::NAN, 1.0, f32::INFINITY], &mut random) < 3);
    }

    #[test]
    fn log2_softmax_sums_to_one() {
        let mut logits = [3.0, -1.0, 0.0];
        log2_softmax(&mut logits);
        let sum: f32 = logits.iter().map(|l| l.exp2()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
    }
}
