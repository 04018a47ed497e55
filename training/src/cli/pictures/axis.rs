//! An axis whose marks and their names are given one by one.
//!
//! The library's own marks fall on round numbers; ours are bars of a chart, bar lines, octaves.
//! Used by all charts beside it. Main thread.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

/// A stretch of numbers and the marks on it.
pub struct Axis {
    range: RangedCoordf64,
    marks: Vec<(f64, String)>,
}

impl Axis {
    pub fn new(range: Range<f64>, marks: impl IntoIterator<Item = (f64, String)>) -> Self {
        Self {
            range: range.into(),
            marks: marks.into_iter().collect(),
        }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.range.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Every mark is a main one.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.marks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let mark = self.marks.iter().find(|(at, _)| at == value);
        mark.map(|(_, name)| name.clone()).unwrap_or_default()
    }
}
