//! What `eval` found, as text.
//!
//! Called by `eval`. Main thread.

use std::fmt::Write;

use super::bits::{Figures, Means};
use super::{Evaluation, comparison};
use crate::cli::melodies;

/// A row for each source and one for all; for a network of the grid a narrower one.
pub fn table(evaluation: &Evaluation, seconds: f64) -> String {
    let Evaluation {
        all,
        by_source,
        model,
        split,
        ..
    } = evaluation;
    let mut text = format!("{model}, {split} part, bits per note\n");
    let (head, row): (_, fn(&Figures) -> String) = match all.memory {
        Some(_) => (
            format!(
                "{:>8} {:>9} {:>8} {:>9} {:>9} {:>8} | {:>11} {:>9} {:>8} {:>8}",
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
            ),
            notes,
        ),
        None => (format!("{:>8} {:>8}", "dropped", "total"), grid),
    };
    let _ = writeln!(text, "{:24} {:>8} {:>9} {head}", "", "melodies", "notes");
    let by_source = by_source
        .iter()
        .map(|(name, figures)| (name.as_str(), figures));
    for (name, figures) in by_source.chain([("all", all)]) {
        let _ = writeln!(
            text,
            "{name:24} {:>8} {:>9} {}",
            figures.melodies,
            figures.notes,
            row(figures)
        );
    }
    text += &remarks(all);
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

fn notes(figures: &Figures) -> String {
    let bits = |means: &Means, factor: &str| {
        let bits = means.bits_per_note.get(factor);
        bits.map_or("-".into(), |bits| format!("{bits:.3}"))
    };
    let plain = &figures.plain;
    let mut text = format!(
        "{:>8} {:>9} {:>8.3} {:>9} {:>9} {:>8.3}",
        bits(plain, "pitch"),
        bits(plain, "onset_interval"),
        plain.sum,
        bits(plain, "duration"),
        bits(plain, "velocity"),
        plain.total
    );
    if let Some(memory) = &figures.memory {
        let _ = write!(
            text,
            " | {:>11} {:>9} {:>8.3} {:>8.3}",
            bits(memory, "pitch"),
            bits(memory, "onset_interval"),
            memory.sum,
            memory.total
        );
    }
    text
}

fn grid(figures: &Figures) -> String {
    let dropped = figures.dropped_notes.unwrap_or(0);
    format!("{dropped:>8} {:>8.3}", figures.plain.total)
}

fn remarks(all: &Figures) -> String {
    let end = all.plain.end_bits_per_melody;
    match &all.memory {
        Some(memory) => format!(
            "sum = pitch + interval, total = all symbols of a note; each melody's end: {end:.2} bits \
             more (with memory {:.2})\n",
            memory.end_bits_per_melody
        ),
        None => format!(
            "total = all symbols, a symbol a sixteenth; each melody's end: {end:.2} bits more\n\
             dropped = notes on the sixteenth of another one: counted as notes, at no charge\n"
        ),
    }
}
