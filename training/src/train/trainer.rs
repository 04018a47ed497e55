//! The training loop: melodies in, checkpoints out.
//!
//! Called by the `train` command on the main thread. Everything random follows from the seed and
//! the place in the run, so that a run that was stopped and resumed ends with the same bytes as
//! one that was not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use harmonai_core::model::cadence::Cadence;
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::vocabulary::Factor;
use harmonai_core::music::melody::Melody;

use crate::data::batches::Streams;
use crate::evaluate::nll::{NllTotals, measure};
use crate::files::write_whole;
use crate::nn::model::{Mode, Model};
use crate::nn::optimizer::AdamW;
use crate::nn::recurrent::RecurrentState;
use crate::random::Noise;
use crate::train::average::{self, Average};
use crate::train::config::TrainConfig;
use crate::train::finetune;
use crate::train::report::{EpochReport, Outcome, Progress};
use crate::train::run::{Job, Run};
use crate::train::schedule::Schedule;
use crate::train::state::{Cursor, State};

/// The state is saved at least this often, also within an epoch.
const SAVE_EVERY: Duration = Duration::from_secs(300);

/// With fewer notes to validate on, one epoch cannot be told from another that is much like it.
const ENOUGH_TO_CHOOSE: u64 = 5_000;

/// Bits a note that no network needs: all symbols of all factors are some 27.
const GUESSING: f64 = 40.0;

/// Purposes of random numbers.
const ORDER: u64 = 1;
const DROPOUT: u64 = 2;

/// Trains a network on the tunes of `train` and keeps the checkpoint that does best on `valid`
/// (on `train`, where there are no others). `stop`, once set, ends the run after the current batch,
/// to be resumed.
pub fn train(
    job: Job,
    train: &[Melody],
    valid: &[Melody],
    progress: &mut dyn FnMut(Progress),
    stop: &AtomicBool,
) -> Result<Outcome> {
    job.config.check()?;
    if train.is_empty() {
        bail!("there are no tunes to learn from");
    }
    let mut trainer = Trainer::start(job, train, valid)?;
    trainer.notes = notes(train);
    progress(Progress::Started {
        parameters: trainer.model.config().parameters(),
        train_notes: trainer.notes,
        valid_notes: notes(valid),
        epochs: trainer.job.config.epochs,
        steps: trainer.steps(&trainer.streams(train)),
        done: trainer.cursor.step,
        finished: trainer.is_done(),
        reports: trainer.cursor.reports.clone(),
    });
    trainer.evaluate_base(valid, progress)?;
    if valid.is_empty() {
        let text = "there are no tunes to validate on: the best epoch is the one that did best on \
                    the tunes it learnt from";
        progress(Progress::Warning(text.to_owned()));
    }
    while !trainer.is_done() {
        if !trainer.epoch(train, valid, progress, stop)? {
            // Between two epochs the weights are those of the epoch before.
            let whole = trainer.cursor.batch == 0;
            let report = trainer.cursor.reports.last().filter(|_| whole).cloned();
            trainer.save_last(report.as_ref())?;
            trainer.save_state()?;
            return Ok(trainer.outcome());
        }
    }
    let (before, best) = (trainer.cursor.before, trainer.cursor.best());
    let gained = before.zip(best.map(|best| best.valid));
    if let Some(text) = gained.and_then(|(before, best)| finetune::no_gain(&before, &best)) {
        progress(Progress::Warning(text));
    }
    Ok(trainer.outcome())
}

fn notes(tunes: &[Melody]) -> u64 {
    tunes.iter().map(|tune| tune.notes().len() as u64).sum()
}

struct Trainer {
    job: Job,
    run: Run,
    model: Model,
    cadence: Cadence,
    /// Whether velocities are learnt. Runs of earlier versions list that factor in any case.
    velocity: bool,
    optimizer: AdamW,
    average: Option<Average>,
    cursor: Cursor,
    memories: Vec<RecurrentState>,
    notes: u64,
    saved: Instant,
}

