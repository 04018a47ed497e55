//! The pictures of a corpus.
//!
//! Called by [`super::run`]. Main thread.

use std::collections::BTreeMap;

use anyhow::Result;
use harmonai_core::music::note::Pitch;
use plotters::prelude::*;

use super::roll;
use crate::cli::pictures::bars::Bars;
use crate::data::corpus::{Corpus, Piece, Split};
use crate::data::summary::{Bins, Summary, percent};

/// Width and height of a chart.
const SIZE: (u32, u32) = (960, 480);
const BARS: RGBColor = RGBColor(0x2f, 0x6f, 0xb3);
/// Melodies that are drawn, of as many sources as there are.
const ROLLS: usize = 6;

/// A picture with what it shows.
pub struct Picture {
    pub svg: String,
    /// For those who do not see it.
    pub words: String,
}

/// All pictures with their file names, in the order of the page.
pub fn all(summary: &Summary, corpus: &Corpus) -> Result<Vec<(String, Picture)>> {
    let mut all = vec![
        ("pitch.svg".into(), pitches(summary)?),
        (
            "interval.svg".into(),
            bins(
                "Steps from note to note",
                "semitones to the next note (an octave or more at either end)",
                &summary.note_counts.intervals,
            )?,
        ),
        (
            "onset-interval.svg".into(),
            bins(
                "From one onset to the next",
                "as a note's length (tr. = of a triplet)",
                &summary.note_counts.onset_intervals,
            )?,
        ),
        (
            "duration.svg".into(),
            bins(
                "How long notes sound",
                "as a note's length (tr. = of a triplet)",
                &summary.note_counts.durations,
            )?,
        ),
    ];
    for (piece, number) in examples(corpus).into_iter().zip(1..) {
        let picture = Picture {
            svg: roll::draw(piece)?,
            words: format!("Piano roll of {}", piece.melody.title()),
        };
        all.push((format!("melody-{number}.svg"), picture));
    }
    Ok(all)
}

/// Names the octaves only; every key has its bar.
fn pitches(summary: &Summary) -> Result<Picture> {
    let (low, high) = summary.range;
    let keys = low..=high.max(low);
    let name = |key: u8| match key % 12 {
        0 => Pitch::clamped(key.into()).to_string(),
        _ => String::new(),
    };
    let shares = percent(&summary.note_counts.pitches);
    draw(
        "Pitches",
        "key (the Cs are named; middle C is C4)",
        keys.clone().map(name).collect(),
        keys.map(|key| shares[usize::from(key)]).collect(),
    )
}

fn bins(title: &str, x: &str, bins: &Bins) -> Result<Picture> {
    draw(title, x, bins.names.clone(), percent(&bins.counts))
}

fn draw(title: &str, x: &str, labels: Vec<String>, values: Vec<f64>) -> Result<Picture> {
    let chart = Bars {
        title,
        size: SIZE,
        x,
        y: "share, %",
        labels,
        figures: false,
        series: vec![("notes", BARS, values)],
    };
    Ok(Picture {
        svg: chart.draw()?,
        words: format!("Chart: {title}"),
    })
}

/// Melodies to draw: of each source in turn, those that are learnt from first.
fn examples(corpus: &Corpus) -> Vec<&Piece> {
    let mut sources: BTreeMap<&str, Vec<&Piece>> = BTreeMap::new();
    for part in [Split::Train, Split::Valid, Split::Test] {
        for piece in corpus.of(part) {
            sources.entry(&piece.source).or_default().push(piece);
        }
    }
    let mut examples = Vec::new();
    for turn in 0..ROLLS {
        for pieces in sources.values() {
            // Spread over the source, which may be sorted by name or by maker.
            let wanted = pieces.len().min(ROLLS);
            if turn < wanted {
                examples.push(pieces[turn * pieces.len() / wanted]);
            }
        }
    }
    examples.truncate(ROLLS);
    examples
}
