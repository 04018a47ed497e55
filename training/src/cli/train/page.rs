//! The page that a run can be watched on: `report.html` in its folder.
//!
//! One file with everything in it but the sounds, which lie beside it: pictures as SVG, no script,
//! no address beyond the folder, so that it opens anywhere and can be moved with the folder. Made by
//! the run's [`super::journal`] after each pass. Main thread.

mod html;
pub mod music;
mod passes;
mod played;

use std::fmt::Write;

use anyhow::Result;
use harmonai_core::model::vocabulary::Representation;

use self::html::{Text, count, time};
use super::samples::Samples;
use crate::train::options::TrainOptions;
use crate::train::report::{EpochReport, Figures};

/// What the page is made of.
pub struct Page<'a> {
    /// What the run was begun with.
    pub options: &'a TrainOptions,
    /// Trainable numbers in the network.
    pub parameters: usize,
    /// What the model that the run went on from was measured at, if there was one.
    pub before: Option<&'a Figures>,
    /// A report for each pass done.
    pub reports: &'a [EpochReport],
    /// What the network played.
    pub samples: &'a Samples,
    /// The section on the music, as HTML.
    pub music: &'a str,
    /// How the run stands.
    pub state: &'a State,
    /// When the page is written.
    pub now: &'a str,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It goes on.
    Running,
    /// All passes are done.
    Finished,
    /// There were so many passes without a better one.
    OutOfPatience(u32),
    /// It was stopped and can be resumed.
    Stopped,
    /// An error ended it.
    Failed(String),
}

impl Page<'_> {
    /// The page as HTML.
    pub fn html(&self) -> Result<String> {
        let name = Text(&self.options.card.name);
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
        html += &passes::section(self.before, self.reports)?;
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
        let (done, all) = (self.reports.len(), self.options.epochs);
        let passes = format!("{done} of {all} passes are done");
        match self.state {
            State::Running => format!(
                "<p class=\"state\">{passes}. This page is written anew after each pass: reload \
                 it.</p>\n"
            ),
            State::Finished => format!("<p class=\"state\">Finished: {passes}.</p>\n"),
            State::OutOfPatience(patience) => format!(
                "<p class=\"state\">Ended early: {passes}, the last {patience} of them without a \
                 better one (--patience {patience}).</p>\n"
            ),
            State::Stopped => format!(
                "<p class=\"state\">Stopped: {passes}. The same command with --resume goes on.</p>\n"
            ),
            State::Failed(error) => {
                format!(
                    "<p class=\"failed\">Ended by an error; {passes}. {}</p>\n",
                    Text(error)
                )
            }
        }
    }

    /// The run at a glance.
    fn tiles(&self) -> String {
        let seconds: f64 = self.reports.iter().map(|report| report.seconds).sum();
        let mut tiles = Vec::new();
        if let Some(best) = self.reports.iter().rfind(|report| report.best) {
            let text = format!("bits a note in the best pass, {}", best.epoch);
            tiles.push((format!("{:.3}", best.valid.memory.sum()), text));
        }
        tiles.push((
            format!("{} of {}", self.reports.len(), self.options.epochs),
            "passes over the music".to_owned(),
        ));
        tiles.push((time(seconds), "spent learning".to_owned()));
        let config = &self.options.config;
        tiles.push((
            count(self.parameters as u64),
            format!(
                "parameters: {} x {} {}",
                config.layers(),
                config.hidden(),
                config.cell()
            ),
        ));
        let mut html = String::from("<ul class=\"tiles\">\n");
        for (figure, text) in tiles {
            let _ = writeln!(
                html,
                "<li><b>{}</b><span>{}</span></li>",
                Text(&figure),
                Text(&text)
            );
        }
        html + "</ul>\n"
    }

    fn options(&self) -> String {
        let TrainOptions { config, card, .. } = self.options;
        let mut rows = vec![(
            "network",
            format!(
                "{} x {} {}, embedding {}, {} parameters",
                config.layers(),
                config.hidden(),
                config.cell(),
                config.embedding(),
                count(self.parameters as u64)
            ),
        )];
        let reads = match config.representation() {
            Representation::Notes => "notes",
            Representation::Grid => "a symbol a sixteenth (the textbook's grid)",
        };
        rows.push(("reads", reads.to_owned()));
        if let Some(from) = &self.options.from {
            rows.push(("goes on from", from.clone()));
        }
        if !config.styles().is_empty() {
            rows.push(("styles", config.styles().join(", ")));
        }
        let or_none = |number: Option<u32>, what: &str| match number {
            Some(number) => format!("{number} {what}"),
            None => "none".to_owned(),
        };
        rows.extend([
            ("passes", self.options.epochs.to_string()),
            (
                "patience",
                or_none(self.options.patience, "passes without a better one"),
            ),
            (
                "batch",
                format!("{} streams of melodies, at most", self.options.batch),
            ),
            ("learnt at once", format!("{} steps", self.options.sequence)),
            (
                "highest learning rate",
                self.options.learning_rate.to_string(),
            ),
            ("weight decay", self.options.weight_decay.to_string()),
            ("dropout", self.options.dropout.to_string()),
            ("mean of weights", or_none(self.options.average, "batches")),
            ("seed", self.options.seed.to_string()),
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