impl Trainer {
    /// A new run, or an earlier one where it was left.
    fn start(mut job: Job, train: &[Melody], valid: &[Melody]) -> Result<Self> {
        let mut notes = train.iter().flat_map(Melody::notes);
        let known = job.base.as_ref().map(|base| &base.header.config);
        let velocity = notes.any(|note| note.velocity.is_some())
            || known.is_some_and(|known| known.predicts(Factor::Velocity));
        if !job.resume && !velocity {
            let factors = &mut job.config.factors;
            factors.retain(|factor| *factor != Factor::Velocity);
        }
        let config = &job.config;
        let device = config.device.open()?;
        let run = Run::open(&job, train, valid)?;
        let known = job.base.as_ref().and_then(|base| base.header.cadence);
        let known = known.unwrap_or(Cadence::UNKNOWN);
        let cadence = known.learn(train);
        let network = config.network()?;
        let model = match &job.base {
            Some(base) => Model::from_checkpoint(&finetune::grown(base, &network)?, device)?,
            None => Model::new(network, config.seed, device)?,
        };
        let optimizer = AdamW::new(model.parameters(), config.weight_decay)?;
        let average = config.average.map(|batches| Average {
            batches,
            values: Vec::new(),
        });
        let mut trainer = Self {
            average,
            run,
            model,
            cadence,
            velocity,
            optimizer,
            cursor: Cursor::default(),
            memories: Vec::new(),
            notes: 0,
            saved: Instant::now(),
            job,
        };
        if trainer.job.resume
            && let Some(state) = State::load(&trainer.run.folder)?
        {
            trainer.restore(state)?;
        }
        Ok(trainer)
    }

    fn restore(&mut self, state: State) -> Result<()> {
        self.model.set_values(&state.parameters)?;
        self.optimizer.restore(state.cursor.step, state.moments)?;
        self.memories = state.memories;
        if let Some(average) = &mut self.average {
            average.values = state.average;
        }
        self.cursor = state.cursor;
        Ok(())
    }

    /// The tunes as the current epoch reads them.
    fn streams(&self, train: &[Melody]) -> Streams {
        let noise = Noise::new(self.job.config.seed, ORDER).branch(u64::from(self.cursor.epoch));
        let TrainConfig { batch, seq_len, .. } = self.job.config;
        Streams::shuffled(train, self.model.config(), batch, seq_len, noise)
    }

    /// Batches in all epochs.
    fn steps(&self, streams: &Streams) -> u64 {
        streams.batches() as u64 * u64::from(self.job.config.epochs)
    }

