//! What a run folder holds for people: the report, the samples, the list of what was left out.
//!
//! Kept by the `train` command, message by message of the trainer's. Everything in it is made from
//! the trainer's figures and from files in the run folder, nothing goes back: a run without a
//! journal ends with the same bytes. It is written after the trainer's own state, so that whatever
//! happens to it, no learning is lost; what is missing after a crash is made when the run is
//! resumed. Main thread.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use humantime::format_rfc3339_seconds;

use super::page::{Page, RunStatus, music};
use super::samples::Samples;
use crate::cli::output::sentence;
use crate::data::corpus::Corpus;
use crate::evaluate::figures::Figures;
use crate::files;
use crate::train::config::TrainConfig;
use crate::train::record::Record;
use crate::train::report::{EpochReport, Outcome, Progress};
use crate::train::run::Run;

/// The page, in a run folder.
pub const REPORT: &str = "report.html";
/// The list of what was left out.
const LEFT_OUT: &str = "left-out.txt";

/// The journal of one run.
pub struct Journal<'a> {
    out: PathBuf,
    corpus: &'a Corpus,
    samples: Samples,
    music: String,
    /// Once the run folder is there.
    begun: Option<Begun>,
}

struct Begun {
    record: Record,
    parameters: usize,
    reports: Vec<EpochReport>,
    /// Of the model that the run went on from.
    before: Option<Figures>,
}

impl<'a> Journal<'a> {
    /// For the run in the folder `out`, which need not be there yet.
    pub fn new(out: &Path, config: &TrainConfig, corpus: &'a Corpus) -> Result<Self> {
        Ok(Self {
            samples: Samples::new(out, corpus),
            music: music::section(corpus, &config.data, LEFT_OUT)?,
            out: out.to_owned(),
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
                let remarks = &self.corpus.remarks;
                let text = remarks.full() + &remarks.counted();
                files::write_whole(&self.out.join(LEFT_OUT), text.as_bytes())?;
                self.begun = Some(Begun {
                    record: Record::read(&self.out)?,
                    parameters: *parameters,
                    reports: reports.clone(),
                    before: None,
                });
                self.samples.sweep();
                self.catch_up(reports)?;
                self.write(&RunStatus::Running)
            }
            Progress::Epoch(report) => {
                self.samples.write(report.epoch, &Run::newest(&self.out))?;
                if let Some(begun) = &mut self.begun {
                    begun.reports.push(report.clone());
                }
                self.write(&RunStatus::Running)
            }
            Progress::Before(figures) => {
                if let Some(begun) = &mut self.begun {
                    begun.before = Some(*figures);
                }
                self.write(&RunStatus::Running)
            }
            Progress::Batch { .. } | Progress::Warning(_) => Ok(()),
        }
    }

    /// The samples of the last epoch, where the run was ended after its state was saved and before
    /// they were written. The newest checkpoint may be of later batches; then they stay away.
    fn catch_up(&self, reports: &[EpochReport]) -> Result<()> {
        let Some(last) = reports.last() else {
            return Ok(());
        };
        let newest = Run::newest(&self.out);
        if !self.samples.are_there(last.epoch) && Run::is_of_epoch(&newest, last.epoch) {
            self.samples.write(last.epoch, &newest)?;
        }
        Ok(())
    }

    /// Writes down how it ended.
    pub fn close(&self, outcome: &Result<Outcome>) -> Result<()> {
        let state = match outcome {
            Err(error) => RunStatus::Failed(format!("{}.", sentence(error))),
            Ok(outcome) => match outcome.patience {
                Some(patience) => RunStatus::OutOfPatience(patience),
                None if outcome.finished => RunStatus::Finished,
                None => RunStatus::Stopped,
            },
        };
        self.write(&state)
    }

    fn write(&self, state: &RunStatus) -> Result<()> {
        // Before the folder is there, there is nothing to tell.
        let Some(begun) = &self.begun else {
            return Ok(());
        };
        let page = Page {
            record: &begun.record,
            parameters: begun.parameters,
            before: begun.before.as_ref(),
            reports: &begun.reports,
            samples: &self.samples,
            music: &self.music,
            state,
            now: &format_rfc3339_seconds(SystemTime::now()).to_string(),
        };
        files::write_whole(&self.out.join(REPORT), page.html()?.as_bytes())
    }
}
