//! The loss on the processor: one Candle operation with hand-written gradients.
//!
//! The large products run over all steps at once; between them every step is on its own (see
//! [`Worker::step`]). Steps are cut into chunks of one size, so that every sum keeps its order
//! however many threads there are. Called by [`super::Heads`].

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor};
use harmonai_core::model::kernel;
use harmonai_core::model::memory::{MOST, Memory, TABLE_ROWS, Weights};
use harmonai_core::model::vocabulary::{Factor, NONE, Targets};
use rayon::prelude::*;

use super::{FactorWeights, Nll, SHARE, count};
use crate::data::batches::Past;
use crate::nn::gemm::{Matrix, product};
use crate::nn::simd::{add, vectorised};
use crate::nn::tensors::slice;

/// Steps that a thread works on at a time.
const CHUNK: usize = 128;

/// Room to compute in, kept from batch to batch.
#[derive(Default)]
pub struct Scratch {
    logits: ByFactor<Vec<f32>>,
    nll: Nll,
    /// Gradients of the trust in the memory, of the top layer's output, of the flat weights.
    d_trust: ByFactor<Vec<f32>>,
    d_hidden: Vec<f32>,
    d_weights: Vec<f32>,
}

impl Scratch {
    /// What the last run found.
    pub fn take_nll(&mut self) -> Nll {
        std::mem::take(&mut self.nll)
    }
}

/// One run over a batch.
pub struct LossOp {
    pub hidden: usize,
    pub factors: Arc<[FactorWeights]>,
    pub targets: Arc<Vec<Targets>>,
    pub past: Arc<Past>,
    pub learn: bool,
    pub scratch: Arc<Mutex<Scratch>>,
}

impl CustomOp2 for LossOp {
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

impl LossOp {
    fn forward(&self, outputs: &[f32], weights: &[f32]) -> f64 {
        let steps = self.targets.len();
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let Scratch {
            logits,
            nll,
            d_trust,
            d_hidden,
            d_weights,
        } = &mut *scratch;
        let hidden = Matrix::new(outputs, steps, self.hidden);
        let mut widths = [0; Factor::COUNT];
        for part in &*self.factors {
            let k = part.factor.index();
            widths[k] = part.factor.symbols();
            clear(&mut nll.plain[k], steps);
            clear(&mut nll.with_memory[k], steps);
            clear(&mut d_trust[k], steps);
            logits[k].resize(steps * widths[k], 0.0);
            let weight = Matrix::new(&weights[part.weight..part.bias], widths[k], self.hidden);
            product(&mut logits[k], false, hidden, weight.t());
        }
        let tables = self.factors.iter();
        let tables = tables.map(|part| Weights::new(&weights[part.tables..part.trust]));
        let tables: Vec<Weights> = tables.collect();
        let mut whole = Steps {
            widths,
            logits: logits.each_mut().map(Vec::as_mut_slice),
            plain: nll.plain.each_mut().map(Vec::as_mut_slice),
            with_memory: nll.with_memory.each_mut().map(Vec::as_mut_slice),
            d_trust: d_trust.each_mut().map(Vec::as_mut_slice),
        };
        let chunks: Vec<Steps> = (0..steps.div_ceil(CHUNK)).map(|_| whole.chunk()).collect();
        let d_tables = chunks.into_par_iter().enumerate().map_init(
            || (Memory::default(), [0.0; MOST]),
            |(memory, alone), (chunk, mut steps)| {
                let mut worker = Worker {
                    op: self,
                    weights,
                    outputs,
                    scale: SHARE / count(&self.targets) as f32,
                    memory,
                    alone,
                    d_tables: [[0.0; TABLE_ROWS]; Factor::COUNT],
                };
                for k in 0..steps.d_trust[0].len() {
                    worker.listen(chunk * CHUNK + k);
                    for part in self.factors.iter().zip(&tables) {
                        worker.step(chunk * CHUNK + k, part, steps.at(k, part.0.factor));
                    }
                }
                worker.d_tables
            },
        );
        let d_tables: Vec<_> = d_tables.collect();
        if self.learn {
            clear(d_hidden, outputs.len());
            clear(d_weights, weights.len());
            for part in &*self.factors {
                let k = part.factor.index();
                // The logits now hold the loss's gradient by them.
                self.back(part, hidden, weights, &logits[k], d_hidden, d_weights);
                for d_tables in &d_tables {
                    add(&mut d_weights[part.tables..part.trust], &d_tables[k]);
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
        let Nll { plain, with_memory } = nll;
        let nats = plain.iter().chain(with_memory.iter()).flatten();
        let nats: f64 = nats.map(|nats| f64::from(*nats)).sum();
        f64::from(SHARE) * nats / count(&self.targets)
    }

    /// The backward pass through a factor's matrix, bias and tables.
    fn back(
        &self,
        part: &FactorWeights,
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
            for row in part.rows(targets) {
                add(&mut d_weights[row..row + symbols], d_logits);
            }
        }
    }
}

impl FactorWeights {
    /// Where the row begins of each earlier factor that is known.
    fn rows(&self, known: &Targets) -> impl Iterator<Item = usize> {
        let symbols = self.factor.symbols();
        let given = self.given.iter();
        let given = given.map(move |(earlier, start)| (*start, known[earlier.index()]));
        let given = given.filter(|(_, symbol)| *symbol != NONE);
        given.map(move |(start, symbol)| start + usize::from(symbol) * symbols)
    }
}

fn clear(values: &mut Vec<f32>, n: usize) {
    values.clear();
    values.resize(n, 0.0);
}

/// By [`Factor::index`]; empty for factors that are not on the list.
type ByFactor<T> = [T; Factor::COUNT];

/// What is found for some steps in a row.
struct Steps<'a> {
    /// Symbols of each factor.
    widths: ByFactor<usize>,
    logits: ByFactor<&'a mut [f32]>,
    plain: ByFactor<&'a mut [f32]>,
    with_memory: ByFactor<&'a mut [f32]>,
    d_trust: ByFactor<&'a mut [f32]>,
}

/// What is found for one step and factor.
struct Found<'a> {
    logits: &'a mut [f32],
    plain: &'a mut f32,
    with_memory: &'a mut f32,
    d_trust: &'a mut f32,
}

impl<'a> Steps<'a> {
    /// Takes the next [`CHUNK`] steps off, or as many as are left.
    fn chunk(&mut self) -> Self {
        fn take<'a>(
            parts: &mut ByFactor<&'a mut [f32]>,
            widths: ByFactor<usize>,
        ) -> ByFactor<&'a mut [f32]> {
            std::array::from_fn(|k| {
                let part = std::mem::take(&mut parts[k]);
                let (first, rest) = part.split_at_mut(part.len().min(CHUNK * widths[k]));
                parts[k] = rest;
                first
            })
        }
        let ones = [1; Factor::COUNT];
        Self {
            widths: self.widths,
            logits: take(&mut self.logits, self.widths),
            plain: take(&mut self.plain, ones),
            with_memory: take(&mut self.with_memory, ones),
            d_trust: take(&mut self.d_trust, ones),
        }
    }

    fn at(&mut self, step: usize, factor: Factor) -> Found<'_> {
        let (k, symbols) = (factor.index(), factor.symbols());
        Found {
            logits: &mut self.logits[k][step * symbols..(step + 1) * symbols],
            plain: &mut self.plain[k][step],
            with_memory: &mut self.with_memory[k][step],
            d_trust: &mut self.d_trust[k][step],
        }
    }
}

