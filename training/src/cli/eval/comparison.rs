//! The statistics as tables: what the model played beside what was written.
//!
//! Called by [`super::run`]. Main thread.

use std::fmt::Write;

use super::answers::Report;
use crate::cli::output::{count, melodies};
use crate::evaluate::statistics::measures::{ENDINGS, MEASURES, Measure, Unit};
use crate::evaluate::statistics::{Figure, Side, Sides};

/// All of them, line by line.
pub fn statistics(report: &Report) -> String {
    let statistics = &report.statistics;
    let mut text = format!(
        "\n{} played on from the first bars, {} each: temperature {}, rhythm temperature {}, \
         top-p {}, memory {:.0} %, seed {}\n",
        melodies(report.melodies),
        answers(report.answers),
        report.temperature,
        report.rhythm_temperature,
        report.top_p,
        report.memory * 100.0,
        report.seed
    );
    text += &both_sides(&statistics.all);
    let _ = writeln!(text, "{:50} {:>16} {:>16}", "", "overlap", "KL, bits");
    let histograms = &statistics.histograms;
    for (name, histogram) in [
        ("pitch class above the tonic", &histograms.pitch_class),
        ("melodic interval", &histograms.melodic_interval),
        ("onset interval", &histograms.onset_interval),
    ] {
        let overlap = percent(histogram.overlap);
        let bits = histogram.kl_divergence_bits;
        let _ = writeln!(text, "{name:50} {overlap:>16} {bits:>16.3}");
    }
    if let Some(figure) = statistics.key_signature {
        let share = with_interval(Unit::Share, figure);
        let _ = writeln!(
            text,
            "{:50} {share:>16}",
            "phrases heard in a key of the written signature"
        );
    }
    if statistics.by_source.len() > 1 {
        text += &by_source(statistics.by_source.iter());
    }
    if report.of_training_part {
        text +=
            "the training part is among these melodies: what was written is found there whole\n";
    }
    text
}

fn answers(answers: u32) -> String {
    match answers {
        1 => "one answer".into(),
        answers => format!("{} answers", count(answers as usize)),
    }
}

/// Every figure of either side, with its interval.
fn both_sides(sides: &Sides) -> String {
    let mut text = format!("{:50} {:>16} {:>16}\n", "", "generated", "held-out");
    let mut row = |name: &str, figure: &dyn Fn(&Side) -> String| {
        let (one, other) = (figure(&sides.generated), figure(&sides.held_out));
        let _ = writeln!(text, "{name:50} {one:>16} {other:>16}");
    };
    row("notes", &|side| count(side.notes));
    for measure in &MEASURES {
        row(measure.title, &|side| {
            with_interval(measure.unit, side.figures.get(measure))
        });
    }
    let copied = |side: &Side, text: fn(f64, usize) -> String| {
        side.copied.map_or("-".into(), |copied| {
            text(copied.mean_notes, copied.max_notes)
        })
    };
    row("longest run that is in the training music, mean", &|side| {
        copied(side, |mean, _| format!("{mean:.1}"))
    });
    row("  the longest of all, in notes", &|side| {
        copied(side, |_, max| max.to_string())
    });
    row("at the melodies' ends", &|side| {
        count(side.endings.melodies)
    });
    for measure in &ENDINGS {
        row(measure.title, &|side| {
            with_interval(measure.unit, side.endings.figures.get(measure))
        });
    }
    text
}

/// Generated / held-out, a column for each source.
fn by_source<'a>(sources: impl Iterator<Item = (&'a String, &'a Sides)> + Clone) -> String {
    let mut text = format!("\n{:50}", "generated / held-out");
    for (name, _) in sources.clone() {
        let _ = write!(text, " {name:>18}");
    }
    text.push('\n');
    let mut row = |measure: &Measure, figure: &dyn Fn(&Side) -> Figure| {
        let _ = write!(text, "{:50}", measure.title);
        for (_, sides) in sources.clone() {
            let sides = [&sides.generated, &sides.held_out];
            let [one, other] = sides.map(|side| plain(measure.unit, figure(side)));
            let pair = format!("{one} / {other}");
            let _ = write!(text, " {pair:>18}");
        }
        text.push('\n');
    };
    for measure in &MEASURES {
        row(measure, &|side| side.figures.get(measure));
    }
    for measure in &ENDINGS {
        row(measure, &|side| side.endings.figures.get(measure));
    }
    text
}

fn with_interval(unit: Unit, figure: Figure) -> String {
    let Figure { value, interval_95 } = figure;
    match unit {
        Unit::Share => format!("{:.1} ± {:.1} %", value * 100.0, interval_95 * 100.0),
        Unit::Number => format!("{value:.2} ± {interval_95:.2}"),
    }
}

fn plain(unit: Unit, figure: Figure) -> String {
    match unit {
        Unit::Share => format!("{:.1}", figure.value * 100.0),
        Unit::Number => format!("{:.2}", figure.value),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
