//! Many times of the same thing: their middle and their upper end.

use anyhow::ensure;
use serde_json::{Value, json};
use std::time::Duration;

/// Times in order of length, at least one.
pub struct Spread(Vec<Duration>);

impl Spread {
    /// Of these times.
    pub fn new(times: impl IntoIterator<Item = Duration>) -> anyhow::Result<Self> {
        let mut times: Vec<_> = times.into_iter().collect();
        ensure!(!times.is_empty(), "nothing was measured");
        times.sort();
        Ok(Self(times))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share (0 to 1) of all does not exceed.
    fn quantile(&self, share: f64) -> Duration {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    /// The middle one.
    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    /// What one of a hundred exceeds.
    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    /// What one of a thousand exceeds.
    pub fn p999(&self) -> Duration {
        self.quantile(0.999)
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.quantile(1.0)
    }

    /// In microseconds.
    pub fn json(&self) -> Value {
        json!({
            "median": micros(self.median()),
            "p99": micros(self.p99()),
            "p999": micros(self.p999()),
            "max": micros(self.max()),
            "count": self.count(),
        })
    }
}

/// In microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

/// In milliseconds.
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
