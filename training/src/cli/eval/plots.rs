//! The figures as pictures, in SVG.
//!
//! [`write`] is called by [`super::run`]; files of the same names are replaced. Main thread.

mod roll;

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use super::Evaluation;
use super::answers::Answers;
use crate::cli::output;
use crate::cli::pictures::bars::Bars;
use crate::evaluate::player::Measured;
use crate::evaluate::statistics::histogram::Histogram;
use crate::files;

/// What the model played, what was written, and the phrase that it was given; told apart without
/// colour by their lightness.
const GENERATED: RGBColor = RGBColor(0xd9, 0x62, 0x2b);
const HELD_OUT: RGBColor = RGBColor(0x2f, 0x6f, 0xb3);
const PHRASE: RGBColor = RGBColor(0xa8, 0xa8, 0xa8);
/// The factors of a note.
const PITCH: RGBColor = RGBColor(0x2b, 0x6a, 0x5b);
const ONSET: RGBColor = RGBColor(0x8f, 0xc4, 0xa4);
const SUM: RGBColor = RGBColor(0xb4, 0xa7, 0xc4);
const MEMORY: RGBColor = RGBColor(0x6d, 0x55, 0x93);

/// Width and height of a chart.
const SIZE: (u32, u32) = (960, 480);

/// Answers that are drawn; the first ones are of different sources.
const ROLLS: usize = 4;

/// Writes all pictures and tells how many.
pub fn write(folder: &Path, evaluation: &Evaluation, answers: &Answers) -> Result<()> {
    let histograms = &answers.report.statistics.histograms;
    let melodies = answers.report.melodies;
    let mut pictures = vec![
        (
            "pitch-class.svg".to_owned(),
            histogram(
                &histograms.pitch_class,
                &format!("Pitch classes of {melodies} melodies"),
                "degree above the tonic of the phrase's key, as of a major scale",
            )?,
        ),
        (
            "melodic-interval.svg".to_owned(),
            histogram(
                &histograms.melodic_interval,
                &format!("Melodic intervals of {melodies} melodies"),
                "semitones to the next note (an octave or more at either end)",
            )?,
        ),
        (
            "onset-interval.svg".to_owned(),
            histogram(
                &histograms.onset_interval,
                &format!("Onset intervals of {melodies} melodies"),
                "time to the next onset, in 24ths of a quarter note",
            )?,
        ),
        ("bits-per-note.svg".to_owned(), bits(evaluation)?),
    ];
    for (answered, number) in answers.answered.iter().take(ROLLS).zip(1..) {
        pictures.push((format!("answer-{number}.svg"), roll::draw(answered)?));
    }
    for (name, picture) in &pictures {
        files::write_whole(&folder.join(name), picture.as_bytes())?;
    }
    let count = pictures.len();
    output::tell(&format!("wrote {count} pictures to {}", folder.display()));
    Ok(())
}

fn histogram(histogram: &Histogram, title: &str, x: &str) -> Result<String> {
    let percent = |shares: &[f64]| shares.iter().map(|share| share * 100.0).collect();
    let title = format!(
        "{title}: {:.0} % overlap, divergence {:.3} bits",
        histogram.overlap * 100.0,
        histogram.kl_divergence_bits
    );
    Bars {
        title: &title,
        size: SIZE,
        x,
        y: "share, %",
        labels: histogram.bins.clone(),
        figures: false,
        series: vec![
            ("held-out", HELD_OUT, percent(&histogram.held_out)),
            ("generated", GENERATED, percent(&histogram.generated)),
        ],
    }
    .draw()
}

fn bits(evaluation: &Evaluation) -> Result<String> {
    let mut rows: Vec<_> = evaluation.by_source.iter().collect();
    let all = "all".to_owned();
    rows.push((&all, &evaluation.all));
    let bars = |bits: fn(&Measured) -> f64| rows.iter().map(|(_, row)| bits(row)).collect();
    let title = format!("Bits per note by source, {} part", evaluation.split);
    Bars {
        title: &title,
        size: SIZE,
        x: "source",
        y: "bits per note (lower is better)",
        labels: rows.iter().map(|(name, _)| (*name).clone()).collect(),
        figures: true,
        series: vec![
            ("pitch", PITCH, bars(|row| row.plain.bits_per_note["pitch"])),
            (
                "onset interval",
                ONSET,
                bars(|row| row.plain.bits_per_note["onset_interval"]),
            ),
            ("sum of both", SUM, bars(|row| row.plain.sum)),
            ("sum with memory", MEMORY, bars(|row| row.memory.sum)),
        ],
    }
    .draw()
}
