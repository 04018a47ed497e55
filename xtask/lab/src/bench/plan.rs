//! From the end of a phrase to the first note of the answer: what the worker does in between.
//!
//! The phrase is fed note by note before the clock starts, as the worker hears it while it is
//! played. Measured on the core itself, with the bundled model.

use super::phrase;
use super::spread::Spread;
use anyhow::{Context, ensure};
use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::memory::Memory;
use harmonai_core::model::network::{Network, RecurrentState};
use harmonai_core::model::vocabulary::{Inputs, PhraseContext, Style};
use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::{Continuation, Entry, Settings};
use harmonai_core::play::duet::PLAN_STEP;
use harmonai_core::play::listen::Voices;
use harmonai_workspace::workspace;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Notes in the phrase.
const NOTES: i64 = 64;

/// More than any cache holds, in bytes.
const SWEEP: usize = 64 << 20;

/// The model that plug-ins play.
const MODEL: &str = "plugin-assets/default.safetensors";

/// Measures each of these this many times.
pub fn measure(repetitions: u32) -> anyhow::Result<[(&'static str, Spread); 5]> {
    let read =
        || Checkpoint::read(&std::fs::read(workspace().join(MODEL))?).map_err(anyhow::Error::from);
    let network = Arc::new(Network::new(read().context(MODEL)?));
    let mut sweep = vec![0; SWEEP / size_of::<u64>()];
    let mut worker = Worker::new(network.clone());
    let mut stepper = Stepper::new(network);
    let mut times: [Vec<Duration>; 5] = Default::default();
    for n in 0..u64::from(repetitions) {
        worker.hear();
        sweep_caches(&mut sweep, n);
        let cold = worker.answer(n)?;
        let heard = worker.hear();
        let warm = worker.answer(n)?;
        sweep_caches(&mut sweep, n);
        let step_cold = stepper.step();
        let all = [cold, warm, heard + warm, step_cold, stepper.step()];
        for (times, time) in times.iter_mut().zip(all) {
            times.push(time);
        }
    }
    let [cold, warm, at_once, step_cold, step_warm] = times.map(Spread::new);
    Ok([
        // With weights and phrase out of the caches: others have worked since the last note.
        ("phrase's end to first note", cold?),
        ("  with warm caches", warm?),
        ("  phrase heard at once", at_once?),
        ("a step of the network", step_cold?),
        ("  with warm caches", step_warm?),
    ])
}

/// Writes to more memory than the caches hold.
fn sweep_caches(memory: &mut [u64], value: u64) {
    memory.fill(value);
    black_box(memory);
}

/// What the worker's thread does, its requests having arrived.
struct Worker {
    continuation: Continuation,
    phrase: Vec<Note>,
}

impl Worker {
    fn new(network: Arc<Network>) -> Self {
        Self {
            continuation: Continuation::new(network),
            phrase: phrase(NOTES),
        }
    }

    /// Hears a new phrase, from its first note to its last.
    fn hear(&mut self) -> Duration {
        let started = Instant::now();
        let heard = &mut self.continuation;
        heard.clear(Metre::COMMON, Style::ANY, Voices::Top);
        for note in &self.phrase {
            heard.note_on(
                note.onset,
                note.pitch,
                note.velocity.unwrap_or(Velocity::DEFAULT),
            );
            heard.note_off(note.end(), note.pitch);
        }
        started.elapsed()
    }

    /// Plans the first notes of the answer.
    fn answer(&mut self, seed: u64) -> anyhow::Result<Duration> {
        let at = self.phrase.last().map_or(Ticks::ZERO, |note| note.end());
        let mut notes = 0;
        let started = Instant::now();
        self.continuation
            .begin_answer(at, None, seed, None, Entry::Prompt);
        let mut count = |_| notes += 1;
        self.continuation
            .plan(at..at + PLAN_STEP, None, &Settings::default(), &mut count);
        let time = started.elapsed();
        ensure!(notes > 0, "the plan has no note");
        Ok(time)
    }
}

/// The network alone.
struct Stepper {
    network: Arc<Network>,
    state: RecurrentState,
    inputs: Inputs,
}

impl Stepper {
    fn new(network: Arc<Network>) -> Self {
        let frame = PhraseContext::new(Metre::COMMON, Style::ANY, Ticks::ZERO);
        let inputs = frame.inputs(&[], &Memory::default(), Ticks::ZERO, None);
        Self {
            state: network.state(),
            network,
            inputs,
        }
    }

    fn step(&mut self) -> Duration {
        let started = Instant::now();
        self.network.step(&mut self.state, &self.inputs);
        black_box(&self.state);
        started.elapsed()
    }
}
