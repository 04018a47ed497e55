//! The loss on the processor: one Candle operation with hand-written gradients.
//!
//! The large products run over all steps at once; between them every step is on its own (see
//! [`Desk::step`]). Steps are cut into chunks of one size, so that every sum keeps its order
//! however many threads there are. Called by [`super::Heads`].

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor};
use harmonai_core::model::kernel;
use harmonai_core::model::memory::{MOST, Memory, WORTHS, Weights};
use harmonai_core::model::vocabulary::{Factor, NONE, Representation, Targets};
use rayon::prelude::*;

use super::{Part, SHARE, Surprise, count, parts};
use crate::data::batches::Past;
use crate::nn::gemm::{Matrix, product};
use crate::nn::simd::{add, vectorised};
use crate::nn::tensors::slice;

/// Steps that a thread works on at a time.
const CHUNK: usize = 128;

/// Room to compute in, kept from batch to batch.
#[derive(Default)]
pub struct Scratch {
    logits: [Vec<f32>; Factor::COUNT],
    surprise: Surprise,
    /// Gradients of the trust in the memory, of the top layer's output, of the flat weights.
    d_trust: [Vec<f32>; Factor::COUNT],
    d_hidden: Vec<f32>,
    d_weights: Vec<f32>,
}

impl Scratch {
    /// What the last run found.
    pub fn take_surprise(&mut self) -> Surprise {
        std::mem::take(&mut self.surprise)
    }
}

/// One run over a batch.
pub struct Run {
    pub representation: Representation,
    pub hidden: usize,
    pub velocity: bool,
    pub targets: Arc<Vec<Targets>>,
    pub past: Arc<Past>,
    pub learn: bool,
    pub scratch: Arc<Mutex<Scratch>>,
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
    fn forward(&self, outputs: &[f32], weights: &[f32]) -> f64 {
        let steps = self.targets.len();
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch {
            logits,
            surprise,
            d_trust,
            d_hidden,
            d_weights,
        } = &mut *scratch;
        let parts = parts(self.representation, self.hidden);
        let learnt = |part: &&Part| part.factor != Factor::Velocity || self.velocity;
        let hidden = Matrix::new(outputs, steps, self.hidden);
        for part in &parts {
            let k = part.factor.index();
            clear(&mut surprise.plain[k], steps);
            clear(&mut surprise.remembering[k], steps);
            clear(&mut d_trust[k], steps);
            logits[k].resize(steps * part.factor.symbols(), 0.0);
        }
        for part in parts.iter().filter(learnt) {
            let symbols = part.factor.symbols();
            let weight = Matrix::new(&weights[part.weight..part.bias], symbols, self.hidden);
            product(&mut logits[part.factor.index()], false, hidden, weight.t());
        }
        let remembering = parts.iter().filter(|part| part.remembers());
        let echoes: Vec<Weights> = remembering
            .map(|part| Weights::new(&weights[part.worths..part.trust]))
            .collect();
        let mut widths = [0; Factor::COUNT];
        for part in &parts {
            widths[part.factor.index()] = part.factor.symbols();
        }
        let mut whole = Steps {
            widths,
            logits: logits.each_mut().map(Vec::as_mut_slice),
            plain: surprise.plain.each_mut().map(Vec::as_mut_slice),
            remembering: surprise.remembering.each_mut().map(Vec::as_mut_slice),
            d_trust: d_trust.each_mut().map(Vec::as_mut_slice),
        };
        let chunks: Vec<Steps> = (0..steps.div_ceil(CHUNK)).map(|_| whole.chunk()).collect();
        let d_worths = chunks.into_par_iter().enumerate().map_init(
            || (Memory::default(), [0.0; MOST]),
            |(memory, alone), (chunk, mut steps)| {
                let mut desk = Desk {
                    run: self,
                    weights,
                    outputs,
                    echoes: &echoes,
                    scale: SHARE / count(&self.targets) as f32,
                    memory,
                    alone,
                    d_worths: [[0.0; WORTHS]; Factor::COUNT],
                };
                for k in 0..steps.d_trust[0].len() {
                    if !echoes.is_empty() {
                        desk.listen(chunk * CHUNK + k);
                    }
                    for part in parts.iter().filter(learnt) {
                        desk.step(chunk * CHUNK + k, part, steps.at(k, part.factor));
                    }
                }
                desk.d_worths
            },
        );
        let d_worths: Vec<_> = d_worths.collect();
        if self.learn {
            clear(d_hidden, outputs.len());
            clear(d_weights, weights.len());
            for part in parts.iter().filter(learnt) {
                let k = part.factor.index();
                // The logits now hold the loss's gradient by them.
                self.back(part, hidden, weights, &logits[k], d_hidden, d_weights);
                if !part.remembers() {
                    continue;
                }
                for d_worths in &d_worths {
                    add(&mut d_weights[part.worths..part.trust], &d_worths[k]);
                }
                let trust = &weights[part.trust..part.trust + self.hidden];
                let rows = outputs.chunks_exact(self.hidden);
                let rows = rows.zip(d_hidden.chunks_exact_mut(self.hidden));
                let (d_row, d_bias) = d_weights[part.trust..part.end].split_at_mut(self.hidden);
                for ((output, d_output), d_trust) in rows.zip(&d_trust[k]) {
                    add_scaled(d_output, trust, *d_trust);
                    add_scaled(d_row, output, *d_trust);
                    d_bias[0] += d_trust;
                }
            }
        }
        let Surprise { plain, remembering } = surprise;
        let nats = plain.iter().chain(remembering.iter()).flatten();
        let nats: f64 = nats.map(|nats| f64::from(*nats)).sum();
        f64::from(SHARE) * nats / count(&self.targets)
    }

