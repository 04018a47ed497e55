//! The network's mouth: from the top layer to how surprising each factor of each note was, without
//! memory and with it.
//!
//! Each factor has a matrix, a bias and, for each factor before it in the same note, a table whose
//! row goes straight into the logits; then what its memory is worth ([`harmonai_core::model::memory`]) and
//! how far the top layer trusts it. All of it lies in one flat tensor, in a checkpoint's order. The
//! loss is the mean of both surprises, so that the network plays well at either end of the knob. On
//! the processor the loss and its gradients are found in one go while the logits are at hand
//! ([`fused`]); elsewhere Candle's own operations do it ([`plain`]). Called by the model.

mod fused;
mod plain;

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Result, Tensor};
use harmonai_core::model::memory;
use harmonai_core::model::vocabulary::{Factor, NONE, Representation, Targets};

use crate::data::batches::Batch;

/// Negative logarithms (nats) of the probabilities of what came, by factor, for each (time, row);
/// 0 where there was nothing to predict. Without memory both are the same.
#[derive(Clone, Debug, Default)]
pub struct Surprise {
    /// Of the network alone.
    pub plain: [Vec<f32>; Factor::COUNT],
    /// Of the network with its memory.
    pub remembering: [Vec<f32>; Factor::COUNT],
}

/// The share of either surprise in the loss.
const SHARE: f32 = 0.5;

/// The heads' sizes, and room to compute in.
pub struct Heads {
    representation: Representation,
    hidden: usize,
    /// Whether velocities are learnt; without, that head stays out.
    velocity: bool,
    scratch: Arc<Mutex<fused::Scratch>>,
}

/// Where a factor's parts lie in the flat weights.
struct Part {
    factor: Factor,
    weight: usize,
    bias: usize,
    /// The table of each earlier factor.
    given: Vec<usize>,
    /// What the echoes are worth; nothing, from here to `end`, where there is no memory.
    worths: usize,
    /// The trust in them: a row of the hidden size and a bias.
    trust: usize,
    end: usize,
}

impl Part {
    fn remembers(&self) -> bool {
        self.worths < self.end
    }
}

fn parts(representation: Representation, hidden: usize) -> Vec<Part> {
    let (worths, trust) = match representation.remembers() {
        true => (memory::WORTHS, hidden + 1),
        false => (0, 0),
    };
    let mut at = 0;
    let mut take = |n: usize| {
        at += n;
        at - n
    };
    let factors = representation.factors().iter();
    factors
        .map(|&factor| {
            let (weight, bias) = (take(factor.symbols() * hidden), take(factor.symbols()));
            let tables = factor.earlier().iter();
            let given = tables
                .map(|before| take(before.symbols() * factor.symbols()))
                .collect();
            Part {
                factor,
                weight,
                bias,
                given,
                worths: take(worths),
                trust: take(trust),
                end: take(0),
            }
        })
        .collect()
}

impl Heads {
    /// Heads on a layer of `hidden` cells.
    pub fn new(representation: Representation, hidden: usize, velocity: bool) -> Self {
        Self {
            representation,
            hidden,
            velocity,
            scratch: Arc::default(),
        }
    }

    /// Values of all parts together.
    pub fn parameters(&self) -> usize {
        parts(self.representation, self.hidden)
            .last()
            .map_or(0, |part| part.end)
    }

    /// The mean loss in nats a step (all factors added up, over steps that have a pitch to
    /// predict) for the top layer's outputs (time, row, hidden), and each step's surprise.
    /// Gradients reach `hidden` and `weights` where `learn` is set.
    pub fn run(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        batch: &Batch,
        learn: bool,
    ) -> Result<(Tensor, Surprise)> {
        if !hidden.device().is_cpu() {
            return self.plain(hidden, weights, batch);
        }
        let run = fused::Run {
            representation: self.representation,
            hidden: self.hidden,
            velocity: self.velocity,
            targets: batch.targets.clone(),
            past: batch.past.clone(),
            learn,
            scratch: self.scratch.clone(),
        };
        let loss = hidden.apply_op2(weights, run)?;
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((loss, scratch.take_surprise()))
    }
}

/// Steps with a pitch to predict.
fn count(targets: &[Targets]) -> f64 {
    targets
        .iter()
        .filter(|targets| targets[0] != NONE)
        .count()
        .max(1) as f64
}

#[cfg(test)]
mod tests;
