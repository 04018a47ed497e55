//! Which activations are left out at a training step.
//!
//! Whether one is left out follows from its place in the tensor and a key by a hash of our own, not
//! from a generator: so a kernel can decide about any part of a tensor, on any device and in any
//! order, and decide the same again in the backward pass, without a mask that has to be kept.

mod op;

use crate::nn::simd::vectorised;
use crate::random::Noise;

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
        let bits = noise.seed();
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
}
