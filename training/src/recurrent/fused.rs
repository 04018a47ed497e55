//! A recurrent layer as one Candle operation on the processor, with its own backward pass.
//!
//! The rows of a batch do not meet inside a layer, so that each thread takes some rows through
//! the whole sequence without waiting for the others. The input's share of the gates is one large
//! product beforehand, and so are the weights' gradients afterwards. All large arrays live in a
//! [`Scratch`] that is used again for every batch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Tensor};
use harmonai_core::config::Cell;
use rayon::prelude::*;

use super::{Frame, Memory, Shape, cells};
use crate::gemm::{Matrix, Packed, product};
use crate::noise::Dropout;
use crate::simd::add;
use crate::tensors::{slice, with_slice};

/// Rows that a thread takes at the least: fewer would not make up for reading the weights.
const FEWEST_ROWS: usize = 8;

/// What a layer computes in, and what its forward pass leaves for its backward pass.
#[derive(Default)]
pub struct Scratch {
    /// (time, row, gates): W x, then the gates, then their gradients.
    gates: Vec<f32>,
    /// (time + 1, row, hidden): the memory that each step sees, resets done; at the end the
    /// memory after the last step.
    before: Vec<f32>,
    /// (time, row, hidden): the LSTM's cells, or the GRU's h_n and then its gradient.
    kept: Vec<f32>,
    /// (row, hidden): the LSTM's cells before the first step.
    first_cell: Vec<f32>,
    packed: Packed,
}

impl Scratch {
    /// The memory after the last step.
    pub fn memory(&self, shape: Shape) -> Memory {
        let rows = self.first_cell.len();
        let last = |values: &[f32]| values[values.len() - rows..].to_vec();
        let cell = if shape.cell == Cell::Lstm {
            last(&self.kept)
        } else {
            Vec::new()
        };
        Memory {
            hidden: last(&self.before),
            cell,
        }
    }

    fn resize(&mut self, shape: Shape, frame: &Frame) {
        let rows = frame.time * frame.rows;
        self.gates.resize(rows * shape.rows(), 0.0);
        self.before.resize((rows + frame.rows) * shape.hidden, 0.0);
        let kept = if shape.cell == Cell::Rnn {
            0
        } else {
            rows * shape.hidden
        };
        self.kept.resize(kept, 0.0);
        self.first_cell.resize(frame.rows * shape.hidden, 0.0);
    }
}

/// One run of a layer over a batch.
pub struct Run {
    pub shape: Shape,
    pub frame: Frame,
    pub dropout: Dropout,
    pub memory: Memory,
    pub scratch: Arc<Mutex<Scratch>>,
}

impl CustomOp2 for Run {
    fn name(&self) -> &'static str {
        "recurrent-layer"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let (x, weights) = (slice(x, x_layout)?, slice(weights, weights_layout)?);
        let mut output = vec![0.0; self.frame.time * self.frame.rows * self.shape.hidden];
        self.forward(x, weights, &mut output);
        let shape = (self.frame.time, self.frame.rows, self.shape.hidden);
        Ok((CpuStorage::F32(output), shape.into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let mut d_x = vec![0.0; x.elem_count()];
        let mut d_weights = vec![0.0; self.shape.parameters()];
        with_slice(x, |x| {
            with_slice(weights, |weights| {
                with_slice(gradient, |gradient| {
                    self.backward(x, weights, gradient, &mut d_x, &mut d_weights);
                })
            })
        })???;
        let d_x = Tensor::from_vec(d_x, x.shape(), &Device::Cpu)?;
        let d_weights = Tensor::from_vec(d_weights, weights.shape(), &Device::Cpu)?;
        Ok((Some(d_x), Some(d_weights)))
    }
}

impl Run {
    fn scratch(&self) -> MutexGuard<'_, Scratch> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows of the batch that one thread takes.
    fn group(&self) -> usize {
        self.frame
            .rows
            .div_ceil(rayon::current_num_threads())
            .max(FEWEST_ROWS)
    }

