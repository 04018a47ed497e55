//! Output heads and loss: nats per factor, with and without memory.
//!
//! Each factor of the network's list has a matrix, a bias and, for each factor before it, a table
//! whose row goes straight into the logits; then the tables of its memory
//! ([`harmonai_core::model::memory`]) and how far the top layer trusts it. All of it lies in one
//! flat tensor, in a checkpoint's order. The loss is the mean of both negative log likelihoods, so
//! that the network plays well at either end of the memory's knob. On the processor the loss and
//! its gradients are found in one go, while the logits are in the cache ([`cpu`]); elsewhere
//! Candle's own operations do it ([`reference`]), which also check the former. Called by the model.

mod cpu;
mod reference;

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Result, Tensor};
use harmonai_core::model::config::Config;
use harmonai_core::model::memory;
use harmonai_core::model::vocabulary::{Factor, NONE, Targets};

use crate::data::batches::Batch;

/// Negative log likelihoods (nats) of the targets, by [`Factor::index`], for each (time, row): 0
/// where there was nothing to predict, nothing at all for factors that are not on the list.
#[derive(Clone, Debug, Default)]
pub struct Nll {
    /// Of the network alone.
    pub plain: [Vec<f32>; Factor::COUNT],
    /// Of the network with its memory.
    pub with_memory: [Vec<f32>; Factor::COUNT],
}

/// The share of either likelihood in the loss.
const SHARE: f32 = 0.5;

/// The heads' sizes, and room to compute in.
pub struct Heads {
    hidden: usize,
    factors: Arc<[FactorWeights]>,
    scratch: Arc<Mutex<cpu::Scratch>>,
}

/// Where a factor's weights lie in the flat tensor.
struct FactorWeights {
    factor: Factor,
    weight: usize,
    bias: usize,
    /// The table of each earlier factor.
    given: Vec<(Factor, usize)>,
    /// The memory's tables.
    tables: usize,
    /// The trust in it: a row of the hidden size and a bias.
    trust: usize,
    end: usize,
}

fn layout(config: &Config) -> Vec<FactorWeights> {
    let mut at = 0;
    let mut take = |n: usize| {
        at += n;
        at - n
    };
    let factors = config.factors().iter().map(|&factor| {
        let symbols = factor.symbols();
        let (weight, bias) = (take(symbols * config.hidden()), take(symbols));
        let earlier = config.earlier(factor).iter();
        FactorWeights {
            factor,
            weight,
            bias,
            given: earlier
                .map(|earlier| (*earlier, take(earlier.symbols() * symbols)))
                .collect(),
            tables: take(memory::TABLE_ROWS),
            trust: take(config.hidden() + 1),
            end: take(0),
        }
    });
    factors.collect()
}

impl Heads {
    pub fn new(config: &Config) -> Self {
        Self {
            hidden: config.hidden(),
            factors: layout(config).into(),
            scratch: Arc::default(),
        }
    }

    /// Values of all heads together.
    pub fn parameters(&self) -> usize {
        self.factors.last().map_or(0, |last| last.end)
    }

    /// The mean loss in nats a step (all factors added up, over steps that have a pitch to
    /// predict) for the top layer's outputs (time, row, hidden), and each step's likelihoods.
    /// Gradients reach `hidden` and `weights` where `learn` is set.
    pub fn run(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        batch: &Batch,
        learn: bool,
    ) -> Result<(Tensor, Nll)> {
        if !hidden.device().is_cpu() {
            return self.reference(hidden, weights, batch);
        }
        let op = cpu::LossOp {
            hidden: self.hidden,
            factors: self.factors.clone(),
            targets: batch.targets.clone(),
            past: batch.past.clone(),
            learn,
            scratch: self.scratch.clone(),
        };
        let loss = hidden.apply_op2(weights, op)?;
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((loss, scratch.take_nll()))
    }
}

/// Steps with a pitch to predict.
fn count(targets: &[Targets]) -> f64 {
    targets
        .iter()
        .filter(|targets| targets[Factor::Pitch.index()] != NONE)
        .count()
        .max(1) as f64
}

#[cfg(test)]
mod tests;
