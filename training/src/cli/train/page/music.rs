//! The report's section on the music: how much there is of what, and what was left out.
//!
//! Made once by the run's journal: the music stays the same all through a run. Main thread.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use harmonai_core::music::note::Pitch;

use crate::cli::html::{Text, figure, table};
use crate::cli::output::count;
use crate::cli::pictures::bars::Bars;
use crate::cli::pictures::{AMBER, BLUE};
use crate::data::corpus::{Corpus, Remark, Split};
use crate::data::summary::{Bins, NoteCounts, Summary, percent};

/// Remarks that are listed; all of them are in a file of their own.
const LISTED: usize = 200;

/// The section as HTML. `left_out` is the file with all remarks, beside the report.
pub fn section(corpus: &Corpus, data: &[PathBuf], left_out: &str) -> Result<String> {
    let mut html = String::from("<h2>The music</h2>\n");
    html += &amounts(corpus);
    html += "<div class=\"charts\">\n";
    let summary = Summary::of(corpus);
    html += &histogram(
        corpus,
        "Pitches, as written (in training they are transposed at random)",
        &pitches(&summary),
        |counts| &counts.pitches,
    )?;
    html += &histogram(
        corpus,
        "Melodic intervals in semitones (an octave or more at either end)",
        &named(&summary.note_counts.intervals, interval),
        |counts| &counts.intervals.counts,
    )?;
    html += &histogram(
        corpus,
        "Durations as note values, triplets and dotted ones between them",
        &named(&summary.note_counts.durations, value),
        |counts| &counts.durations.counts,
    )?;
    html += "</div>\n";
    let _ = writeln!(html, "<p>Put on the grid: {}.</p>", summary.moves);
    html += &rejected(corpus, &summary, data, left_out);
    Ok(html)
}

/// A row for each source, a column for each part.
fn amounts(corpus: &Corpus) -> String {
    const PARTS: [Split; 3] = [Split::Train, Split::Valid, Split::Test];
    let mut sources: BTreeMap<&str, [[usize; 2]; 3]> = BTreeMap::new();
    let mut all = [[0; 2]; 3];
    for piece in &corpus.pieces {
        let k = PARTS.iter().position(|part| *part == piece.split);
        let notes = piece.melody.notes().len();
        for sums in [&mut all, sources.entry(&piece.source).or_default()] {
            let [tunes, sum] = &mut sums[k.unwrap_or(0)];
            (*tunes, *sum) = (*tunes + 1, *sum + notes);
        }
    }
    let row = |name: &str, sums: &[[usize; 2]; 3]| {
        let mut cells = vec![name.to_owned()];
        cells.extend(sums.iter().flatten().map(|sum| count(*sum)));
        cells
    };
    let mut rows: Vec<_> = sources
        .iter()
        .map(|(name, sums)| ("", row(name, sums)))
        .collect();
    if rows.len() > 1 {
        rows.push(("best", row("all", &all)));
    }
    let head = [
        "style or source",
        "melodies to learn from",
        "notes",
        "to choose the best epoch by",
        "notes",
        "kept for eval",
        "notes",
    ];
    table("names", &head, &rows)
}

/// The keys that there are; octaves alone are named, so that the names have room.
fn pitches(summary: &Summary) -> Vec<(usize, String)> {
    let (low, high) = summary.range;
    let name = |key: u8| match key % 12 {
        0 => Pitch::clamped(key.into()).to_string(),
        _ => String::new(),
    };
    let keys = low..=high.max(low);
    keys.map(|key| (usize::from(key), name(key))).collect()
}

fn named(bins: &Bins, name: fn(&str) -> &str) -> Vec<(usize, String)> {
    let names = bins.names.iter().map(|full| name(full).to_owned());
    names.enumerate().collect()
}

/// Every fourth interval has room for its name.
fn interval(semitones: &str) -> &str {
    match semitones.parse::<i64>() {
        Ok(number) if number % 4 == 0 => semitones,
        _ => "",
    }
}

/// Triplets and dotted ones have no room for their names.
fn value(length: &str) -> &str {
    match length.contains(' ') {
        true => "",
        false => length,
    }
}

/// What is learnt beside what is held out: the two should be alike.
fn histogram(
    corpus: &Corpus,
    caption: &str,
    labels: &[(usize, String)],
    counts: fn(&NoteCounts) -> &[u64],
) -> Result<String> {
    let shares = |part: Split| -> Vec<f64> {
        let shares = percent(counts(&NoteCounts::of(corpus.of(part))));
        labels.iter().map(|(bin, _)| shares[*bin]).collect()
    };
    let mut series = vec![("to learn from", BLUE, shares(Split::Train))];
    if corpus.count(Split::Valid) > 0 {
        series.push(("to choose by", AMBER, shares(Split::Valid)));
    }
    let bars = Bars {
        title: "",
        size: (420, 270),
        x: "",
        y: "share, %",
        labels: labels.iter().map(|(_, label)| label.clone()).collect(),
        figures: false,
        series,
    };
    Ok(figure(caption, &bars.draw()?))
}

