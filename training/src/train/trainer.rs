//! The training loop: melodies in, checkpoints out.
//!
//! Called by the `train` command on the main thread. Everything random follows from the seed and
//! the place in the run, so that a run that was stopped and resumed ends with the same bytes as
//! one that was not.

mod comparison;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use harmonai_core::model::cadence::Cadence;
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::vocabulary::Representation;
use harmonai_core::music::melody::Melody;

use crate::data::batches::Streams;
use crate::evaluate::bits::Score;
use crate::nn::model::{Mode, Model};
use crate::nn::noise::Noise;
use crate::nn::optimizer::AdamW;
use crate::nn::recurrent::Memory;
use crate::train::average::{self, Average};
use crate::train::finetune;
pub use crate::train::options::{DeviceChoice, TrainOptions};
pub use crate::train::report::{Bits, EpochReport, Figures, Outcome, Progress};
use crate::train::run::{Place, Run, State};
use crate::train::schedule::Schedule;

/// The state is saved at least this often, also within a pass.
const SAVE_EVERY: Duration = Duration::from_secs(300);

/// With fewer notes to validate on, one pass cannot be told from another that is much like it.
const ENOUGH_TO_CHOOSE: u64 = 5_000;

/// Bits a note that no network needs: all symbols of all factors are some 27.
const GUESSING: f64 = 40.0;

/// Purposes of random numbers.
const ORDER: u64 = 1;
const DROPOUT: u64 = 2;

/// Trains a network on the tunes of `train` and keeps the checkpoint that does best on `valid`
/// (on `train`, where there are no others). `stop`, once set, ends the run after the batch at
/// hand, to be resumed.
pub fn train(
    options: TrainOptions,
    train: &[Melody],
    valid: &[Melody],
    progress: &mut dyn FnMut(Progress),
    stop: &AtomicBool,
) -> Result<Outcome> {
    options.check()?;
    if train.is_empty() {
        bail!("there are no tunes to learn from");
    }
    let mut trainer = Trainer::start(options, train, valid)?;
    trainer.notes = notes(train);
    progress(Progress::Started {
        parameters: trainer.options.config.parameters(),
        train_notes: trainer.notes,
        valid_notes: notes(valid),
        epochs: trainer.options.epochs,
        steps: trainer.steps(&trainer.streams(train)),
        done: trainer.place.step,
        reports: trainer.place.reports.clone(),
    });
    trainer.look_back(valid, progress)?;
    if valid.is_empty() {
        let text = "there are no tunes to validate on: the best pass is the one that did best on \
                    the tunes it learnt from";
        progress(Progress::Warning(text.to_owned()));
    }
    while !trainer.is_done() {
        if !trainer.pass(train, valid, progress, stop)? {
            // Between two passes the weights are those of the pass before.
            let whole = trainer.place.batch == 0;
            let report = trainer.place.reports.last().filter(|_| whole).cloned();
            trainer.save_last(report.as_ref())?;
            trainer.save_state()?;
            return Ok(trainer.outcome());
        }
    }
    trainer.compare(progress);
    Ok(trainer.outcome())
}

fn notes(tunes: &[Melody]) -> u64 {
    tunes.iter().map(|tune| tune.notes().len() as u64).sum()
}

/// Bits a note of `model` on whole tunes, each heard from its beginning.
pub fn measure(model: &Model, tunes: &[Melody], batch: usize, sequence: usize) -> Result<Figures> {
    let streams = Streams::whole(tunes, model.config(), batch, sequence);
    let mut memories = model.memories(streams.rows());
    let mut score = Score::default();
    for index in 0..streams.batches() {
        let batch = streams.batch(index);
        let (_, surprise) = model.loss(&batch, &mut memories, Mode::Measure)?;
        score.add(&surprise, &batch.targets);
    }
    Ok(score.figures(model.config().representation(), model.velocity()))
}

struct Trainer {
    options: TrainOptions,
    run: Run,
    model: Model,
    /// How the tunes end; the grid knows no last notes.
    cadence: Option<Cadence>,
    optimizer: AdamW,
    average: Option<Average>,
    place: Place,
    memories: Vec<Memory>,
    notes: u64,
    saved: Instant,
}