/// What a thread works with on a chunk of steps.
struct Worker<'a> {
    op: &'a LossOp,
    weights: &'a [f32],
    outputs: &'a [f32],
    /// What gradients are multiplied by.
    scale: f32,
    memory: &'a mut Memory,
    /// Room for the logits of the network alone.
    alone: &'a mut [f32; MOST],
    /// Gradients of the memory's tables.
    d_tables: ByFactor<[f32; TABLE_ROWS]>,
}

impl Worker<'_> {
    /// Lets the memory hear what came before step `i`.
    fn listen(&mut self, i: usize) {
        let (events, onset, metre) = self.op.past.at(i);
        self.memory.listen(events, onset, metre);
    }

    /// A factor of it: its likelihood without memory and with it, and the gradient of its trust.
    /// The logits, so far the matrix's product, become their gradient.
    fn step(&mut self, i: usize, (part, tables): (&FactorWeights, &Weights), found: Found) {
        let (factor, symbols) = (part.factor, part.factor.symbols());
        let Found { logits, .. } = found;
        let targets = &self.op.targets[i];
        let target = targets[factor.index()];
        if target == NONE {
            logits.fill(0.0);
            return;
        }
        add(logits, &self.weights[part.bias..part.bias + symbols]);
        for row in part.rows(targets) {
            add(logits, &self.weights[row..row + symbols]);
        }
        let alone = &mut self.alone[..symbols];
        alone.copy_from_slice(logits);
        *found.plain = softmax_loss(alone, usize::from(target), self.scale);
        let hidden = self.op.hidden;
        let (trust, bias) = self.weights[part.trust..part.end].split_at(hidden);
        let output = &self.outputs[i * hidden..(i + 1) * hidden];
        let trust = output.iter().zip(trust).map(|(a, b)| a * b).sum::<f32>() + bias[0];
        self.memory.weigh(factor, targets, tables, trust);
        self.memory.raise(logits, 1.0);
        *found.with_memory = softmax_loss(logits, usize::from(target), self.scale);
        if self.op.learn {
            let d_tables = &mut self.d_tables[factor.index()];
            for (candidate, weight) in self.memory.candidates() {
                let d_logit = logits[usize::from(candidate.symbol)];
                let d = d_logit * weight / (1.0 + self.memory.sum(candidate.symbol));
                *found.d_trust += d;
                for at in candidate.rows {
                    d_tables[usize::from(at)] += d;
                }
            }
        }
        add(logits, alone);
    }
}

/// The negative log likelihood of `target` in nats; `logits` become its gradient times `scale`.
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