/// What was left out or mended, by reasons, and where.
fn rejected(corpus: &Corpus, summary: &Summary, data: &[PathBuf], left_out: &str) -> String {
    let remarks = &corpus.remarks;
    let mut html = String::from("<h3>Left out or mended</h3>\n");
    let left = [("left out", &summary.left_out), ("mended", &summary.mended)];
    let counted = left.into_iter().flat_map(|(what, reasons)| {
        let reasons = reasons.iter();
        reasons.map(move |(reason, number)| (reason.as_str(), what, *number))
    });
    let others = [
        ("the same melody again, or transposed", summary.duplicates),
        ("files of another kind", summary.other_files),
    ];
    let others = others.into_iter().filter(|(_, number)| *number > 0);
    let others = others.map(|(reason, number)| (reason, "left out", number));
    let rows = counted.chain(others).map(|(reason, what, number)| {
        let number = count(number);
        ("", vec![reason.to_owned(), what.to_owned(), number])
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html + "<p>Nothing.</p>\n";
    }
    html += &table("names", &["reason", "", "how many"], &rows);
    if remarks.list.is_empty() {
        return html;
    }
    let listed = remarks.list.len().min(LISTED);
    let title = match remarks.list.len() {
        all if all > listed => format!("The first {listed} of {all}, one by one"),
        _ => "One by one".to_owned(),
    };
    let _ = write!(html, "<details><summary>{title}</summary>\n<ul>");
    for remark in &remarks.list[..listed] {
        let _ = writeln!(html, "<li>{}</li>", Text(&shown(remark, data)));
    }
    let _ = writeln!(
        html,
        "</ul>\n<p>All of them are in <a href=\"{left_out}\">{left_out}</a>.</p></details>"
    );
    html
}

/// The remark with its file as seen from the folder that was named: a report may be shown round.
fn shown(remark: &Remark, data: &[PathBuf]) -> String {
    let within = |root: &PathBuf| {
        let parent = root.parent().unwrap_or(Path::new(""));
        remark.file.strip_prefix(root).ok()?;
        remark.file.strip_prefix(parent).ok().map(Path::to_owned)
    };
    let mut shown = remark.clone();
    shown.file = data.iter().find_map(within).unwrap_or(shown.file);
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_named_within_the_folder_and_harmless() {
        let folder = tempfile::tempdir().unwrap();
        let music = folder.path().join("my <music>");
        std::fs::create_dir(&music).unwrap();
        let tune = r#"{"notes":[[0,60,12],[12,64,12],[24,67,24]],"split":"train"}"#;
        std::fs::write(music.join("a.jsonl"), format!("{tune}\nrubbish\n")).unwrap();
        std::fs::write(music.join("b.mid"), "no midi").unwrap();
        let data = [music];
        let corpus = Corpus::read(&data).unwrap();
        let html = section(&corpus, &data, "left-out.txt").unwrap();
        for expect in [
            "my &lt;music&gt;",
            "b.mid: no usable MIDI file",
            "a.jsonl, line 2: ",
            "left-out.txt",
            "C4",
            "1/8",
        ] {
            assert!(html.contains(expect), "{expect} in {html}");
        }
        let place = folder.path().to_string_lossy();
        assert!(
            !html.contains("<music>") && !html.contains(&*place),
            "{html}"
        );
    }

    #[test]
    fn melodies_and_notes_are_counted_by_style_and_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tunes.jsonl");
        let line = |coll: &str, split: &str, k: i64| {
            format!(r#"{{"notes":[[0,60,12],[12,{k},12]],"coll":"{coll}","split":"{split}"}}"#)
        };
        let lines = [
            line("a", "train", 61),
            line("a", "valid", 62),
            line("b", "train", 63),
        ];
        std::fs::write(&path, lines.join("\n")).unwrap();
        let corpus = Corpus::read(std::slice::from_ref(&path)).unwrap();
        let html = section(&corpus, &[path], "left-out.txt").unwrap();
        let row = |name: &str, cells: &str| {
            let cells: String = cells
                .split(' ')
                .map(|cell| format!("<td>{cell}</td>"))
                .collect();
            assert!(html.contains(&format!("<td>{name}</td>{cells}")), "{html}");
        };
        row("a", "1 2 1 2 0 0");
        row("b", "1 2 0 0 0 0");
        row("all", "2 4 1 2 0 0");
        assert!(html.contains("<p>Nothing.</p>"), "{html}");
    }
}
