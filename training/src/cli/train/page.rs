//! The page that a run can be watched on: `report.html` in its folder.
//!
//! One file with everything in it but the sounds, which lie beside it: pictures as SVG, no script,
//! no address beyond the folder, so that it opens anywhere and can be moved with the folder. Made
//! by the run's [`super::journal`] after each epoch. Main thread.

mod epochs;
pub mod music;
mod played;

use std::fmt::Write;

use anyhow::Result;

use super::samples::Samples;
use crate::cli::html::{Text, time};
use crate::cli::output::count;
use crate::evaluate::figures::Figures;
use crate::train::record::Record;
use crate::train::report::EpochReport;

/// What the page is made of.
pub struct Page<'a> {
    pub record: &'a Record,
    /// Trainable numbers in the network.
    pub parameters: usize,
    /// What the model that the run went on from was measured at, if there was one.
    pub before: Option<&'a Figures>,
    /// A report for each epoch done.
    pub reports: &'a [EpochReport],
    pub samples: &'a Samples,
    /// The section on the music, as HTML.
    pub music: &'a str,
    pub state: &'a RunStatus,
    pub now: &'a str,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    Running,
    Finished,
    /// There were this many epochs without a better one.
    OutOfPatience(u32),
    /// It was stopped and can be resumed.
    Stopped,
    Failed(String),
}

impl Page<'_> {
    pub fn html(&self) -> Result<String> {
        let name = Text(&self.record.card.name);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{name}: a training run</title>\n<style>\n{}</style>\n</head>\n<body>\n\
             <h1>{name}</h1>\n{}{}",
            include_str!("page/style.css"),
            self.state(),
            self.tiles()
        );
        html += "<h2>Learning</h2>\n";
        html += &epochs::section(self.before, self.reports)?;
        html += "<h2>What it plays</h2>\n";
        html += &played::section(self.samples, self.reports)?;
        html += "<h2>Network and options</h2>\n";
        html += &self.options();
        html += self.music;
        let _ = write!(
            html,
            "<footer>Written {} by training {}.</footer>\n</body>\n</html>\n",
            self.now,
            env!("CARGO_PKG_VERSION")
        );
        Ok(html)
    }

    fn state(&self) -> String {
        let (done, all) = (self.reports.len(), self.record.config.epochs);
        let epochs = format!("{done} of {all} epochs are done");
        match self.state {
            RunStatus::Running => format!(
                "<p class=\"state\">{epochs}. This page is written again after each epoch: reload \
                 it.</p>\n"
            ),
            RunStatus::Finished => format!("<p class=\"state\">Finished: {epochs}.</p>\n"),
            RunStatus::OutOfPatience(patience) => format!(
                "<p class=\"state\">Ended early: {epochs}, the last {patience} of them without a \
                 better one (--patience {patience}).</p>\n"
            ),
            RunStatus::Stopped => format!(
                "<p class=\"state\">Stopped: {epochs}. The same command with --resume goes on.</p>\n"
            ),
            RunStatus::Failed(error) => {
                let error = Text(error);
                format!("<p class=\"failed\">Ended by an error; {epochs}. {error}</p>\n")
            }
        }
    }

    /// The run at a glance.
    fn tiles(&self) -> String {
        let seconds: f64 = self.reports.iter().map(|report| report.seconds).sum();
        let mut tiles = Vec::new();
        if let Some(best) = self.reports.iter().rfind(|report| report.best) {
            let text = format!("bits a note in the best epoch, {}", best.epoch);
            tiles.push((format!("{:.3}", best.valid.memory.sum()), text));
        }
        tiles.push((
            format!("{} of {}", self.reports.len(), self.record.config.epochs),
            "epochs".to_owned(),
        ));
        tiles.push((time(seconds), "spent learning".to_owned()));
        tiles.push((
            count(self.parameters),
            format!("parameters: {}", self.shape()),
        ));
        let mut html = String::from("<ul class=\"tiles\">\n");
        for (figure, text) in tiles {
            let (figure, text) = (Text(&figure), Text(&text));
            let _ = writeln!(html, "<li><b>{figure}</b><span>{text}</span></li>");
        }
        html + "</ul>\n"
    }

    fn shape(&self) -> String {
        let config = &self.record.config;
        format!("{} x {} {}", config.layers, config.hidden, config.cell)
    }

    fn options(&self) -> String {
        let Record { config, card, .. } = self.record;
        let (embedding, parameters) = (config.embedding, count(self.parameters));
        let shape = self.shape();
        let network = format!("{shape}, embedding {embedding}, {parameters} parameters");
        let mut rows = vec![("network", network)];
        if let Some(from) = &config.from {
            rows.push(("goes on from", from.clone()));
        }
        if !config.styles.is_empty() {
            rows.push(("styles", config.styles.join(", ")));
        }
        let or_none = |number: Option<u32>, what: &str| match number {
            Some(number) => format!("{number} {what}"),
            None => "none".to_owned(),
        };
        rows.extend([
            ("epochs", self.record.config.epochs.to_string()),
            (
                "patience",
                or_none(config.patience, "epochs without a better one"),
            ),
            (
                "batch",
                format!("{} streams of melodies, at most", config.batch),
            ),
            ("learnt at once", format!("{} steps", config.seq_len)),
            ("highest learning rate", config.learning_rate.to_string()),
            ("weight decay", config.weight_decay.to_string()),
            ("dropout", config.dropout.to_string()),
            ("mean of weights", or_none(config.average, "batches")),
            ("seed", config.seed.to_string()),
            ("begun", card.created.clone()),
        ]);
        if !card.licence.is_empty() {
            rows.push(("licence", card.licence.clone()));
        }
        let mut html = String::from("<dl>\n");
        for (name, value) in rows {
            let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", Text(&value));
        }
        html += "</dl>\n";
        if !card.command.is_empty() {
            let _ = writeln!(html, "<pre>{}</pre>", Text(&card.command));
        }
        html
    }
}

#[cfg(test)]
mod tests;
