//! The report's section on how the network learns: curves and a table of the passes.
//!
//! Called by the page. Main thread.

use anyhow::Result;

use super::html::{figure, table, time};
use crate::cli::pictures::lines::{Line, Lines};
use crate::cli::pictures::{AMBER, BLUE};
use crate::train::report::{EpochReport, Figures};

/// The section as HTML.
pub fn section(before: Option<&Figures>, reports: &[EpochReport]) -> Result<String> {
    let Some(last) = reports.last() else {
        return Ok("<p>No pass is done yet.</p>\n".into());
    };
    let grid = last.valid.plain.grid.is_some();
    let best = reports.iter().rfind(|report| report.best);
    let best = best.map(|report| report.epoch);
    let values = |figure: &dyn Fn(&EpochReport) -> f64| reports.iter().map(figure).collect();
    let mut html = String::from("<div class=\"charts\">\n");
    let lines = Lines {
        y: "loss, bits a note",
        best,
        series: vec![
            Line {
                name: "validation",
                colour: BLUE,
                values: values(&|report| report.valid.loss()),
            },
            Line {
                name: "training (transposed, with dropout)",
                colour: AMBER,
                values: values(&|report| report.train.loss()),
            },
        ],
    };
    html += &figure("Loss: what is minimised", &lines.draw()?);
    let mut series = vec![Line {
        name: if grid { "all symbols" } else { "with memory" },
        colour: BLUE,
        values: values(&|report| report.valid.memory.sum()),
    }];
    // The grid has no memory to be without.
    if !grid {
        series.push(Line {
            name: "without memory",
            colour: AMBER,
            values: values(&|report| report.valid.plain.sum()),
        });
    }
    let lines = Lines {
        y: "bits a note",
        best,
        series,
    };
    let caption = match grid {
        true => "Bits a note on validation melodies",
        false => "Bits a note on validation melodies: pitch and onset interval",
    };
    html += &figure(caption, &lines.draw()?);
    let lines = Lines {
        y: "learning rate",
        best: None,
        series: vec![Line {
            name: "at the end of the pass",
            colour: BLUE,
            values: values(&|report| report.learning_rate),
        }],
    };
    html += &figure("Learning rate", &lines.draw()?);
    html += "</div>\n<h3>Passes</h3>\n";
    html += &passes(before, reports, best, grid);
    html += match (grid, before) {
        (true, _) => "<p>Lower is better. ",
        (false, None) => {
            "<p>Lower is better. The best pass is the one with the lowest mean of bits a note with and \
             without memory; "
        }
        (false, Some(_)) => {
            "<p>Lower is better. <em>Before</em> is the model that the run goes on from. The best pass \
             is the one with the lowest mean of bits a note with and without memory, or, where there \
             is too little music to choose by, the last one; "
        }
    };
    html += "<code>best.safetensors</code> is of the best pass.</p>\n";
    Ok(html)
}

fn passes(
    before: Option<&Figures>,
    reports: &[EpochReport],
    best: Option<u32>,
    grid: bool,
) -> String {
    let mut head = vec![
        "pass",
        "batches",
        "learning rate",
        "training loss",
        "validation loss",
    ];
    match grid {
        true => head.push("bits a note"),
        false => head.extend([
            "bits a note",
            "without memory",
            "pitch",
            "interval",
            "duration",
        ]),
    }
    head.push("time");
    let mut rows = Vec::new();
    if let Some(figures) = before {
        let mut cells = vec!["before".to_owned()];
        cells.resize(4, String::new());
        cells.extend(measured(figures, grid));
        cells.push(String::new());
        rows.push(("", cells));
    }
    for report in reports {
        let is_best = Some(report.epoch) == best;
        let mut cells = vec![
            format!("{}{}", if is_best { "best: " } else { "" }, report.epoch),
            report.step.to_string(),
            format!("{:.2e}", report.learning_rate),
            format!("{:.3}", report.train.loss()),
        ];
        cells.extend(measured(&report.valid, grid));
        cells.push(time(report.seconds));
        rows.push((if is_best { "best" } else { "" }, cells));
    }
    table("", &head, &rows)
}

/// The cells of what the network was measured at.
fn measured(figures: &Figures, grid: bool) -> Vec<String> {
    let Figures { plain, memory } = figures;
    let mut bits = vec![figures.loss(), memory.sum()];
    if !grid {
        bits.extend([
            plain.sum(),
            memory.pitch,
            memory.onset_interval,
            memory.duration,
        ]);
    }
    bits.iter().map(|bits| format!("{bits:.3}")).collect()
}
