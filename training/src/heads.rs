//! The network's mouth: from the top layer to how surprising each factor of each note was.
//!
//! Each factor has a matrix, a bias and, for each factor before it in the same note, a table whose
//! row goes straight into the logits. All of it lies in one flat tensor, in a checkpoint's order.
//! On the processor the loss and its gradients are found in one go while the logits are at hand;
//! elsewhere Candle's own operations do it. Called by the model.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, D, Device, Layout, Result, Shape, Tensor};
use harmonai_core::kernel;
use harmonai_core::vocabulary::{Factor, NONE, Targets};
use rayon::prelude::*;

use crate::gemm::{Matrix, product};
use crate::simd::{add, vectorised};
use crate::tensors::slice;

/// Negative logarithms (nats) of the probabilities of what came, by factor, for each (time, row);
/// 0 where there was nothing to predict.
pub type Surprise = [Vec<f32>; Factor::COUNT];

/// The heads' sizes, and room to compute in.
pub struct Heads {
    hidden: usize,
    /// Whether velocities are learnt; without, that head stays out.
    velocity: bool,
    scratch: Arc<Mutex<Scratch>>,
}

#[derive(Default)]
struct Scratch {
    logits: Vec<f32>,
    surprise: Surprise,
    /// Gradients of the top layer's output and of the flat weights.
    d_hidden: Vec<f32>,
    d_weights: Vec<f32>,
}

/// Where a factor's parts lie in the flat weights.
struct Part {
    factor: Factor,
    weight: usize,
    bias: usize,
    /// The table of each earlier factor.
    given: Vec<usize>,
    end: usize,
}

fn parts(hidden: usize) -> Vec<Part> {
    let mut at = 0;
    let mut take = |n: usize| {
        at += n;
        at - n
    };
    Factor::ALL
        .into_iter()
        .map(|factor| {
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
                end: take(0),
            }
        })
        .collect()
}

impl Heads {
    /// Heads on a layer of `hidden` cells.
    pub fn new(hidden: usize, velocity: bool) -> Self {
        Self {
            hidden,
            velocity,
            scratch: Arc::default(),
        }
    }

    /// Values of all parts together.
    pub fn parameters(&self) -> usize {
        parts(self.hidden).last().map_or(0, |part| part.end)
    }

    /// The mean loss in nats a step (all factors added up, over steps that have a pitch to
    /// predict) for the top layer's outputs (time, row, hidden), and each step's surprise.
    /// Gradients reach `hidden` and `weights` where `learn` is set.
    pub fn run(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        targets: &Arc<Vec<Targets>>,
        learn: bool,
    ) -> Result<(Tensor, Surprise)> {
        if !hidden.device().is_cpu() {
            return self.plain(hidden, weights, targets);
        }
        let run = Run {
            hidden: self.hidden,
            velocity: self.velocity,
            targets: targets.clone(),
            learn,
            scratch: self.scratch.clone(),
        };
        let loss = hidden.apply_op2(weights, run)?;
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((loss, std::mem::take(&mut scratch.surprise)))
    }

