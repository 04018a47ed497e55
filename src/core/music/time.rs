//! Musical time: the only time in the core, which knows no samples.
//!
//! Used everywhere; pure values, on any thread.

// On the audio thread too.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::unwrap_used, clippy::panic)
)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unreachable))]

use std::ops::{Add, AddAssign, Range, Sub, SubAssign};

/// Grid of HarmonAI: ticks in a quarter note. Holds thirty-seconds and triplets exactly.
pub const TICKS_PER_BEAT: i64 = 24;

/// A position or a length on the grid, in 24ths of a quarter note. May be negative (pre-roll).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(i64);

impl Ticks {
    /// The start of the song, and the empty length.
    pub const ZERO: Self = Self(0);
    pub const BEAT: Self = Self(TICKS_PER_BEAT);

    /// `n` 24ths of a quarter note.
    pub const fn new(n: i64) -> Self {
        Self(n)
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    /// The next multiple of `step` at or after this position (`step` > 0).
    pub const fn ceil_to(self, step: Self) -> Self {
        let down = self.floor_to(step);
        if down.0 == self.0 {
            self
        } else {
            Self(down.0.saturating_add(step.0))
        }
    }

    /// The last multiple of `step` at or before this position (`step` > 0).
    pub const fn floor_to(self, step: Self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(step.0)))
    }

    pub fn beats(self) -> Beats {
        Beats(self.0 as f64 / TICKS_PER_BEAT as f64)
    }

    /// The larger of the two.
    pub const fn max(self, other: Self) -> Self {
        if self.0 > other.0 { self } else { other }
    }

    /// The smaller of the two.
    pub const fn min(self, other: Self) -> Self {
        if self.0 < other.0 { self } else { other }
    }
}

impl Add for Ticks {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Ticks {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Ticks {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Ticks {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// A stretch of musical time, start included, end excluded.
pub type Span = Range<Ticks>;

/// A position or a length in quarter notes, between grid points too.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Beats(f64);

impl Beats {
    /// `beats` quarter notes; anything that is not a finite number becomes 0.
    pub fn new(beats: f64) -> Self {
        Self(if beats.is_finite() { beats } else { 0.0 })
    }

    pub fn get(self) -> f64 {
        self.0
    }

    /// The nearest grid point; halfway rounds up, before and after the song's start alike.
    pub fn nearest_tick(self) -> Ticks {
        Ticks((self.0 * TICKS_PER_BEAT as f64 + 0.5).floor() as i64)
    }
}

/// A time signature, and where its bar lines lie. Always valid: numerator 1 to 64, denominator a
/// power of two up to 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metre {
    numerator: u8,
    denominator: u8,
    /// From the song's start to the first bar line at or after it: not 0 where bars of another length
    /// came before. Less than a bar.
    line: Ticks,
}

impl Metre {
    /// 4/4, what a host that says nothing means.
    pub const COMMON: Self = Self {
        numerator: 4,
        denominator: 4,
        line: Ticks::ZERO,
    };

    /// `numerator`/`denominator`, or `None` where no bar of whole ticks comes of it.
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        let valid = (1..=64).contains(&numerator) && [1, 2, 4, 8, 16, 32].contains(&denominator);
        valid.then_some(Self {
            numerator: numerator as u8,
            denominator: denominator as u8,
            line: Ticks::ZERO,
        })
    }

    /// The same with a bar line at `at`.
    pub const fn with_line(self, at: Ticks) -> Self {
        Self {
            line: Ticks(at.0.rem_euclid(self.bar().0)),
            ..self
        }
    }

    /// The first bar line at or after the song's start.
    pub const fn line(self) -> Ticks {
        self.line
    }

    /// From text such as `6/8`.
    pub fn parse(text: &str) -> Option<Self> {
        let (n, d) = text.split_once('/')?;
        Self::new(n.trim().parse().ok()?, d.trim().parse().ok()?)
    }

    /// Beats in a bar, as written above the line.
    pub const fn numerator(self) -> u8 {
        self.numerator
    }