impl Trainer {
    /// A new run, or an earlier one where it was left.
    fn start(mut options: TrainOptions, train: &[Melody], valid: &[Melody]) -> Result<Self> {
        let device = options.device.open()?;
        let run = match options.resume {
            true => Run::resume(&mut options, train, valid)?,
            false => Run::create(&options, train, valid)?,
        };
        let mut notes = train.iter().flat_map(Melody::notes);
        let of_notes = options.config.representation() == Representation::Notes;
        let velocity = of_notes && notes.any(|note| note.velocity.is_some());
        let known = options.base.as_ref().and_then(|base| base.header.cadence);
        let known = known.unwrap_or(Cadence::UNKNOWN);
        let cadence = of_notes.then(|| known.learn(train.iter().map(Melody::notes)));
        let model = match &options.base {
            Some(base) => {
                let grown = base::grown(base, &options.config)?;
                Model::from_checkpoint(&grown, device)?
            }
            None => Model::new(options.config.clone(), velocity, options.seed, device)?,
        };
        let optimizer = AdamW::new(model.parameters(), options.weight_decay)?;
        let average = options.average;
        let mut trainer = Self {
            average: average.map(|batches| Average::new(batches, Vec::new())),
            run,
            model,
            cadence,
            optimizer,
            place: Place::default(),
            memories: Vec::new(),
            notes: 0,
            saved: Instant::now(),
            options,
        };
        if trainer.options.resume
            && let Some(state) = trainer.run.load_state()?
        {
            trainer.restore(state)?;
        }
        Ok(trainer)
    }

    fn restore(&mut self, state: State) -> Result<()> {
        self.model.set_values(&state.parameters)?;
        self.optimizer.restore(state.place.step, state.moments)?;
        self.memories = state.memories;
        let average = self.options.average;
        self.average = average.map(|batches| Average::new(batches, state.average));
        self.place = state.place;
        Ok(())
    }

    /// The tunes as the pass at hand reads them.
    fn streams(&self, train: &[Melody]) -> Streams {
        let noise = Noise::new(self.options.seed, ORDER).branch(u64::from(self.place.epoch));
        let TrainOptions {
            config,
            batch,
            sequence,
            ..
        } = &self.options;
        Streams::shuffled(train, config, *batch, *sequence, noise)
    }

    /// Batches in all passes.
    fn steps(&self, streams: &Streams) -> u64 {
        streams.batches() as u64 * u64::from(self.options.epochs)
    }

