//! What a run folder holds for people: the report, the samples, the list of what was left out.
//!
//! Kept by the `train` command, message by message of the trainer's. Everything in it is made from
//! the trainer's figures and from files in the run folder, nothing goes back: a run without a
//! journal ends with the same bytes. It is written after the trainer's own state, so that whatever
//! happens to it, no learning is lost; what is missing after a crash is made when the run is
//! resumed. Main thread.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::page::{Page, State, music};
use super::samples::Samples;
use crate::cli::date::now;
use crate::cli::recipe::Recipe;
use crate::data::corpus::Corpus;
use crate::train::files;
use crate::train::options::TrainOptions;
use crate::train::report::{EpochReport, Figures, Outcome, Progress};
use crate::train::run::Run;

/// The page, in a run folder.
pub const REPORT: &str = "report.html";
/// The list of what was left out.
const LEFT_OUT: &str = "left-out.txt";

/// The journal of one run.
pub struct Journal<'a> {
    out: PathBuf,
    recipe: &'a Recipe,
    corpus: &'a Corpus,
    samples: Samples,
    music: String,
    /// Once the run folder is there.
    begun: Option<Begun>,
}

struct Begun {
    options: TrainOptions,
    parameters: usize,
    reports: Vec<EpochReport>,
    /// Of the model that the run went on from.
    before: Option<Figures>,
}

impl<'a> Journal<'a> {
    /// For the run in the folder `out`, which need not be there yet.
    pub fn new(out: &Path, recipe: &'a Recipe, corpus: &'a Corpus) -> Result<Self> {
        Ok(Self {
            samples: Samples::new(out, corpus, recipe.representation),
            music: music::section(corpus, &recipe.data, LEFT_OUT)?,
            out: out.to_owned(),
            recipe,
            corpus,
            begun: None,
        })
    }

    /// Writes down what the trainer tells.
    pub fn heed(&mut self, progress: &Progress) -> Result<()> {
        match progress {
            Progress::Started {
                parameters,
                reports,
                ..
            } => {
                self.recipe.keep_music(&self.out)?;
                let remarks = &self.corpus.remarks;
                let text = remarks.full() + &remarks.counted();
                files::write_whole(&self.out.join(LEFT_OUT), text.as_bytes())?;
                self.begun = Some(Begun {
                    options: Run::options(&self.out)?,
                    parameters: *parameters,
                    reports: reports.clone(),
                    before: None,
                });
                self.samples.sweep();
                self.catch_up(reports)?;
                self.write(&State::Running)
            }
            Progress::Epoch(report) => {
                self.samples.write(report.epoch, &Run::newest(&self.out))?;
                if let Some(begun) = &mut self.begun {
                    begun.reports.push(report.clone());
                }
                self.write(&State::Running)
            }
            Progress::Before(figures) => {
                if let Some(begun) = &mut self.begun {
                    begun.before = Some(*figures);
                }
                self.write(&State::Running)
            }
            Progress::Batch { .. } | Progress::Warning(_) => Ok(()),
        }
    }

    /// The samples of the last pass, where the run was ended after its state was saved and before
    /// they were written. The newest checkpoint may be of later batches; then they stay away.
    fn catch_up(&self, reports: &[EpochReport]) -> Result<()> {
        let Some(last) = reports.last() else {
            return Ok(());
        };
        let newest = Run::newest(&self.out);
        if !self.samples.are_there(last.epoch) && Run::is_of_pass(&newest, last.epoch) {
            self.samples.write(last.epoch, &newest)?;
        }
        Ok(())
    }

    /// Writes down how it ended.
    pub fn close(&self, outcome: &Result<Outcome>) -> Result<()> {
        let state = match outcome {
            Err(error) => State::Failed(format!("{error:#}.")),
            Ok(outcome) => match outcome.patience {
                Some(patience) => State::OutOfPatience(patience),
                None if outcome.finished => State::Finished,
                None => State::Stopped,
            },
        };
        self.write(&state)
    }

    fn write(&self, state: &State) -> Result<()> {
        // Before the folder is there, there is nothing to tell.
        let Some(begun) = &self.begun else {
            return Ok(());
        };
        let page = Page {
            options: &begun.options,
            parameters: begun.parameters,
            before: begun.before.as_ref(),
            reports: &begun.reports,
            samples: &self.samples,
            music: &self.music,
            state,
            now: &now(),
        };
        files::write_whole(&self.out.join(REPORT), page.html()?.as_bytes())
    }
}
