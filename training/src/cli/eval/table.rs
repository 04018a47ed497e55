//! What `eval` found, as text.
//!
//! Called by `eval`. Main thread.

use std::fmt::Write;

use super::{Evaluation, comparison};
use crate::cli::output::{count, melodies};
use crate::evaluate::player::{Means, Measured};

/// A row for each source, one for their mean and one for all melodies together.
pub fn table(evaluation: &Evaluation, seconds: f64) -> String {
    let (model, split, all) = (&evaluation.model, &evaluation.split, &evaluation.all);
    let mut text = format!("{model}, {split} part, bits per note\n");
    let _ = writeln!(
        text,
        "{:24} {:>8} {:>9} {:>8} {:>9} {:>8} {:>9} {:>9} {:>8} | {:>11} {:>9} {:>8} {:>8}",
        "",
        "melodies",
        "notes",
        "pitch",
        "interval",
        "sum",
        "duration",
        "velocity",
        "total",
        "with memory",
        "interval",
        "sum",
        "total"
    );
    let rows = evaluation.by_source.iter();
    let mut rows: Vec<_> = rows.map(|(name, row)| (name.as_str(), row)).collect();
    if rows.len() > 1 {
        rows.push(("mean of the sources", &evaluation.mean_of_sources));
    }
    rows.push(("all", all));
    for (name, figures) in rows {
        let _ = writeln!(
            text,
            "{name:24} {:>8} {:>9} {}",
            count(figures.melodies as usize),
            count(figures.notes as usize),
            row(figures)
        );
    }
    let _ = writeln!(
        text,
        "sum = pitch + interval, total = all symbols of a note; each melody's end: {:.2} bits more \
         (with memory {:.2})",
        all.plain.end_bits_per_melody, all.memory.end_bits_per_melody
    );
    if evaluation.melodies_of_other_styles > 0 {
        let others = melodies(evaluation.melodies_of_other_styles);
        let _ = writeln!(text, "{others} of no style that the model knows");
    }
    if let Some(report) = &evaluation.statistics {
        text += &comparison::statistics(report);
    }
    let _ = writeln!(text, "{seconds:.1} s");
    text
}

fn row(figures: &Measured) -> String {
    let bits = |means: &Means, factor: &str| {
        let bits = means.bits_per_note.get(factor);
        bits.map_or("-".into(), |bits| format!("{bits:.3}"))
    };
    let Measured { plain, memory, .. } = figures;
    format!(
        "{:>8} {:>9} {:>8.3} {:>9} {:>9} {:>8.3} | {:>11} {:>9} {:>8.3} {:>8.3}",
        bits(plain, "pitch"),
        bits(plain, "onset_interval"),
        plain.sum,
        bits(plain, "duration"),
        bits(plain, "velocity"),
        plain.total,
        bits(memory, "pitch"),
        bits(memory, "onset_interval"),
        memory.sum,
        memory.total
    )
}