    /// Goes through the tunes once, or on from where it was left. False where it was stopped.
    fn pass(
        &mut self,
        train: &[Melody],
        valid: &[Melody],
        progress: &mut dyn FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<bool> {
        let streams = self.streams(train);
        let schedule = Schedule::new(self.options.learning_rate, self.steps(&streams));
        if self.place.batch == 0 {
            self.memories = self.model.memories(streams.rows());
            (self.place.score, self.place.seconds) = (Score::default(), 0.0);
        }
        while self.place.batch < streams.batches() {
            // Relaxed: the flag alone matters, nothing is handed over with it.
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let (begun, notes) = (Instant::now(), self.place.score.notes());
            self.learn(&streams, schedule)?;
            let seconds = begun.elapsed().as_secs_f64();
            self.place.seconds += seconds;
            progress(Progress::Batch {
                epoch: self.place.epoch + 1,
                step: self.place.step,
                steps: self.steps(&streams),
                train: self.figures(),
                notes_per_second: (self.place.score.notes() - notes) as f64 / seconds.max(1e-9),
            });
            if self.saved.elapsed() > SAVE_EVERY {
                self.save_state()?;
            }
        }
        let report = self.finish_pass(valid, schedule)?;
        progress(Progress::Epoch(report));
        Ok(true)
    }

    /// Means over the pass at hand, so far.
    fn figures(&self) -> Figures {
        let representation = self.model.config().representation();
        let score = &self.place.score;
        score.figures(representation, self.model.velocity())
    }

    /// Learns from the next batch.
    fn learn(&mut self, streams: &Streams, schedule: Schedule) -> Result<()> {
        let batch = streams.batch(self.place.batch);
        let noise = Noise::new(self.options.seed, DROPOUT).branch(self.place.step);
        let mode = Mode::Learn(self.options.dropout, noise);
        let (loss, surprise) = self.model.loss(&batch, &mut self.memories, mode)?;
        let rate = schedule.rate(self.place.step);
        let finite = loss.to_scalar::<f32>()?.is_finite()
            && self.optimizer.step(&loss.backward()?, rate)?.is_finite();
        if !finite {
            let kept = match self.place.best() {
                Some(best) => {
                    let path = self.run.best();
                    format!(
                        "The best checkpoint, of pass {}, is {}",
                        best.epoch,
                        path.display()
                    )
                }
                None => "There is no checkpoint yet".to_owned(),
            };
            bail!(
                "step {}: the loss is no longer a number (learning rate {rate:.2e}). {kept}. Start \
                 anew in another folder with a lower --learning-rate than {}",
                self.place.step + 1,
                self.options.learning_rate
            );
        }
        self.place.score.add(&surprise, &batch.targets);
        self.place.batch += 1;
        self.place.step += 1;
        if let Some(average) = &mut self.average {
            average.add(self.place.step, self.model.values()?);
        }
        Ok(())
    }

    /// Measures the network after a pass and saves everything.
    fn finish_pass(&mut self, valid: &[Melody], schedule: Schedule) -> Result<EpochReport> {
        let TrainOptions {
            batch, sequence, ..
        } = self.options;
        let train = self.figures();
        let few = notes(valid) < ENOUGH_TO_CHOOSE;
        let valid = match valid {
            [] => train,
            valid => average::worn(&self.average, &self.model, |model| {
                measure(model, valid, batch, sequence)
            })?,
        };
        // A network that knows nothing is below; one above has gone astray and does not come back.
        if !valid.is_finite() || valid.loss() > GUESSING {
            bail!(
                "pass {}: the network has gone astray, {:.0} bits a note are worse than guessing. \
                 Start anew in another folder with a lower --learning-rate than {}",
                self.place.epoch + 1,
                valid.loss(),
                self.options.learning_rate
            );
        }
        let better = |best: &EpochReport| valid.sum() < best.valid.sum();
        // What a run that goes on from a model is to keep to is its gentle course: a few tunes more
        // or less say nothing about a pass.
        let best = (few && self.options.base.is_some()) || self.place.best().is_none_or(better);
        let report = EpochReport {
            epoch: self.place.epoch + 1,
            step: self.place.step,
            learning_rate: schedule.rate(self.place.step - 1),
            train,
            valid,
            best,
            seconds: self.place.seconds,
        };
        self.place.epoch += 1;
        self.place.batch = 0;
        self.place.reports.push(report.clone());
        let checkpoint = self.save_last(Some(&report))?;
        if best {
            self.run.save_checkpoint(&self.run.best(), &checkpoint)?;
        }
        self.run.save_reports(&self.place.reports)?;
        self.save_state()?;
        Ok(report)
    }

    /// Saves the weights (their mean, where that is kept) with the figures of the pass that they are
    /// from.
    fn save_last(&self, report: Option<&EpochReport>) -> Result<Checkpoint> {
        let mut card = self.options.card.clone();
        (card.seed, card.epochs, card.notes) = (self.options.seed, self.place.epoch, self.notes);
        card.metrics.clear();
        // When and into what folder it was trained would make two equal models differ; the card that
        // is installed says it.
        card.created.clear();
        if self.options.out.file_name() == Some(card.name.as_ref()) {
            card.name.clear();
        }
        if let Some(report) = report {
            card.metrics.extend(report.train.named("train"));
            card.metrics.extend(report.valid.named("valid"));
        }
        let checkpoint = average::worn(&self.average, &self.model, |model| {
            model.checkpoint(self.cadence, card)
        })?;
        self.run.save_checkpoint(&self.run.last(), &checkpoint)?;
        Ok(checkpoint)
    }

    /// Whether patience ends the run: it follows from the passes done, so that a resumed run ends
    /// where one that was not stopped does.
    fn is_hopeless(&self) -> bool {
        let best = self.place.best().map_or(0, |best| best.epoch);
        let patience = self.options.patience;
        patience.is_some_and(|patience| self.place.epoch - best >= patience)
    }

    fn is_done(&self) -> bool {
        self.place.epoch >= self.options.epochs || self.is_hopeless()
    }

    fn save_state(&mut self) -> Result<()> {
        let state = State {
            place: self.place.clone(),
            parameters: self.model.values()?,
            moments: self.optimizer.moments()?,
            memories: self.memories.clone(),
            average: self
                .average
                .as_ref()
                .map_or_else(Vec::new, |average| average.values().to_vec()),
        };
        self.run
            .save_state(&state)
            .context("the run cannot be resumed from here")?;
        self.saved = Instant::now();
        Ok(())
    }

    fn outcome(&self) -> Outcome {
        let best = self.place.best();
        Outcome {
            best: best.map(|_| self.run.best()),
            last: self.run.last(),
            finished: self.is_done(),
            patience: self
                .options
                .patience
                .filter(|_| self.place.epoch < self.options.epochs && self.is_hopeless()),
            epochs: self.place.epoch,
            best_epoch: best.map(|report| (report.epoch, report.valid)),
        }
    }
}

#[cfg(test)]
mod tests;
