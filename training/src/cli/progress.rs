//! How a training run goes: a bar on a terminal, plain lines elsewhere. On standard error.
//!
//! Called by the `train` command with the trainer's messages. Main thread.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::output;
use crate::evaluate::figures::Figures;
use crate::train::report::{EpochReport, Progress};

/// Between two plain lines within an epoch.
const PAUSE: Duration = Duration::from_secs(30);

/// Shows a run's messages.
pub struct Display {
    /// On a terminal.
    bar: Option<ProgressBar>,
    epochs: u32,
    start: Instant,
    /// Batches done before this start.
    done: u64,
    told: Instant,
    speed: f64,
}

impl Display {
    /// Nothing is shown before the first message.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(1);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {percent:>3}% {msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        let now = Instant::now();
        Self {
            bar,
            epochs: 0,
            start: now,
            done: 0,
            told: now,
            speed: 0.0,
        }
    }

    /// Shows one message.
    pub fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Started {
                parameters,
                train_notes,
                valid_notes,
                epochs,
                steps,
                done,
                finished,
                ..
            } => {
                (self.epochs, self.done) = (epochs, done);
                (self.start, self.told) = (Instant::now(), Instant::now());
                let mut text = format!(
                    "{} parameters, {} notes to learn from, {} to choose the best epoch by",
                    HumanCount(parameters as u64),
                    HumanCount(train_notes),
                    HumanCount(valid_notes)
                );
                if done > 0 && !finished {
                    text += &format!("; going on after batch {done} of {steps}");
                }
                self.line(&text);
                if let Some(bar) = &self.bar {
                    bar.set_length(steps);
                    bar.set_position(done);
                }
            }
            Progress::Batch {
                epoch,
                step,
                steps,
                train,
                notes_per_second,
            } => {
                // A single batch is a rough clock.
                let weight = if self.speed == 0.0 { 1.0 } else { 0.1 };
                self.speed += (notes_per_second - self.speed) * weight;
                let text = self.batch(epoch, step, steps, &train);
                if let Some(bar) = &self.bar {
                    bar.set_length(steps);
                    bar.set_position(step);
                    bar.set_message(text);
                } else if self.told.elapsed() >= PAUSE {
                    self.told = Instant::now();
                    output::tell(&text);
                }
            }
            Progress::Epoch(report) => self.line(&self.epoch(&report)),
            Progress::Before(figures) => self.line(&format!("before: valid {figures}")),
            Progress::Warning(text) => self.line(&text),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::tell(text)),
            None => output::tell(text),
        }
    }

    fn batch(&self, epoch: u32, step: u64, steps: u64, train: &Figures) -> String {
        let (done, left) = (step - self.done.min(step), steps - step.min(steps));
        let left = time_left(self.start.elapsed(), done, left);
        format!(
            "epoch {epoch}/{}  loss {:.3}  {:.3} bits a note  {:.0} notes/s  {left} left",
            self.epochs,
            train.loss(),
            train.memory.sum(),
            self.speed
        )
    }

    fn epoch(&self, report: &EpochReport) -> String {
        let (epoch, train, valid) = (report.epoch, &report.train, &report.valid);
        format!(
            "epoch {epoch}/{}  train loss {:.3}, {:.3} bits a note  valid loss {:.3}, {valid}  {:.0} s{}",
            self.epochs,
            train.loss(),
            train.memory.sum(),
            valid.loss(),
            report.seconds,
            if report.best { "  best so far" } else { "" }
        )
    }
}

fn time_left(spent: Duration, done: u64, left: u64) -> String {
    if done == 0 {
        return "?".into();
    }
    let seconds = spent.as_secs_f64() / done as f64 * left as f64;
    HumanDuration(Duration::from_secs_f64(seconds.min(1e9))).to_string()
}