    /// The written beat's note value, as written below the line.
    pub const fn denominator(self) -> u8 {
        self.denominator
    }

    /// Length of the written beat (a quarter in 3/4, an eighth in 6/8).
    pub const fn beat(self) -> Ticks {
        Ticks(4 * TICKS_PER_BEAT / self.denominator as i64)
    }

    pub const fn bar(self) -> Ticks {
        Ticks(self.numerator as i64 * self.beat().0)
    }

    /// Where `at` falls in its bar.
    pub const fn position(self, at: Ticks) -> Ticks {
        Ticks(at.0.saturating_sub(self.line.0).rem_euclid(self.bar().0))
    }

    /// The bar that `at` falls in; the first one that begins at or after the song's start is 0.
    pub const fn bar_index(self, at: Ticks) -> i64 {
        at.0.saturating_sub(self.line.0).div_euclid(self.bar().0)
    }

    /// The last bar line at or before `at`.
    pub const fn bar_at(self, at: Ticks) -> Ticks {
        Ticks(at.0.saturating_sub(self.position(at).0))
    }

    /// The first bar line at or after `at`.
    pub fn bar_from(self, at: Ticks) -> Ticks {
        self.part_from(at, self.bar())
    }

    /// The first part of its bar at or after `at`, where bars are cut into parts of `step`.
    pub fn part_from(self, at: Ticks, step: Ticks) -> Ticks {
        (at - self.line).ceil_to(step) + self.line
    }
}

impl std::fmt::Display for Metre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_hold_before_the_songs_start() {
        let metre = Metre::parse("6/8").unwrap();
        assert_eq!(metre.bar(), Ticks::new(72));
        assert_eq!(metre.position(Ticks::new(-1)), Ticks::new(71));
        assert_eq!(metre.bar_index(Ticks::new(-1)), -1);
        assert_eq!(Ticks::new(-5).ceil_to(Ticks::new(6)), Ticks::ZERO);
        assert_eq!(Ticks::new(-5).floor_to(Ticks::new(6)), Ticks::new(-6));
        assert_eq!(Ticks::new(7).ceil_to(Ticks::new(6)), Ticks::new(12));
    }

    #[test]
    fn bars_lie_where_others_have_shifted_them() {
        // After two bars of 4/4 and one of 7/8.
        let metre = Metre::COMMON.with_line(Ticks::new(2 * 96 + 84));
        assert_eq!(metre.line(), Ticks::new(84));
        assert_eq!(metre.position(Ticks::new(2 * 96 + 84)), Ticks::ZERO);
        assert_eq!(metre.position(Ticks::new(0)), Ticks::new(12));
        assert_eq!(metre.bar_index(Ticks::new(83)), -1);
        assert_eq!(metre.bar_at(Ticks::new(200)), Ticks::new(180));
        assert_eq!(metre.bar_from(Ticks::new(181)), Ticks::new(276));
        assert_eq!(metre.bar_from(Ticks::new(276)), Ticks::new(276));
        assert_eq!(
            metre.part_from(Ticks::new(181), Ticks::BEAT),
            Ticks::new(204)
        );
        for wild in [i64::MIN, i64::MAX].map(Ticks::new) {
            assert!(metre.bar_at(wild) <= metre.bar_from(wild));
        }
    }

    #[test]
    fn nonsense_metres_are_refused() {
        for (n, d) in [(0, 4), (4, 0), (4, 3), (-3, 4), (65, 4), (4, 64)] {
            assert_eq!(Metre::new(n, d), None, "{n}/{d}");
        }
    }

    #[test]
    fn wild_positions_do_not_overflow() {
        assert_eq!(Beats::new(f64::NAN).nearest_tick(), Ticks::ZERO);
        assert!(Beats::new(1e300).nearest_tick() + Ticks::BEAT > Ticks::ZERO);
        for wild in [i64::MIN, i64::MAX].map(Ticks::new) {
            assert!(wild.floor_to(Ticks::BEAT) <= wild.ceil_to(Ticks::BEAT));
        }
    }
}
