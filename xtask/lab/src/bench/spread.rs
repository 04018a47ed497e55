//! The distribution of many times of the same thing.

use anyhow::ensure;
use std::time::Duration;

/// Sorted times, at least one.
pub struct Spread(Vec<Duration>);

impl Spread {
    pub fn new(times: impl IntoIterator<Item = Duration>) -> anyhow::Result<Self> {
        let mut times: Vec<_> = times.into_iter().collect();
        ensure!(!times.is_empty(), "nothing was measured");
        times.sort();
        Ok(Self(times))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share (0 to 1) of all times does not exceed.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    pub fn p999(&self) -> Duration {
        self.quantile(0.999)
    }

    pub fn max(&self) -> Duration {
        self.quantile(1.0)
    }
}

pub fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

pub fn millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_occurred() {
        let check = |count: u64, expect: [u64; 4]| {
            let spread = Spread::new((1..=count).rev().map(Duration::from_micros)).unwrap();
            let found = [spread.median(), spread.p99(), spread.p999(), spread.max()];
            assert_eq!(found, expect.map(Duration::from_micros), "of {count}");
        };
        check(1, [1, 1, 1, 1]);
        check(100, [50, 99, 100, 100]);
        check(10_000, [5_000, 9_900, 9_990, 10_000]);
        assert!(Spread::new([]).is_err());
    }
}
