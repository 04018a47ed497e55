//! Random numbers that are a function of where they are used: seed, purpose, place.
//!
//! No generator carries a state through the run, so that a resumed run draws what an
//! uninterrupted one would have drawn. Used for initial weights, dropout, the order of the tunes
//! and their transpositions.

mod drop;

use crate::nn::simd::vectorised;

/// A stretch of random numbers, each found by its index.
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

    /// Number `index`, all 64 bits random.
    pub fn bits(self, index: u64) -> u64 {
        mix(self
            .key
            .wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Number `index` below `bound`.
    pub fn below(self, index: u64, bound: u64) -> u64 {
        ((u128::from(self.bits(index)) * u128::from(bound)) >> 64) as u64
    }

    /// `n` numbers evenly from `-reach` to `reach`.
    pub fn uniform(self, n: usize, reach: f32) -> Vec<f32> {
        let unit = |i: u64| (self.bits(i) >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        (0..n as u64).map(|i| unit(i) * reach).collect()
    }

    /// `n` numbers around 0 with the given standard deviation (twelve uniform ones added).
    pub fn normal(self, n: usize, deviation: f32) -> Vec<f32> {
        let sum = |i: u64| {
            let parts = (0..12).map(|j| (self.bits(i * 12 + j) >> 40) as f32 / (1u64 << 24) as f32);
            parts.sum::<f32>() - 6.0
        };
        (0..n as u64).map(|i| sum(i) * deviation).collect()
    }

    /// The order of `n` things, shuffled.
    pub fn order(self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_cached_key(|i| (self.bits(*i as u64), *i));
        order
    }
}

/// SplitMix64's finaliser: every bit of the input moves half of the output's.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Which activations are left out at a training step. The rest is scaled up to make up for them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    rate: f64,
    key: [u32; 2],
}

impl Dropout {
    /// Nothing is left out.
    pub const NONE: Self = Self {
        rate: 0.0,
        key: [0; 2],
    };

    /// Leaves out a share of `rate`.
    pub fn new(rate: f64, noise: Noise) -> Self {
        let bits = noise.bits(0);
        Self {
            rate,
            key: [bits as u32, (bits >> 32) as u32],
        }
    }

    /// Whether anything is left out.
    pub fn acts(&self) -> bool {
        self.rate > 0.0
    }

    /// `out = values`, dropped, where `values` begin at `place` of the whole tensor.
    pub fn copy(&self, place: usize, values: &[f32], out: &mut [f32]) {
        if self.acts() {
            drop_copy(
                self.key,
                self.limit(),
                self.scale(),
                place as u32,
                values,
                out,
            );
        } else {
            out.copy_from_slice(values);
        }
    }

    /// Factors for a whole tensor of `n` values: 0 or the scale.
    pub fn mask(&self, n: usize) -> Vec<f32> {
        let mut mask = vec![1.0; n];
        self.copy(0, &vec![1.0; n], &mut mask);
        mask
    }

    fn limit(&self) -> u32 {
        (self.rate * 2f64.powi(32)) as u32
    }

    fn scale(&self) -> f32 {
        (1.0 / (1.0 - self.rate)) as f32
    }
}

vectorised! {
    fn drop_copy(
        key: [u32; 2],
        limit: u32,
        scale: f32,
        place: u32,
        values: &[f32],
        out: &mut [f32],
    ) {
        let out = &mut out[..values.len()];
        for (i, (out, value)) in out.iter_mut().zip(values).enumerate() {
            // A 32-bit finaliser is enough to decide about one activation.
            let x = (place.wrapping_add(i as u32)).wrapping_mul(0x9e37_79b9) ^ key[0];
            let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d).wrapping_add(key[1]);
            let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
            let x = x ^ (x >> 16);
            *out = if x < limit { 0.0 } else { value * scale };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropout_drops_its_share_and_keeps_the_mean() {
        let n = 100_000;
        let mask = Dropout::new(0.25, Noise::new(1, 2).branch(3)).mask(n);
        let dropped = mask.iter().filter(|value| **value == 0.0).count() as f64 / n as f64;
        assert!((dropped - 0.25).abs() < 0.01, "{dropped}");
        let mean = mask.iter().sum::<f32>() / n as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        let other = Dropout::new(0.25, Noise::new(1, 2).branch(4)).mask(n);
        let same = mask.iter().zip(&other).filter(|(a, b)| a == b).count() as f64 / n as f64;
        assert!(
            (same - 0.625).abs() < 0.01,
            "neighbouring steps are independent: {same}"
        );
    }

    #[test]
    fn parts_of_a_tensor_drop_as_the_whole() {
        let dropout = Dropout::new(0.5, Noise::new(1, 2));
        let mut part = [0.0; 10];
        dropout.copy(7, &[1.0; 10], &mut part);
        assert_eq!(part, dropout.mask(20)[7..17]);
        assert_eq!(Dropout::NONE.mask(3), [1.0; 3]);
    }

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
    fn orders_are_permutations_that_differ() {
        let mut order = Noise::new(1, 1).order(100);
        assert_ne!(order, Noise::new(1, 2).order(100));
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }
}
