//! A ratio of two sums over melodies, with its 95 % confidence interval.
//!
//! Filled by [`super::compare`]. Any thread.

use std::iter::Sum;
use std::ops::Add;

/// The normal distribution's 97.5 % quantile.
const TWO_SIDED_95: f64 = 1.96;

/// What one melody adds to either sum, such as its notes in key and all its notes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratio {
    pub of: f64,
    pub sum: f64,
}

impl Ratio {
    /// `count` of `all` notes, bars or melodies.
    pub fn count(count: usize, all: usize) -> Self {
        Self {
            sum: count as f64,
            of: all as f64,
        }
    }

    /// One number of one melody, of which the mean is wanted.
    pub fn number(sum: f64) -> Self {
        Self { sum, of: 1.0 }
    }

    /// 0 where there is nothing to divide by.
    pub fn value(self) -> f64 {
        if self.of > 0.0 {
            self.sum / self.of
        } else {
            0.0
        }
    }
}

impl Add for Ratio {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            of: self.of + other.of,
        }
    }
}

impl Sum for Ratio {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// The ratio of the sums over all melodies, and half the width of its interval. The melodies are
/// the sample: by the linearised variance of a ratio estimator (Cochran, *Sampling Techniques*,
/// 1977, section 6.4). The interval of fewer than two melodies is 0.
pub fn estimate(melodies: &[Ratio]) -> (f64, f64) {
    let all: Ratio = melodies.iter().copied().sum();
    let value = all.value();
    let with: Vec<&Ratio> = melodies.iter().filter(|one| one.of > 0.0).collect();
    let count = with.len() as f64;
    if count < 2.0 {
        return (value, 0.0);
    }
    let residual = |one: &&Ratio| (one.sum - value * one.of).powi(2);
    let squares: f64 = with.iter().map(residual).sum();
    let variance = count / (count - 1.0) * squares / (all.of * all.of);
    (value, TWO_SIDED_95 * variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_divisors_it_is_the_mean_and_its_standard_error() {
        let numbers = [1.0, 2.0, 4.0, 5.0].map(Ratio::number);
        let (mean, half) = estimate(&numbers);
        // Variance 10 / 3, standard error of the mean its root over two.
        assert_eq!(mean, 3.0);
        assert!((half - 1.96 * (10.0f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
    }

    #[test]
    fn melodies_count_by_their_notes_and_those_without_any_do_not() {
        let (share, half) = estimate(&[Ratio::count(1, 2), Ratio::count(5, 10)]);
        assert_eq!((share, half), (0.5, 0.0));
        let none = Ratio::default();
        assert_eq!(estimate(&[Ratio::count(1, 4), none]), (0.25, 0.0));
        assert_eq!(estimate(&[none, none]), (0.0, 0.0));
        assert_eq!(estimate(&[]), (0.0, 0.0));
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_truth() {
        // Melodies of 5 to 24 notes, each of which is in key with a chance of its own around 0.7.
        use rand::{RngExt, SeedableRng};
        let mut random = rand_pcg::Pcg64::seed_from_u64(1);
        let hits = (0..1000).filter(|_| {
            let melodies: Vec<Ratio> = (0..60)
                .map(|_| {
                    let (notes, chance) =
                        (random.random_range(5..25), random.random_range(0.5..0.9));
                    let inside = (0..notes).filter(|_| random.random_bool(chance)).count();
                    Ratio::count(inside, notes)
                })
                .collect();
            let (value, half) = estimate(&melodies);
            (value - half..=value + half).contains(&0.7)
        });
        let hits = hits.count();
        assert!((930..=970).contains(&hits), "{hits} of 1000");
    }
}
