//! What the networks of a comparison were measured at, and the table of it.
//!
//! Called by [`super::run`]. Main thread.

use std::fmt::Write;

use serde::Serialize;

use crate::cli::eval::Figures;

/// What was found of one network, in bits per note, all symbols.
#[derive(Serialize)]
pub struct Row {
    /// Of the network.
    pub name: &'static str,
    /// Streams read side by side.
    pub batch: usize,
    /// Trained values.
    pub parameters: usize,
    /// Time from the first pass to the last.
    pub training_seconds: f64,
    /// On the test part.
    pub test: Totals,
    /// On the melodies of it that the grid can write exactly.
    pub exact: Option<Totals>,
}

/// Bits per note, all symbols.
#[derive(Serialize)]
pub struct Totals {
    total: f64,
    /// Than the classic network needs.
    fewer_percent: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_with_memory: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fewer_percent_with_memory: Option<f64>,
    notes: u64,
    melodies: u64,
    /// Notes that the grid cannot write beside others.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped_notes: Option<u64>,
}

impl Totals {
    /// Compared with `classic`, or with themselves.
    pub fn new(figures: &Figures, classic: Option<&Self>) -> Self {
        let total = figures.plain.total;
        let classic = classic.map_or(total, |classic| classic.total);
        let fewer = |total: f64| 100.0 * (1.0 - total / classic);
        let with_memory = figures.memory.as_ref().map(|memory| memory.total);
        Self {
            total,
            fewer_percent: fewer(total),
            total_with_memory: with_memory,
            fewer_percent_with_memory: with_memory.map(fewer),
            notes: figures.notes,
            melodies: figures.melodies,
            dropped_notes: figures.dropped_notes,
        }
    }
}

/// A row for each network, on the test part and on what of it the grid writes exactly.
pub fn table(hidden: usize, epochs: u32, rows: &[Row]) -> String {
    let mut text = format!(
        "bits per note, all symbols counted; 1 x {hidden} cells, {epochs} passes of as many updates\n\
         {:12} {:>8} {:>7} {:>12} {:>7} {:>11} {:>6} {:>8}\n",
        "", "total", "fewer", "with memory", "fewer", "parameters", "batch", "seconds"
    );
    let cell = |value: Option<f64>, digits: usize, unit: &str| {
        value.map_or("-".into(), |value| format!("{value:.digits$}{unit}"))
    };
    let mut part = |title: &str, of: fn(&Row) -> Option<&Totals>| {
        let Some(first) = rows.first().and_then(of) else {
            return;
        };
        let Totals {
            melodies, notes, ..
        } = first;
        let _ = writeln!(text, "{title} ({melodies} melodies, {notes} notes)");
        for row in rows {
            let Some(totals) = of(row) else { continue };
            let _ = writeln!(
                text,
                "  {:10} {:>8.3} {:>7} {:>12} {:>7} {:>11} {:>6} {:>8.0}",
                row.name,
                totals.total,
                cell(Some(totals.fewer_percent), 1, " %"),
                cell(totals.total_with_memory, 3, ""),
                cell(totals.fewer_percent_with_memory, 1, " %"),
                row.parameters,
                row.batch,
                row.training_seconds,
            );
        }
    };
    part("the test part", |row| Some(&row.test));
    part("what of it the grid writes exactly", |row| {
        row.exact.as_ref()
    });
    let dropped = rows.iter().find_map(|row| row.test.dropped_notes);
    let _ = writeln!(
        text,
        "fewer = than classic, which has a symbol a sixteenth; on the test part it leaves out {} notes \
         and moves triplets and thirty-seconds, at no charge",
        dropped.unwrap_or(0)
    );
    text
}