    /// The way back through a factor's matrix, bias and tables.
    fn back(
        &self,
        part: &Part,
        hidden: Matrix,
        weights: &[f32],
        d_logits: &[f32],
        d_hidden: &mut [f32],
        d_weights: &mut [f32],
    ) {
        let (factor, symbols) = (part.factor, part.factor.symbols());
        let matrix = Matrix::new(d_logits, self.targets.len(), symbols);
        let weight = Matrix::new(&weights[part.weight..part.bias], symbols, self.hidden);
        product(d_hidden, true, matrix, weight);
        let d_weight = &mut d_weights[part.weight..part.bias];
        product(d_weight, false, matrix.t(), hidden);
        for (targets, d_logits) in self.targets.iter().zip(d_logits.chunks_exact(symbols)) {
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
}

fn clear(values: &mut Vec<f32>, n: usize) {
    values.clear();
    values.resize(n, 0.0);
}

/// What is found for some steps in a row, by factor.
struct Steps<'a> {
    /// Symbols of each factor.
    widths: [usize; Factor::COUNT],
    logits: [&'a mut [f32]; Factor::COUNT],
    plain: [&'a mut [f32]; Factor::COUNT],
    remembering: [&'a mut [f32]; Factor::COUNT],
    d_trust: [&'a mut [f32]; Factor::COUNT],
}

/// What is found for one step and factor.
struct Found<'a> {
    logits: &'a mut [f32],
    plain: &'a mut f32,
    remembering: &'a mut f32,
    d_trust: &'a mut f32,
}

impl<'a> Steps<'a> {
    /// Takes the next [`CHUNK`] steps off, or as many as are left.
    fn chunk(&mut self) -> Self {
        fn take<'a>(parts: &mut [&'a mut [f32]; 4], widths: [usize; 4]) -> [&'a mut [f32]; 4] {
            std::array::from_fn(|k| {
                let part = std::mem::take(&mut parts[k]);
                let (first, rest) = part.split_at_mut(part.len().min(CHUNK * widths[k]));
                parts[k] = rest;
                first
            })
        }
        Self {
            widths: self.widths,
            logits: take(&mut self.logits, self.widths),
            plain: take(&mut self.plain, [1; 4]),
            remembering: take(&mut self.remembering, [1; 4]),
            d_trust: take(&mut self.d_trust, [1; 4]),
        }
    }

    fn at(&mut self, step: usize, factor: Factor) -> Found<'_> {
        let (k, symbols) = (factor.index(), factor.symbols());
        Found {
            logits: &mut self.logits[k][step * symbols..(step + 1) * symbols],
            plain: &mut self.plain[k][step],
            remembering: &mut self.remembering[k][step],
            d_trust: &mut self.d_trust[k][step],
        }
    }
}

/// What a thread works with.
struct Desk<'a> {
    run: &'a Run,
    weights: &'a [f32],
    outputs: &'a [f32],
    /// What echoes are worth, by factor.
    echoes: &'a [Weights],
    /// Of the gradients.
    scale: f32,
    memory: &'a mut Memory,
    /// Room for the logits of the network alone.
    alone: &'a mut [f32; MOST],
    d_worths: [[f32; WORTHS]; Factor::COUNT],
}

impl Desk<'_> {
    /// Step `i` is at hand.
    fn listen(&mut self, i: usize) {
        let (events, onset, metre) = self.run.past.at(i);
        self.memory.listen(events, onset, metre);
    }

    /// A factor of it: its surprise without memory and with it, and the gradient of its trust. The
    /// logits, so far the matrix's product, become their gradient.
    fn step(&mut self, i: usize, part: &Part, found: Found) {
        let (factor, symbols) = (part.factor, part.factor.symbols());
        let Found { logits, .. } = found;
        let targets = &self.run.targets[i];
        let target = targets[factor.index()];
        if target == NONE {
            logits.fill(0.0);
            return;
        }
        add(logits, &self.weights[part.bias..part.bias + symbols]);
        for (start, earlier) in part.given.iter().zip(targets) {
            let row = start + usize::from(*earlier) * symbols;
            add(logits, &self.weights[row..row + symbols]);
        }
        let alone = &mut self.alone[..symbols];
        alone.copy_from_slice(logits);
        *found.plain = softmax_loss(alone, usize::from(target), self.scale);
        if !part.remembers() {
            // Both surprises, and their gradients, are the same.
            *found.remembering = *found.plain;
            logits.copy_from_slice(alone);
            add(logits, alone);
            return;
        }

        let hidden = self.run.hidden;
        let (trust, bias) = self.weights[part.trust..part.end].split_at(hidden);
        let output = &self.outputs[i * hidden..(i + 1) * hidden];
        let trust = output.iter().zip(trust).map(|(a, b)| a * b).sum::<f32>() + bias[0];
        let weights = &self.echoes[factor.index()];
        self.memory.weigh(factor, targets, weights, trust);
        self.memory.raise(logits, 1.0);
        *found.remembering = softmax_loss(logits, usize::from(target), self.scale);
        if self.run.learn {
            let d_worths = &mut self.d_worths[factor.index()];
            for (offer, weight) in self.memory.offers() {
                let d_logit = logits[usize::from(offer.symbol)];
                let d = d_logit * weight / (1.0 + self.memory.sum(offer.symbol));
                *found.d_trust += d;
                for at in offer.worths {
                    d_worths[usize::from(at)] += d;
                }
            }
        }
        add(logits, alone);
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

    fn add_scaled(values: &mut [f32], more: &[f32], factor: f32) {
        for (value, more) in values.iter_mut().zip(more) {
            *value += more * factor;
        }
    }
}