    /// The same by Candle's operations.
    fn plain(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        targets: &[Targets],
    ) -> Result<(Tensor, Surprise)> {
        let device = hidden.device();
        let hidden = hidden.reshape(((), self.hidden))?;
        let mut loss = Tensor::zeros((), hidden.dtype(), device)?;
        let mut surprise = Surprise::default();
        for part in parts(self.hidden) {
            let (factor, symbols) = (part.factor, part.factor.symbols());
            if factor == Factor::Velocity && !self.velocity {
                surprise[factor.index()] = vec![0.0; targets.len()];
                continue;
            }
            let matrix = |start: usize, rows: usize, columns: usize| {
                weights
                    .narrow(0, start, rows * columns)?
                    .reshape((rows, columns))
            };
            let mut logits = hidden
                .matmul(&matrix(part.weight, symbols, self.hidden)?.t()?)?
                .broadcast_add(&matrix(part.bias, 1, symbols)?)?;
            for (earlier, start) in factor.earlier().iter().zip(&part.given) {
                let rows = column(targets, *earlier, device)?;
                let table = matrix(*start, earlier.symbols(), symbols)?;
                logits = (logits + table.index_select(&rows, 0)?)?;
            }
            let known = |targets: &Targets| f32::from(targets[factor.index()] != NONE);
            let known = Tensor::from_iter(targets.iter().map(known), device)?;
            let wanted = column(targets, factor, device)?.unsqueeze(1)?;
            let logs = candle_nn::ops::log_softmax(&logits, D::Minus1)?;
            let nats = (logs.gather(&wanted, 1)?.squeeze(1)?.neg()? * known)?;
            loss = (loss + nats.sum_all()?)?;
            surprise[factor.index()] = nats.to_vec1()?;
        }
        Ok(((loss * (1.0 / count(targets)))?, surprise))
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

/// A factor's targets as indices; 0 where there is none.
fn column(targets: &[Targets], factor: Factor, device: &Device) -> Result<Tensor> {
    let index = |targets: &Targets| match targets[factor.index()] {
        NONE => 0,
        symbol => u32::from(symbol),
    };
    Tensor::from_iter(targets.iter().map(index), device)
}

struct Run {
    hidden: usize,
    velocity: bool,
    targets: Arc<Vec<Targets>>,
    learn: bool,
    scratch: Arc<Mutex<Scratch>>,
}

impl CustomOp2 for Run {
    fn name(&self) -> &'static str {
        "heads-loss"
    }

    fn cpu_fwd(
        &self,
        hidden: &CpuStorage,
        hidden_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let loss = self.forward(
            slice(hidden, hidden_layout)?,
            slice(weights, weights_layout)?,
        );
        Ok((CpuStorage::F32(vec![loss as f32]), ().into()))
    }

    fn bwd(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        _loss: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        if !self.learn {
            candle_core::bail!("the loss was found without gradients");
        }
        let scale = gradient.to_scalar::<f32>()?;
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let gradient = |values: &mut Vec<f32>, of: &Tensor| {
            let mut values = std::mem::take(values);
            if scale != 1.0 {
                values.iter_mut().for_each(|value| *value *= scale);
            }
            Tensor::from_vec(values, of.shape(), &Device::Cpu)
        };
        let d_hidden = gradient(&mut scratch.d_hidden, hidden)?;
        let d_weights = gradient(&mut scratch.d_weights, weights)?;
        Ok((Some(d_hidden), Some(d_weights)))
    }
}

impl Run {
    fn forward(&self, hidden: &[f32], weights: &[f32]) -> f64 {
        let steps = self.targets.len();
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch {
            logits,
            surprise,
            d_hidden,
            d_weights,
        } = &mut *scratch;
        if self.learn {
            d_hidden.clear();
            d_hidden.resize(hidden.len(), 0.0);
            d_weights.clear();
            d_weights.resize(weights.len(), 0.0);
        }
        let scale = (1.0 / count(&self.targets)) as f32;
        let hidden = Matrix::new(hidden, steps, self.hidden);
        for part in parts(self.hidden) {
            let (factor, symbols) = (part.factor, part.factor.symbols());
            let surprise = &mut surprise[factor.index()];
            surprise.clear();
            surprise.resize(steps, 0.0);
            if factor == Factor::Velocity && !self.velocity {
                continue;
            }
            logits.resize(steps * symbols, 0.0);
            let weight = &weights[part.weight..part.bias];
            let weight = Matrix::new(weight, symbols, self.hidden);
            product(logits, false, hidden, weight.t());
            let rows = logits
                .par_chunks_exact_mut(symbols)
                .zip(surprise)
                .zip(&*self.targets);
            rows.with_min_len(64)
                .for_each(|((logits, surprise), targets)| {
                    let target = targets[factor.index()];
                    if target == NONE {
                        logits.fill(0.0);
                        return;
                    }
                    add(logits, &weights[part.bias..part.bias + symbols]);
                    for (start, earlier) in part.given.iter().zip(targets) {
                        let row = start + usize::from(*earlier) * symbols;
                        add(logits, &weights[row..row + symbols]);
                    }
                    *surprise = softmax_loss(logits, usize::from(target), scale);
                });
            if !self.learn {
                continue;
            }
            // `logits` now holds the loss's gradient by them.
            let d_logits = Matrix::new(logits, steps, symbols);
            product(d_hidden, true, d_logits, weight);
            product(
                &mut d_weights[part.weight..part.bias],
                false,
                d_logits.t(),
                hidden,
            );
            for (targets, d_logits) in self.targets.iter().zip(logits.chunks_exact(symbols)) {
                if targets[factor.index()] == NONE {
                    continue;
                }
                add(&mut d_weights[part.bias..part.bias + symbols], d_logits);
                for (start, earlier) in part.given.iter().zip(targets) {
                    let row = start + usize::from(*earlier) * symbols;
                    add(&mut d_weights[row..row + symbols], d_logits);
                }
            }
        }
        let nats = surprise.iter().flatten().map(|nats| f64::from(*nats));
        nats.sum::<f64>() / count(&self.targets)
    }
}

/// The surprise of `target` in nats; `logits` become its gradient times `scale`.
fn softmax_loss(logits: &mut [f32], target: usize, scale: f32) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted = logits[target] - largest;
    exponentials(logits, largest);
    let sum: f32 = logits.chunks(16).map(|part| part.iter().sum::<f32>()).sum();
    scale_all(logits, scale / sum);
    logits[target] -= scale;
    sum.ln() - shifted
}

vectorised! {
    fn exponentials(values: &mut [f32], largest: f32) {
        for value in values {
            *value = kernel::exp(*value - largest);
        }
    }

    fn scale_all(values: &mut [f32], factor: f32) {
        for value in values {
            *value *= factor;
        }
    }
}

#[cfg(test)]
mod tests;
