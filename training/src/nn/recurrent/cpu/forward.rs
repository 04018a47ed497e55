//! Forward pass: from inputs and carried state to outputs, step after step.

use harmonai_core::model::config::Cell;
use rayon::prelude::*;

use super::super::cells;
use super::{LayerOp, Scratch};
use crate::nn::gemm::{Matrix, product};

impl LayerOp {
    /// Fills `output` and leaves in the scratch what [`LayerOp::backward`] needs.
    pub(super) fn forward(&self, x: &[f32], weights: &[f32], output: &mut [f32]) {
        let (shape, n, wide) = (self.shape, self.shape.hidden, self.shape.rows());
        let [weight_ih, weight_hh, bias_ih, bias_hh] = shape.split(weights);
        let mut scratch = self.scratch();
        scratch.resize(shape, &self.batch);
        let Scratch {
            gates,
            before,
            kept,
            first_cell,
            packed,
        } = &mut *scratch;

        let steps = self.batch.time * self.batch.rows;
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
            .zip(self.state.hidden.chunks_exact(n))
            .enumerate()
        {
            if self.reset(0, row) {
                hidden.fill(0.0)
            } else {
                hidden.copy_from_slice(first)
            }
        }
        if shape.cell == Cell::Lstm {
            first_cell.copy_from_slice(&self.state.cell);
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
                for t in 0..self.batch.time {
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
                        let place = (t * self.batch.rows + row) * n;
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
}