    /// Goes through the tunes once, or on from where it was left. False where it was stopped.
    fn epoch(
        &mut self,
        train: &[Melody],
        valid: &[Melody],
        progress: &mut dyn FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<bool> {
        let streams = self.streams(train);
        let schedule = Schedule::new(self.job.config.learning_rate, self.steps(&streams));
        if self.cursor.batch == 0 {
            self.memories = self.model.initial_states(streams.rows());
            (self.cursor.totals, self.cursor.seconds) = (NllTotals::default(), 0.0);
        }
        while self.cursor.batch < streams.batches() {
            // Relaxed: the flag alone matters, nothing is handed over with it.
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let (begun, notes) = (Instant::now(), self.cursor.totals.notes());
            self.learn(&streams, schedule)?;
            let seconds = begun.elapsed().as_secs_f64();
            self.cursor.seconds += seconds;
            progress(Progress::Batch {
                epoch: self.cursor.epoch + 1,
                step: self.cursor.step,
                steps: self.steps(&streams),
                train: self.cursor.totals.figures(),
                notes_per_second: (self.cursor.totals.notes() - notes) as f64 / seconds.max(1e-9),
            });
            if self.saved.elapsed() > SAVE_EVERY {
                self.save_state()?;
            }
        }
        let report = self.finish_epoch(valid, schedule)?;
        progress(Progress::Epoch(report));
        Ok(true)
    }

    /// Learns from the next batch.
    fn learn(&mut self, streams: &Streams, schedule: Schedule) -> Result<()> {
        let batch = streams.batch(self.cursor.batch);
        let noise = Noise::new(self.job.config.seed, DROPOUT).branch(self.cursor.step);
        let mode = Mode::Learn(self.job.config.dropout, noise);
        let (loss, nll) = self.model.loss(&batch, &mut self.memories, mode)?;
        let rate = schedule.rate(self.cursor.step);
        let finite = loss.to_scalar::<f32>()?.is_finite()
            && self.optimizer.step(&loss.backward()?, rate)?.is_finite();
        if !finite {
            let kept = match self.cursor.best() {
                Some(EpochReport { epoch, .. }) => {
                    let path = self.run.best();
                    let path = path.display();
                    format!("The best checkpoint, of epoch {epoch}, is {path}")
                }
                None => "There is no checkpoint yet".to_owned(),
            };
            bail!(
                "step {}: the loss is no longer a number (learning rate {rate:.2e}). {kept}. Start \
                 again in another folder with a lower --learning-rate than {}",
                self.cursor.step + 1,
                self.job.config.learning_rate
            );
        }
        self.cursor.totals.add(&nll, &batch.targets);
        self.cursor.batch += 1;
        self.cursor.step += 1;
        if let Some(average) = &mut self.average {
            average.add(self.cursor.step, self.model.values()?);
        }
        Ok(())
    }

    /// Measures the network after an epoch and saves everything.
    fn finish_epoch(&mut self, valid: &[Melody], schedule: Schedule) -> Result<EpochReport> {
        let TrainConfig { batch, seq_len, .. } = self.job.config;
        let train = self.cursor.totals.figures();
        let few = notes(valid) < ENOUGH_TO_CHOOSE;
        let valid = match valid {
            [] => train,
            valid => average::with_averaged_weights(&self.average, &self.model, |model| {
                measure(model, valid, batch, seq_len)
            })?,
        };
        // A network that knows nothing is below; one above has gone astray and does not come back.
        if !valid.is_finite() || valid.loss() > GUESSING {
            bail!(
                "epoch {}: the network has gone astray, {:.0} bits a note are worse than guessing. \
                 Start again in another folder with a lower --learning-rate than {}",
                self.cursor.epoch + 1,
                valid.loss(),
                self.job.config.learning_rate
            );
        }
        let better = |best: &EpochReport| valid.sum() < best.valid.sum();
        // What a run that goes on from a model is to keep to is its gentle course: a few tunes more
        // or less say nothing about an epoch.
        let best = (few && self.job.base.is_some()) || self.cursor.best().is_none_or(better);
        let report = EpochReport {
            epoch: self.cursor.epoch + 1,
            step: self.cursor.step,
            learning_rate: schedule.rate(self.cursor.step - 1),
            train,
            valid,
            best,
            seconds: self.cursor.seconds,
        };
        self.cursor.epoch += 1;
        self.cursor.batch = 0;
        self.cursor.reports.push(report.clone());
        let checkpoint = self.save_last(Some(&report))?;
        if best {
            write_whole(&self.run.best(), &checkpoint.write())?;
        }
        self.run.save_reports(&self.cursor.reports)?;
        self.save_state()?;
        Ok(report)
    }

    /// Saves the weights (their mean, where that is kept) with the figures of the epoch that they
    /// are from.
    fn save_last(&self, report: Option<&EpochReport>) -> Result<Checkpoint> {
        let mut card = self.job.card.clone();
        (card.seed, card.epochs, card.notes) =
            (self.job.config.seed, self.cursor.epoch, self.notes);
        card.metrics.clear();
        // When and into what folder it was trained would make two equal models differ; the card
        // that is installed says it.
        card.created.clear();
        if self.job.out.file_name() == Some(card.name.as_ref()) {
            card.name.clear();
        }
        if let Some(report) = report {
            card.metrics.extend(report.train.named("train"));
            card.metrics.extend(report.valid.named("valid"));
        }
        let checkpoint = average::with_averaged_weights(&self.average, &self.model, |model| {
            model.checkpoint(Some(self.cadence), card)
        })?;
        let checkpoint = match self.velocity {
            true => checkpoint,
            false => checkpoint.without(Factor::Velocity)?,
        };
        write_whole(&Run::newest(&self.run.folder), &checkpoint.write())?;
        Ok(checkpoint)
    }

    /// Whether patience ends the run: it follows from the epochs done, so that a resumed run ends
    /// where one that was not stopped does.
    fn patience_exhausted(&self) -> bool {
        let best = self.cursor.best().map_or(0, |best| best.epoch);
        let patience = self.job.config.patience;
        patience.is_some_and(|patience| self.cursor.epoch - best >= patience)
    }

    fn is_done(&self) -> bool {
        self.cursor.epoch >= self.job.config.epochs || self.patience_exhausted()
    }

    /// Measures the model that the run begins from, once.
    fn evaluate_base(
        &mut self,
        valid: &[Melody],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<()> {
        if self.job.base.is_none() || valid.is_empty() {
            return Ok(());
        }
        let TrainConfig { batch, seq_len, .. } = self.job.config;
        let before = match self.cursor.before {
            Some(before) => before,
            None => measure(&self.model, valid, batch, seq_len)?,
        };
        self.cursor.before = Some(before);
        progress(Progress::Before(before));
        Ok(())
    }

    fn save_state(&mut self) -> Result<()> {
        let average = self.average.as_ref();
        let state = State {
            cursor: self.cursor.clone(),
            parameters: self.model.values()?,
            moments: self.optimizer.moments()?,
            memories: self.memories.clone(),
            average: average.map_or_else(Vec::new, |average| average.values.clone()),
        };
        state
            .save(&self.run.folder)
            .context("the run cannot be resumed from here")?;
        self.saved = Instant::now();
        Ok(())
    }

    fn outcome(&self) -> Outcome {
        let best = self.cursor.best();
        Outcome {
            best: best.map(|_| self.run.best()),
            last: Run::newest(&self.run.folder),
            finished: self.is_done(),
            patience: self.job.config.patience.filter(|_| {
                self.cursor.epoch < self.job.config.epochs && self.patience_exhausted()
            }),
            epochs: self.cursor.epoch,
            best_epoch: best.map(|report| (report.epoch, report.valid)),
        }
    }
}

#[cfg(test)]
mod tests;
