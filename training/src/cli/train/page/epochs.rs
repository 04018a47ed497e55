//! The report's section on how the network learns: curves and a table of the epochs.
//!
//! Called by the page. Main thread.

use anyhow::Result;

use crate::cli::html::{figure, table, time};
use crate::cli::pictures::lines::Lines;
use crate::cli::pictures::{AMBER, BLUE};
use crate::evaluate::figures::Figures;
use crate::train::report::EpochReport;

/// The section as HTML.
pub fn section(before: Option<&Figures>, reports: &[EpochReport]) -> Result<String> {
    if reports.is_empty() {
        return Ok("<p>No epoch is done yet.</p>\n".into());
    }
    let best = reports.iter().rfind(|report| report.best);
    let best = best.map(|report| report.epoch);
    let line = |name: &'static str, colour, figure: fn(&EpochReport) -> f64| {
        let values: Vec<f64> = reports.iter().map(figure).collect();
        (name, colour, values)
    };
    let mut html = String::from("<div class=\"charts\">\n");
    let lines = Lines {
        y: "loss, bits a note",
        best,
        series: vec![
            line("validation", BLUE, |report| report.valid.loss()),
            line("training (transposed, with dropout)", AMBER, |report| {
                report.train.loss()
            }),
        ],
    };
    html += &figure("Loss: what is minimised", &lines.draw()?);
    let lines = Lines {
        y: "bits a note",
        best,
        series: vec![
            line("with memory", BLUE, |report| report.valid.memory.sum()),
            line("without memory", AMBER, |report| report.valid.plain.sum()),
        ],
    };
    let caption = "Bits a note on validation melodies: pitch and onset interval";
    html += &figure(caption, &lines.draw()?);
    let lines = Lines {
        y: "learning rate",
        best: None,
        series: vec![line("at the end of the epoch", BLUE, |report| {
            report.learning_rate
        })],
    };
    html += &figure("Learning rate", &lines.draw()?);
    html += "</div>\n<h3>Epochs</h3>\n";
    html += &epochs(before, reports, best);
    html += match before {
        None => {
            "<p>Lower is better. The best epoch is the one with the lowest mean of bits a note with and \
             without memory; "
        }
        Some(_) => {
            "<p>Lower is better. <em>Before</em> is the model that the run goes on from. The best epoch \
             is the one with the lowest mean of bits a note with and without memory, or, where there \
             is too little music to choose by, the last one; "
        }
    };
    html += "<code>best.safetensors</code> is of the best epoch.</p>\n";
    Ok(html)
}

fn epochs(before: Option<&Figures>, reports: &[EpochReport], best: Option<u32>) -> String {
    let head = [
        "epoch",
        "batches",
        "learning rate",
        "training loss",
        "validation loss",
        "bits a note",
        "without memory",
        "pitch",
        "interval",
        "duration",
        "time",
    ];
    let mut rows = Vec::new();
    if let Some(figures) = before {
        let mut cells = vec!["before".to_owned()];
        cells.resize(4, String::new());
        cells.extend(measured(figures));
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
        cells.extend(measured(&report.valid));
        cells.push(time(report.seconds));
        rows.push((if is_best { "best" } else { "" }, cells));
    }
    table("", &head, &rows)
}

/// The cells of what the network was measured at.
fn measured(figures: &Figures) -> [String; 6] {
    let Figures { plain, memory } = figures;
    let bits = [
        figures.loss(),
        memory.sum(),
        plain.sum(),
        memory.pitch,
        memory.onset_interval,
        memory.duration,
    ];
    bits.map(|bits| format!("{bits:.3}"))
}
