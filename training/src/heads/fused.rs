//! The loss on the processor: one Candle operation with hand-written gradients.
//!
//! The large products run over all steps at once; between them every step is on its own (see
//! [`Chunk::step`]). Steps are cut into chunks of one size, so that every sum keeps its order
//! however many threads there are. Called by [`super::Heads`].

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor};
use harmonai_core::kernel;
use harmonai_core::memory::{Memory, WORTHS};
use harmonai_core::vocabulary::{Factor, NONE, Representation, Targets};
use rayon::prelude::*;

use super::{Part, SHARE, Surprise, count, parts};
use crate::batches::Past;
use crate::gemm::{Matrix, product};
use crate::simd::{add, vectorised};
use crate::tensors::slice;

/// Steps that a thread works on at a time.
const CHUNK: usize = 128;

/// Room to compute in, kept from batch to batch.
#[derive(Default)]
pub struct Scratch {
    logits: Vec<f32>,
    surprise: Surprise,
    /// Gradients of the trust in the memory, of the top layer's output, of the flat weights.
    d_trust: Vec<f32>,
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
        if self.learn {
            clear(d_hidden, outputs.len());
            clear(d_weights, weights.len());
        }
        let hidden = Matrix::new(outputs, steps, self.hidden);
        for part in parts(self.representation, self.hidden) {
            let (factor, symbols) = (part.factor, part.factor.symbols());
            let plain = &mut surprise.plain[factor.index()];
            let remembering = &mut surprise.remembering[factor.index()];
            clear(plain, steps);
            clear(remembering, steps);
            if factor == Factor::Velocity && !self.velocity {
                continue;
            }
            clear(d_trust, steps);
            logits.resize(steps * symbols, 0.0);
            let weight = Matrix::new(&weights[part.weight..part.bias], symbols, self.hidden);
            product(logits, false, hidden, weight.t());
            let chunks = logits
                .par_chunks_mut(CHUNK * symbols)
                .zip(plain.par_chunks_mut(CHUNK))
                .zip(remembering.par_chunks_mut(CHUNK))
                .zip(d_trust.par_chunks_mut(CHUNK))
                .enumerate();
            let d_worths = chunks.map_init(
                || (Memory::default(), vec![0.0; symbols]),
                |(memory, alone), (chunk, (((logits, plain), remembering), d_trust))| {
                    let mut chunk = Chunk {
                        run: self,
                        part: &part,
                        weights,
                        outputs,
                        first: chunk * CHUNK,
                        scale: SHARE / count(&self.targets) as f32,
                        memory,
                        alone,
                        d_worths: vec![0.0; WORTHS],
                    };
                    for (k, logits) in logits.chunks_exact_mut(symbols).enumerate() {
                        (plain[k], remembering[k], d_trust[k]) = chunk.step(k, logits);
                    }
                    chunk.d_worths
                },
            );
            let d_worths: Vec<Vec<f32>> = d_worths.collect();
            if !self.learn {
                continue;
            }
            // `logits` now holds the loss's gradient by them.
            let d_logits = Matrix::new(logits, steps, symbols);
            product(d_hidden, true, d_logits, weight);
            let d_weight = &mut d_weights[part.weight..part.bias];
            product(d_weight, false, d_logits.t(), hidden);
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
            if !part.remembers() {
                continue;
            }
            for d_worths in &d_worths {
                add(&mut d_weights[part.worths..part.trust], d_worths);
            }
            let trust = &weights[part.trust..part.trust + self.hidden];
            let rows = outputs.chunks_exact(self.hidden);
            let rows = rows.zip(d_hidden.chunks_exact_mut(self.hidden));
            for ((output, d_output), d_trust) in rows.zip(&*d_trust) {
                add_scaled(d_output, trust, *d_trust);
                let (d_row, d_bias) = d_weights[part.trust..part.end].split_at_mut(self.hidden);
                add_scaled(d_row, output, *d_trust);
                d_bias[0] += d_trust;
            }
        }
        let Surprise { plain, remembering } = surprise;
        let nats = plain.iter().chain(remembering.iter()).flatten();
        let nats: f64 = nats.map(|nats| f64::from(*nats)).sum();
        f64::from(SHARE) * nats / count(&self.targets)
    }
}

fn clear(values: &mut Vec<f32>, n: usize) {
    values.clear();
    values.resize(n, 0.0);
}

/// Some steps in a row, for one factor.
struct Chunk<'a> {
    run: &'a Run,
    part: &'a Part,
    weights: &'a [f32],
    outputs: &'a [f32],
    first: usize,
    /// Of the gradients.
    scale: f32,
    memory: &'a mut Memory,
    /// Room for the logits of the network alone.
    alone: &'a mut [f32],
    d_worths: Vec<f32>,
}

impl Chunk<'_> {
    /// Step `k` of the chunk: its surprise without memory and with it, and the gradient of its
    /// trust. `logits`, so far the matrix's product, become their gradient.
    fn step(&mut self, k: usize, logits: &mut [f32]) -> (f32, f32, f32) {
        let (i, factor, symbols) = (self.first + k, self.part.factor, logits.len());
        let targets = &self.run.targets[i];
        let target = targets[factor.index()];
        if target == NONE {
            logits.fill(0.0);
            return (0.0, 0.0, 0.0);
        }
        let bias = self.part.bias;
        add(logits, &self.weights[bias..bias + symbols]);
        for (start, earlier) in self.part.given.iter().zip(targets) {
            let row = start + usize::from(*earlier) * symbols;
            add(logits, &self.weights[row..row + symbols]);
        }
        self.alone.copy_from_slice(logits);
        let plain = softmax_loss(self.alone, usize::from(target), self.scale);
        if !self.part.remembers() {
            // Both surprises, and their gradients, are the same.
            logits.copy_from_slice(self.alone);
            add(logits, self.alone);
            return (plain, plain, 0.0);
        }

        let hidden = self.run.hidden;
        let (trust, bias) = self.weights[self.part.trust..self.part.end].split_at(hidden);
        let output = &self.outputs[i * hidden..(i + 1) * hidden];
        let trust = output.iter().zip(trust).map(|(a, b)| a * b).sum::<f32>() + bias[0];
        let worths = &self.weights[self.part.worths..self.part.trust];
        let (events, onset, metre) = self.run.past.at(i);
        self.memory.listen(events, onset, metre);
        self.memory.weigh(factor, targets, worths, trust);
        self.memory.raise(logits, 1.0);
        let remembering = softmax_loss(logits, usize::from(target), self.scale);
        let mut d_trust = 0.0;
        for (offer, weight) in self.memory.offers() {
            let d_logit = logits[usize::from(offer.symbol)];
            let d = d_logit * weight / (1.0 + self.memory.sum(offer.symbol));
            d_trust += d;
            for at in offer.worths {
                self.d_worths[usize::from(at)] += d;
            }
        }
        add(logits, self.alone);
        (plain, remembering, d_trust)
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
