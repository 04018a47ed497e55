//! Backward pass: from the outputs' gradient to those of inputs and weights, last step first.

use harmonai_core::model::config::Cell;
use rayon::prelude::*;

use super::super::cells;
use super::{LayerOp, Scratch};
use crate::nn::gemm::{Matrix, product};
use crate::nn::simd::add;

impl LayerOp {
    /// Fills `d_x`; adds to `d_weights`, which come in as zeros.
    pub(super) fn backward(
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
                // Gradients of the state after step t, then of the state before it.
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
                for t in (0..self.batch.time).rev() {
                    let at = t.min(kept.len());
                    let (kept_before, kept) = kept.split_at_mut(at);
                    for r in 0..rows {
                        let (row, own) = (first_row + r, r * n..(r + 1) * n);
                        let place = (t * self.batch.rows + row) * n;
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

        let steps = self.batch.time * self.batch.rows;
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
