//! The report's section on how the network learns: curves and a table of the passes.
//!
//! Called by the page. Main thread.

use anyhow::Result;

use super::html::{figure, table, time};
use crate::commands::plots::lines::{Line, Lines};
use crate::commands::plots::{AMBER, BLUE};
use crate::report::{EpochReport, Figures};

/// The section as HTML.
pub fn section(reports: &[EpochReport]) -> Result<String> {
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
    html += &passes(reports, best, grid);
    html += match grid {
        true => "<p>Lower is better. ",
        false => {
            "<p>Lower is better. The best pass is the one with the lowest mean of bits a note with and \
             without memory; "
        }
    };
    html += "<code>best.safetensors</code> is of the best pass.</p>\n";
    Ok(html)
}

fn passes(reports: &[EpochReport], best: Option<u32>, grid: bool) -> String {
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
    let rows: Vec<_> = reports
        .iter()
        .map(|report| {
            let is_best = Some(report.epoch) == best;
            let Figures { plain, memory } = &report.valid;
            let mut cells = vec![
                format!("{}{}", if is_best { "best: " } else { "" }, report.epoch),
                report.step.to_string(),
                format!("{:.2e}", report.learning_rate),
                format!("{:.3}", report.train.loss()),
                format!("{:.3}", report.valid.loss()),
                format!("{:.3}", memory.sum()),
            ];
            if !grid {
                let bits = [
                    plain.sum(),
                    memory.pitch,
                    memory.onset_interval,
                    memory.duration,
                ];
                cells.extend(bits.map(|bits| format!("{bits:.3}")));
            }
            cells.push(time(report.seconds));
            (if is_best { "best" } else { "" }, cells)
        })
        .collect();
    table("", &head, &rows)
}
