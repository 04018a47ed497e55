//! The page about a corpus, in HTML that needs nothing but the pictures beside it.
//!
//! Called by [`super::run`]. Main thread.

use std::fmt::Write as _;

use super::charts::Picture;
use super::words::{amount, first, lengths, range};
use crate::cli::html::Text;
use crate::cli::output::count;
use crate::data::corpus::Corpus;
use crate::data::summary::Summary;

/// The list of what was left out, beside the page.
pub const LEFT_OUT: &str = "left-out.txt";
/// Remarks that stand on the page; all of them are in the list beside it.
const REMARKS: usize = 40;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;\
max-width:62rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem}h2{font-size:1.2rem;\
margin-top:2.2rem}table{border-collapse:collapse}th,td{text-align:left;padding:.25rem 1.2rem \
.25rem 0;border-bottom:1px solid #e4e4e4;vertical-align:top}td.n{text-align:right;\
font-variant-numeric:tabular-nums}img{width:100%;height:auto;border:1px solid #e4e4e4;\
margin:.4rem 0}p.note{color:#555}.left td{overflow-wrap:anywhere;font-size:.9rem}\
@media(prefers-color-scheme:dark){body{background:#1c1c1e;color:#ddd}th,td,img{border-color:#444}\
p.note{color:#aaa}a{color:#8ab4f8}}";

pub fn html(summary: &Summary, corpus: &Corpus, pictures: &[(String, Picture)]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>What the model will see</title>\n<style>{STYLE}</style>\n\
         <h1>What the model will see</h1>\n"
    );
    let duplicates = format!(
        "{} melodies left out of training: equal, in any key, to one that is kept, in whatever part",
        count(summary.duplicates)
    );
    let files = format!(
        "{} read, {} of them without a melody; {} of other formats passed over",
        count(summary.files),
        count(summary.files_without_melody),
        count(summary.other_files)
    );
    table(
        &mut page,
        &[
            ("Files", files),
            ("Melodies", amount(&summary.all)),
            ("Duplicates", duplicates),
            ("To learn from", amount(&summary.parts["train"])),
            (
                "To choose the best epoch by",
                amount(&summary.parts["valid"]),
            ),
            ("Kept for eval", amount(&summary.parts["test"])),
            ("Keys, as far as heard", first(&summary.keys)),
            ("Metres", first(&summary.metres)),
            ("Range", range(summary)),
            ("Length", lengths(summary)),
            ("Moved to the grid", summary.moves.to_string()),
        ],
    );
    page += "<p class=\"note\">The grid has 24 points in a quarter note. In training each melody is \
             moved by -5 to +6 semitones, differently in each epoch. All voices of one song are in the same \
             part.</p>\n<h2>Sources</h2>\n";
    sources(&mut page, summary);
    page += "<h2>Pictures</h2>\n";
    for (name, Picture { words, .. }) in pictures {
        let _ = writeln!(page, "<img src=\"{name}\" alt=\"{}\">", Text(words));
    }
    left_out(&mut page, summary, corpus);
    page + "</html>\n"
}

fn table(page: &mut String, rows: &[(&str, String)]) {
    page.push_str("<table>\n");
    for (name, value) in rows {
        let value = Text(value);
        let _ = writeln!(page, "<tr><th>{name}</th><td>{value}</td></tr>");
    }
    page.push_str("</table>\n");
}

fn sources(page: &mut String, summary: &Summary) {
    page.push_str(
        "<table>\n<tr><th>Source</th><th>Melodies</th><th>Notes</th><th>Notes moved</th>\
         <th>95 % within</th></tr>\n",
    );
    for (name, amount) in &summary.sources {
        let moves = summary.moves_by_source.get(name).copied();
        let moves = moves.unwrap_or_default();
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{:.1} %</td><td class=\"n\">{:.4}</td></tr>",
            Text(name),
            count(amount.melodies),
            count(amount.notes),
            moves.moved * 100.0,
            moves.most
        );
    }
    page.push_str("</table>\n<p class=\"note\">Distances are in quarter notes.</p>\n");
}

fn left_out(page: &mut String, summary: &Summary, corpus: &Corpus) {
    let remarks = &corpus.remarks.list;
    if remarks.is_empty() {
        return;
    }
    page.push_str("<h2>Left out and mended</h2>\n<table>\n");
    for (verb, counts) in [("left out", &summary.left_out), ("mended", &summary.mended)] {
        for (reason, times) in counts {
            let _ = writeln!(
                page,
                "<tr><td>{verb}</td><td class=\"n\">{times}</td><td>{}</td></tr>",
                Text(reason)
            );
        }
    }
    page.push_str("</table>\n<table class=\"left\">\n");
    for remark in remarks.iter().take(REMARKS) {
        let _ = writeln!(page, "<tr><td>{}</td></tr>", Text(&remark.to_string()));
    }
    page.push_str("</table>\n");
    let _ = writeln!(
        page,
        "<p class=\"note\">{} of {} are shown; all are in <a href=\"{LEFT_OUT}\">{LEFT_OUT}</a>.</p>",
        remarks.len().min(REMARKS),
        remarks.len()
    );
}
