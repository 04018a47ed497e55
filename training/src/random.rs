//! Random numbers that are a function of where they are used: seed, purpose, place.
//!
//! Each place has a generator of its own, so that none carries a state through a run and a resumed
//! run draws what an uninterrupted one would have drawn. Used for initial weights, dropout, the
//! order of the tunes and their transpositions, and for what the commands choose. Any thread.

use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

/// The random numbers of one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noise {
    key: u64,
}

impl Noise {
    /// The numbers for one `purpose` under a seed.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self {
            key: mix(mix(seed) ^ purpose),
        }
    }

    /// The numbers for one of many places of the same purpose (an epoch, a step, a tune).
    pub fn branch(self, place: u64) -> Self {
        Self {
            key: mix(self.key ^ mix(place)),
        }
    }

    /// A generator of them, from the first one on.
    pub fn rng(self) -> Pcg64 {
        Pcg64::seed_from_u64(self.key)
    }

    /// The seed of another generator.
    pub fn seed(self) -> u64 {
        self.key
    }

    /// `n` numbers evenly from `-reach` to `reach`, which must be finite.
    pub fn uniform(self, n: usize, reach: f32) -> Vec<f32> {
        let mut rng = self.rng();
        (0..n).map(|_| rng.random_range(-reach..=reach)).collect()
    }

    /// `n` numbers around 0 with the given standard deviation.
    pub fn normal(self, n: usize, deviation: f32) -> Vec<f32> {
        let numbers = self.rng().sample_iter::<f32, _>(StandardNormal);
        numbers.take(n).map(|number| number * deviation).collect()
    }
}

/// SplitMix64's finaliser: every bit of the input moves half of the output's.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_spread() {
        let noise = Noise::new(5, 0);
        let spread = |values: &[f32]| {
            (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt()
        };
        let normal = noise.normal(20_000, 0.1);
        assert!((spread(&normal) - 0.1).abs() < 0.002);
        let uniform = noise.uniform(20_000, 0.5);
        assert!((spread(&uniform) - 0.5 / 3f32.sqrt()).abs() < 0.005);
        assert!(uniform.iter().all(|v| v.abs() <= 0.5));
    }

    #[test]
    fn places_and_purposes_draw_numbers_of_their_own_and_always_the_same() {
        let draw = |noise: Noise| noise.rng().random::<u64>();
        let noise = Noise::new(1, 1);
        assert_eq!(draw(noise.branch(3)), draw(Noise::new(1, 1).branch(3)));
        for other in [
            noise,
            noise.branch(4),
            Noise::new(2, 1).branch(3),
            Noise::new(1, 2).branch(3),
        ] {
            assert_ne!(draw(noise.branch(3)), draw(other));
        }
    }
}
