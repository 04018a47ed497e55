//! How far notes were moved when they were put on the grid.
//!
//! Filled by [`super::notated`] for each melody, summed up by [`super::Corpus`], shown by the
//! `inspect` command and the report of a run. Any thread.

use std::collections::BTreeMap;
use std::fmt;

use harmonai_core::music::time::TICKS_PER_BEAT;
use serde::{Deserialize, Serialize};

/// Parts of a tick that distances are counted in.
const PARTS: i64 = 1000;
/// A distance above this one is counted as far: half of the farthest that there is, as the grid's
/// points are 1/24 of a quarter note apart.
const FAR: u32 = PARTS as u32 / 4;

/// Distances between where notes were written and the grid points that they went to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Notes by distance, in thousandths of a tick.
    counts: BTreeMap<u32, u64>,
}

/// What is told of them. Lengths are in quarter notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MoveFigures {
    pub notes: u64,
    /// Half of the notes were moved by no more.
    pub median: f64,
    /// 95 of 100 notes were moved by no more.
    pub most: f64,
    pub farthest: f64,
    /// Share of notes that were moved at all, by more than a thousandth of a grid step.
    pub moved: f64,
    /// Share of notes that were moved by more than 1/96 of a quarter note, a quarter of the grid's
    /// step. The rounding itself goes no farther than 1/48.
    pub far: f64,
}

impl fmt::Display for MoveFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.2} % of the notes moved; median {:.4}, 95 % within {:.4}, farthest {:.4} quarter \
             notes; {:.2} % by more than 1/96",
            self.moved * 100.0,
            self.median,
            self.most,
            self.farthest,
            self.far * 100.0
        )
    }
}

/// The grid point nearest to `at` of `per_beat` parts of a quarter note, halves up, and the
/// distance to it in thousandths of a tick.
pub fn nearest(at: i64, per_beat: i64) -> (i64, u32) {
    let (at, per_beat) = (i128::from(at), i128::from(per_beat));
    let scaled = at * i128::from(TICKS_PER_BEAT);
    let tick = (2 * scaled + per_beat).div_euclid(2 * per_beat);
    let distance = (scaled - tick * per_beat).abs();
    let parts = (distance * i128::from(PARTS) + per_beat / 2) / per_beat;
    (tick as i64, parts as u32)
}

impl Moves {
    pub fn add(&mut self, distance: u32) {
        *self.counts.entry(distance).or_default() += 1;
    }

    /// Counts the notes of another melody too.
    pub fn merge(&mut self, other: &Self) {
        for (distance, notes) in &other.counts {
            *self.counts.entry(*distance).or_default() += notes;
        }
    }

    pub fn figures(&self) -> MoveFigures {
        let notes: u64 = self.counts.values().sum();
        let above = |limit: u32| {
            let above: u64 = self.counts.range(limit + 1..).map(|(_, notes)| notes).sum();
            above as f64 / notes.max(1) as f64
        };
        let beats = |distance: u32| f64::from(distance) / (PARTS * TICKS_PER_BEAT) as f64;
        MoveFigures {
            notes,
            median: beats(self.quantile(notes.div_ceil(2))),
            most: beats(self.quantile((notes * 95).div_ceil(100))),
            farthest: beats(self.counts.keys().last().copied().unwrap_or(0)),
            moved: above(0),
            far: above(FAR),
        }
    }

    /// The distance of note number `rank` from 1, the nearest first.
    fn quantile(&self, rank: u64) -> u32 {
        let mut passed = 0;
        for (distance, notes) in &self.counts {
            passed += notes;
            if passed >= rank {
                return *distance;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_point_and_the_way_to_it() {
        assert_eq!(nearest(480, 480), (24, 0));
        // A tick is 20 of these parts.
        assert_eq!(nearest(45, 480), (2, 250));
        assert_eq!(nearest(50, 480), (3, 500));
        assert_eq!(nearest(-45, 480), (-2, 250));
        assert_eq!(nearest(1, 7), (3, 429));
        assert_eq!(
            nearest(i64::MAX / 32, 1),
            (i64::MAX / 32 * 24, 0),
            "no overflow"
        );
    }

    #[test]
    fn figures_of_a_hundred_notes() {
        let mut moves = Moves::default();
        (0..60).for_each(|_| moves.add(0));
        let mut more = Moves::default();
        (0..35).for_each(|_| more.add(240));
        (0..5).for_each(|_| more.add(480));
        moves.merge(&more);
        let figures = moves.figures();
        assert_eq!(figures.notes, 100);
        assert_eq!(figures.median, 0.0);
        assert!((figures.most - 0.01).abs() < 1e-12, "{figures:?}");
        assert!((figures.farthest - 0.02).abs() < 1e-12);
        assert_eq!((figures.moved, figures.far), (0.4, 0.05));
        assert_eq!(Moves::default().figures(), MoveFigures::default());
    }
}
