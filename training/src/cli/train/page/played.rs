//! The report's section on what the network plays: piano rolls of its answers, epoch by epoch.
//!
//! Called by the page. Reads the samples' files, so that those of the epochs before a resumption
//! are in it too. Main thread.

use std::fmt::Write;

use anyhow::Result;

use crate::cli::html::{Text, figure};
use crate::cli::pictures::roll::Roll;
use crate::cli::pictures::{AMBER, BLUE, sheet};
use crate::cli::train::samples::{Played, Samples};
use crate::train::report::EpochReport;

/// Epochs of which there are pictures, at the most; there are files of all of them.
const PICTURES: usize = 5;

/// The section as HTML.
pub fn section(samples: &Samples, reports: &[EpochReport]) -> Result<String> {
    if samples.phrases.is_empty() {
        return Ok(
            "<p>No melody is long enough for a phrase of a bar or more, four notes at least, \
             that goes on for as long again.</p>\n"
                .into(),
        );
    }
    if reports.is_empty() {
        return Ok("<p>No epoch is done yet.</p>\n".into());
    }
    let mut html = String::from(
        "<p>After each epoch the network answers the beginnings of the same melodies, which it has not \
         learnt if there are validation melodies: <span class=\"key phrase\"></span>the phrase that it \
         hears, and from the line on <span class=\"key answer\"></span>four bars of its own, with \
         every knob where it stands at first. The MIDI files have both.</p>\n<div class=\"rolls\">\n",
    );
    let shown = shown(reports);
    let best = reports.iter().rfind(|report| report.best);
    let best = best.map(|report| report.epoch);
    for (nth, phrase) in samples.phrases.iter().enumerate() {
        let _ = writeln!(html, "<h3>{}, {}</h3>", Text(&phrase.title), phrase.metre);
        // One frame for all of them, so that they can be compared by eye.
        let played = shown.iter().map(|report| samples.read(report.epoch, nth));
        let played: Vec<Option<Played>> = played.collect();
        let notes = played.iter().flatten().flat_map(|played| &played.answer);
        let roll = Roll::new(phrase.metre, phrase.notes.iter().chain(notes), phrase.end());
        html += "<div class=\"charts\">\n";
        for (report, played) in shown.iter().zip(&played) {
            let Some(played) = played else { continue };
            let svg = sheet((420, 210), "", &[], |area| {
                let voices = [(&played.phrase[..], AMBER), (&played.answer[..], BLUE)];
                roll.draw(area, &voices, Some(phrase.turn()))
            })?;
            let is_best = if Some(report.epoch) == best {
                ", the best"
            } else {
                ""
            };
            let mut caption = format!("Epoch {}{is_best}", report.epoch);
            if played.answer.is_empty() {
                caption += ": not one note";
            }
            html += &figure(&caption, &svg);
        }
        html += "</div>\n<p>MIDI files: ";
        for report in reports {
            let name = Samples::name(report.epoch, nth);
            let _ = write!(html, "<a href=\"{name}\">epoch {}</a> ", report.epoch);
        }
        html += "</p>\n";
    }
    Ok(html + "</div>\n")
}

/// The first epoch, the best and the last one, and some between.
fn shown(reports: &[EpochReport]) -> Vec<&EpochReport> {
    let last = reports.len().saturating_sub(1);
    let best = reports.iter().rposition(|report| report.best);
    let even = (0..PICTURES).map(|k| k * last / (PICTURES - 1));
    let mut places: Vec<usize> = even.collect();
    if let Some(best) = best.filter(|best| !places.contains(best)) {
        // In the place of the one nearest to it, but for both ends.
        let inner = places[1..PICTURES - 1].iter_mut();
        if let Some(nearest) = inner.min_by_key(|place| place.abs_diff(best)) {
            *nearest = best;
        }
    }
    places.sort_unstable();
    places.dedup();
    places
        .iter()
        .filter_map(|place| reports.get(*place))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_the_best_and_the_last_epoch_are_shown() {
        let reports = |count: u32, best: u32| -> Vec<EpochReport> {
            let report = |epoch| EpochReport {
                epoch,
                step: 0,
                learning_rate: 0.0,
                train: Default::default(),
                valid: Default::default(),
                best: epoch == best,
                seconds: 0.0,
            };
            (1..=count).map(report).collect()
        };
        let check = |count, best, expect: &[u32]| {
            let reports = reports(count, best);
            let found: Vec<u32> = shown(&reports).iter().map(|report| report.epoch).collect();
            assert_eq!(found, expect, "{count} epochs, {best} the best");
        };
        check(0, 0, &[]);
        check(1, 1, &[1]);
        check(3, 2, &[1, 2, 3]);
        check(12, 12, &[1, 3, 6, 9, 12]);
        check(12, 8, &[1, 3, 6, 8, 12]);
        check(12, 11, &[1, 3, 6, 11, 12]);
    }
}
