//! Random choices out of a seed.

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng;

/// The same throws for the same seed, on every machine.
pub struct Dice(Pcg32);

impl Dice {
    /// Starts at the first throw of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Pcg32::new(seed, 0x5eed))
    }

    /// 0 up to but not including `n`, which is not 0.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// 0 up to but not including 1.
    pub fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 2f64.powi(32)
    }

    /// Happens this often.
    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// Between two numbers.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// 1 to `max`, small ones as often as large ones.
    pub fn size(&mut self, max: u32) -> u32 {
        let power = self.unit() * f64::from(max + 1).ln();
        (power.exp() as u32).clamp(1, max)
    }

    /// One of these.
    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize].clone()
    }
}
