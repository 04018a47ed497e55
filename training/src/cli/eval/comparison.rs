//! The statistics as a table: what the model played beside what was written.
//!
//! Called by [`super::run`]. Main thread.

use std::fmt::Write;

use super::answers::Report;
use crate::cli::output::melodies;
use crate::evaluate::statistics::Side;

/// The whole table, line by line.
pub fn statistics(report: &Report) -> String {
    let statistics = &report.statistics;
    let (generated, held_out) = (&statistics.generated, &statistics.held_out);
    let histograms = &statistics.histograms;
    let mut text = format!(
        "\n{} played on from the first bars: temperature {}, rhythm temperature {}, top-p {}, \
         memory {:.0} %, seed {}\n",
        melodies(report.melodies),
        report.temperature,
        report.rhythm_temperature,
        report.top_p,
        report.memory * 100.0,
        report.seed
    );
    let mut row = |name: &str, one: &str, other: &str| {
        let _ = writeln!(text, "{name:48} {one:>10} {other:>10}");
    };
    row("", "generated", "held-out");
    let mut both = |name: &str, figure: &dyn Fn(&Side) -> String| {
        row(name, &figure(generated), &figure(held_out));
    };
    both("notes", &|side| side.notes.to_string());
    both("notes in a quarter, mean", &|side| {
        format!("{:.2}", side.notes_per_beat)
    });
    both("range in semitones, mean", &|side| {
        format!("{:.1}", side.range_semitones)
    });
    both(
        "notes more than a third beyond the phrase's range",
        &|side| percent(side.far_from_phrase),
    );
    both("notes of the phrase's key", &|side| percent(side.in_key));
    both("notes that end a pattern of 4 had before", &|side| {
        percent(side.repetition)
    });
    both("  a pattern of 16", &|side| percent(side.quotation));
    both("  a pattern of 8, at other heights only", &|side| {
        percent(side.sequence)
    });
    both("  a pattern of 8, for the third time or more", &|side| {
        percent(side.insistence)
    });
    both("notes in a run of 4 or more of one pitch", &|side| {
        percent(side.hammering)
    });
    let copied = |side: &Side, text: fn(f64, usize) -> String| {
        side.copied.map_or("-".into(), |copied| {
            text(copied.mean_notes, copied.max_notes)
        })
    };
    both("longest run that is in the training music, mean", &|side| {
        copied(side, |mean, _| format!("{mean:.1}"))
    });
    both("  the longest of all, in notes", &|side| {
        copied(side, |_, max| max.to_string())
    });
    let ends = format!(
        "of {} at the melody's end: tonic",
        held_out.endings.melodies
    );
    both(&ends, &|side| percent(side.endings.tonic));
    both("  a note of the tonic triad", &|side| {
        percent(side.endings.tonic_triad)
    });
    both("  longer than the median", &|side| {
        percent(side.endings.long)
    });
    row("", "overlap", "KL, bits");
    for (name, histogram) in [
        ("pitch class above the tonic", &histograms.pitch_class),
        ("melodic interval", &histograms.melodic_interval),
        ("onset interval", &histograms.onset_interval),
    ] {
        let overlap = percent(histogram.overlap);
        let bits = format!("{:.3}", histogram.kl_divergence_bits);
        row(name, &overlap, &bits);
    }
    if report.of_training_part {
        text +=
            "the training part is among these melodies: what was written is found there whole\n";
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