    /// A (time, row, width) array as each group of rows sees it: a slice for every time step.
    fn by_group<'a>(&self, values: &'a mut [f32], width: usize) -> Vec<Vec<&'a mut [f32]>> {
        let groups = self.frame.rows.div_ceil(self.group());
        let mut by_group: Vec<Vec<&mut [f32]>> = (0..groups).map(|_| Vec::new()).collect();
        if width > 0 {
            for step in values.chunks_mut(self.frame.rows * width) {
                for (group, rows) in by_group
                    .iter_mut()
                    .zip(step.chunks_mut(self.group() * width))
                {
                    group.push(rows);
                }
            }
        }
        by_group
    }

    fn reset(&self, time: usize, row: usize) -> bool {
        time < self.frame.time && self.frame.resets[time * self.frame.rows + row]
    }

    fn forward(&self, x: &[f32], weights: &[f32], output: &mut [f32]) {
        let (shape, n, wide) = (self.shape, self.shape.hidden, self.shape.rows());
        let [weight_ih, weight_hh, bias_ih, bias_hh] = shape.split(weights);
        let mut scratch = self.scratch();
        scratch.resize(shape, &self.frame);
        let Scratch {
            gates,
            before,
            kept,
            first_cell,
            packed,
        } = &mut *scratch;

        let steps = self.frame.time * self.frame.rows;
        let x = Matrix::new(x, steps, shape.input);
        product(
            gates,
            false,
            x,
            Matrix::new(weight_ih, wide, shape.input).t(),
        );
        packed.fill(Matrix::new(weight_hh, wide, n).t());

        for (row, (hidden, first)) in before
            .chunks_exact_mut(n)
            .zip(self.memory.hidden.chunks_exact(n))
            .enumerate()
        {
            if self.reset(0, row) {
                hidden.fill(0.0)
            } else {
                hidden.copy_from_slice(first)
            }
        }
        if shape.cell == Cell::Lstm {
            first_cell.copy_from_slice(&self.memory.cell);
        }

        let kept_width = if shape.cell == Cell::Rnn { 0 } else { n };
        let groups = self.by_group(gates, wide).into_par_iter();
        let groups = groups
            .zip(self.by_group(before, n))
            .zip(self.by_group(kept, kept_width));
        let groups = groups.zip(self.by_group(output, n));
        groups
            .enumerate()
            .for_each(|(group, (((gates, before), kept), output))| {
                let first_row = group * self.group();
                let first_cell = &first_cell[first_row * n..];
                let zeros = vec![0.0; n];
                let mut hidden = vec![0.0; n];
                let mut past = vec![0.0; before[0].len() / n * wide];
                let (mut gates, mut kept, mut output) = (gates, kept, output);
                let mut before = before;
                for t in 0..self.frame.time {
                    for past in past.chunks_exact_mut(wide) {
                        past.copy_from_slice(bias_hh);
                    }
                    packed.add_product(before[t], &mut past);
                    let (seen, after) = before.split_at_mut(t + 1);
                    let at = t.min(kept.len());
                    let (kept_before, kept) = kept.split_at_mut(at);
                    for (r, past) in past.chunks_exact(wide).enumerate() {
                        let (row, own) = (first_row + r, r * n..(r + 1) * n);
                        let gates = &mut gates[t][r * wide..(r + 1) * wide];
                        match shape.cell {
                            Cell::Lstm => {
                                let cell_before = match kept_before.last() {
                                    _ if self.reset(t, row) => &zeros[..],
                                    Some(cells) => &cells[own.clone()],
                                    None => &first_cell[own.clone()],
                                };
                                let cell = &mut kept[0][own.clone()];
                                cells::lstm_forward(
                                    gates,
                                    past,
                                    bias_ih,
                                    cell_before,
                                    cell,
                                    &mut hidden,
                                );
                            }
                            Cell::Gru => {
                                let (seen, kept) =
                                    (&seen[t][own.clone()], &mut kept[0][own.clone()]);
                                cells::gru_forward(gates, past, bias_ih, seen, kept, &mut hidden);
                            }
                            Cell::Rnn => cells::rnn_forward(gates, past, bias_ih, &mut hidden),
                        }
                        let place = (t * self.frame.rows + row) * n;
                        self.dropout
                            .copy(place, &hidden, &mut output[t][own.clone()]);
                        if self.reset(t + 1, row) {
                            after[0][own].fill(0.0);
                        } else {
                            after[0][own].copy_from_slice(&hidden);
                        }
                    }
                }
            });
    }

    fn backward(
        &self,
        x: &[f32],
        weights: &[f32],
        gradient: &[f32],
        d_x: &mut [f32],
        d_weights: &mut [f32],
    ) {
        let (shape, n, wide) = (self.shape, self.shape.hidden, self.shape.rows());
        let [weight_ih, weight_hh, ..] = shape.split(weights);
        let mut scratch = self.scratch();
        let Scratch {
            gates,
            before,
            kept,
            first_cell,
            packed,
        } = &mut *scratch;
        packed.fill(Matrix::new(weight_hh, wide, n));

        let kept_width = if shape.cell == Cell::Rnn { 0 } else { n };
        let groups = self.by_group(gates, wide).into_par_iter();
        let groups = groups.zip(self.by_group(kept, kept_width));
        groups
            .enumerate()
            .for_each(|(group, (mut gates, mut kept))| {
                let first_row = group * self.group();
                let first_cell = &first_cell[first_row * n..];
                let rows = gates[0].len() / wide;
                let zeros = vec![0.0; n];
                // Gradients of the memory after step t, then of the memory before it.
                let mut d_hidden = vec![0.0; rows * n];
                let mut d_cell = vec![0.0; rows * n];
                let mut d_output = vec![0.0; n];
                let mut d_past = vec![
                    0.0;
                    if shape.cell == Cell::Gru {
                        rows * wide
                    } else {
                        0
                    }
                ];
                for t in (0..self.frame.time).rev() {
                    let at = t.min(kept.len());
                    let (kept_before, kept) = kept.split_at_mut(at);
                    for r in 0..rows {
                        let (row, own) = (first_row + r, r * n..(r + 1) * n);
                        let place = (t * self.frame.rows + row) * n;
                        let d_hidden = &mut d_hidden[own.clone()];
                        let gates = &mut gates[t][r * wide..(r + 1) * wide];
                        self.dropout
                            .copy(place, &gradient[place..place + n], &mut d_output);
                        add(d_hidden, &d_output);
                        match shape.cell {
                            Cell::Lstm => {
                                let cell_before = match kept_before.last() {
                                    _ if self.reset(t, row) => &zeros[..],
                                    Some(cells) => &cells[own.clone()],
                                    None => &first_cell[own.clone()],
                                };
                                let d_cell = &mut d_cell[own.clone()];
                                cells::lstm_backward(
                                    gates,
                                    cell_before,
                                    &kept[0][own],
                                    d_hidden,
                                    d_cell,
                                );
                                d_hidden.fill(0.0);
                                if self.reset(t, row) {
                                    d_cell.fill(0.0);
                                }
                            }
                            Cell::Gru => {
                                let d_past = &mut d_past[r * wide..(r + 1) * wide];
                                let seen = &before[place..place + n];
                                cells::gru_backward(
                                    gates,
                                    seen,
                                    &mut kept[0][own],
                                    d_past,
                                    d_hidden,
                                );
                            }
                            Cell::Rnn => {
                                cells::rnn_backward(gates, d_hidden);
                                d_hidden.fill(0.0);
                            }
                        }
                    }
                    if t == 0 {
                        break;
                    }
                    let d_past = if shape.cell == Cell::Gru {
                        &d_past[..]
                    } else {
                        &*gates[t]
                    };
                    packed.add_product(d_past, &mut d_hidden);
                    for (r, d_hidden) in d_hidden.chunks_exact_mut(n).enumerate() {
                        if self.reset(t, first_row + r) {
                            d_hidden.fill(0.0);
                        }
                    }
                }
            });

        let steps = self.frame.time * self.frame.rows;
        let d_gates = Matrix::new(gates, steps, wide);
        product(
            d_x,
            false,
            d_gates,
            Matrix::new(weight_ih, wide, shape.input),
        );
        let (d_weight_ih, rest) = d_weights.split_at_mut(wide * shape.input);
        let (d_weight_hh, rest) = rest.split_at_mut(wide * n);
        let (d_bias_ih, d_bias_hh) = rest.split_at_mut(wide);
        product(
            d_weight_ih,
            false,
            d_gates.t(),
            Matrix::new(x, steps, shape.input),
        );
        let seen = Matrix::new(&before[..steps * n], steps, n);
        sum_rows(gates, d_bias_ih);
        d_bias_hh.copy_from_slice(d_bias_ih);
        if shape.cell == Cell::Gru {
            // The new gate's past is weighed by the reset gate: its gradient is its own.
            let (first, new) = d_weight_hh.split_at_mut(2 * n * n);
            product(
                first,
                false,
                Matrix::part(gates, steps, 2 * n, wide).t(),
                seen,
            );
            product(new, false, Matrix::new(kept, steps, n).t(), seen);
            let d_bias_new = &mut d_bias_hh[2 * n..];
            d_bias_new.fill(0.0);
            sum_rows(kept, d_bias_new);
        } else {
            product(d_weight_hh, false, d_gates.t(), seen);
        }
    }
}

/// Adds up the rows of a matrix: first in blocks, so that the sums stay exact.
fn sum_rows(values: &[f32], sums: &mut [f32]) {
    let width = sums.len();
    let mut block = vec![0.0; width];
    for rows in values.chunks(64 * width) {
        block.fill(0.0);
        for row in rows.chunks_exact(width) {
            add(&mut block, row);
        }
        add(sums, &block);
    }
}
