//! One time step of a layer in place, on a graphics card or, to check it, on the processor.
//!
//! The processor goes row by row through the processor's own [`cells`]; the card runs `cells.cu`,
//! compiled when it is first used.

use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, bail};
use harmonai_core::model::config::Cell;

use super::super::{BatchShape, LayerShape, cells};
use super::arena::{At, sizes};
use crate::nn::tensors::slice;

/// A step forth: the second tensor is W' h (row, gate, cell).
pub struct Forward {
    pub shape: LayerShape,
    pub batch: BatchShape,
    pub at: At,
}

/// A step back: the outputs' gradient (time, row, cell), then what the step after sends back.
pub struct Backward {
    pub shape: LayerShape,
    pub batch: BatchShape,
    pub at: At,
}

/// A row of the batch at the current step.
struct Row<'a> {
    gates: &'a mut [f32],
    before: &'a mut [f32],
    before_after: &'a mut [f32],
    kept: &'a mut [f32],
    kept_after: &'a mut [f32],
    output: &'a mut [f32],
    keep: f32,
    keep_after: f32,
    bias: &'a [f32],
    d_cell: &'a mut [f32],
    d_past: &'a mut [f32],
    carried: &'a mut [f32],
}

/// Gives each row of a step to `act`.
fn each_row(
    arena: &mut CpuStorage,
    (shape, batch, at): (LayerShape, &BatchShape, At),
    mut act: impl FnMut(usize, Row),
) -> Result<()> {
    let CpuStorage::F32(mut rest) = std::mem::replace(arena, CpuStorage::F32(Vec::new())) else {
        bail!("the arena must be f32");
    };
    let mut left = &mut rest[..];
    let mut parts = sizes(shape, batch).into_iter().map(|size| {
        let (part, others) = std::mem::take(&mut left).split_at_mut(size);
        left = others;
        part
    });
    let mut next = || parts.next().expect("PANIC: there are nine parts");
    let (gates, before, kept, output) = (next(), next(), next(), next());
    let (keep, bias, d_cell, d_past, carried) = (next(), next(), next(), next(), next());
    let (n, wide, rows) = (shape.hidden, shape.rows(), batch.rows);
    for row in 0..rows {
        let first = at.step as usize * rows + row;
        let (before, before_after) = before[first * n..].split_at_mut(rows * n);
        let (kept, kept_after) = kept[first * n..].split_at_mut(rows * n);
        let d_past_row = if d_past.is_empty() {
            0..0
        } else {
            row * wide..(row + 1) * wide
        };
        let row_of = Row {
            gates: &mut gates[first * wide..(first + 1) * wide],
            before: &mut before[..n],
            before_after: &mut before_after[..n],
            kept: &mut kept[..n],
            kept_after: &mut kept_after[..n],
            output: &mut output[first * n..(first + 1) * n],
            keep: keep[first],
            keep_after: keep[first + rows],
            bias,
            d_cell: &mut d_cell[row * n..(row + 1) * n],
            d_past: &mut d_past[d_past_row],
            carried: &mut carried[row * n..(row + 1) * n],
        };
        act(row, row_of);
    }
    *arena = CpuStorage::F32(rest);
    Ok(())
}

impl InplaceOp2 for Forward {
    fn name(&self) -> &'static str {
        "recurrent-step"
    }

    fn cpu_fwd(
        &self,
        arena: &mut CpuStorage,
        _: &Layout,
        product: &CpuStorage,
        layout: &Layout,
    ) -> Result<()> {
        let (product, wide) = (slice(product, layout)?, self.shape.rows());
        each_row(arena, (self.shape, &self.batch, self.at), |row, r| {
            let mut past = product[row * wide..(row + 1) * wide].to_vec();
            past.iter_mut()
                .zip(r.bias)
                .for_each(|(past, bias)| *past += bias);
            let none = vec![0.0; wide];
            match self.shape.cell {
                Cell::Lstm => {
                    let seen: Vec<f32> = r.kept.iter().map(|cell| cell * r.keep).collect();
                    cells::lstm_forward(r.gates, &past, &none, &seen, r.kept_after, r.output);
                }
                Cell::Gru => {
                    cells::gru_forward(r.gates, &past, &none, r.before, r.kept_after, r.output);
                }
                Cell::Rnn => cells::rnn_forward(r.gates, &past, &none, r.output),
            }
            for (after, output) in r.before_after.iter_mut().zip(r.output) {
                *after = *output * r.keep_after;
            }
        })
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        arena: &mut candle_core::CudaStorage,
        _: &Layout,
        product: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> Result<()> {
        let name = match self.shape.cell {
            Cell::Lstm => "lstm_forward",
            Cell::Gru => "gru_forward",
            Cell::Rnn => "rnn_forward",
        };
        super::launch::launch(name, arena, &[(product, layout)], self.at)
    }
}

impl InplaceOp3 for Backward {
    fn name(&self) -> &'static str {
        "recurrent-step-back"
    }

    fn cpu_fwd(
        &self,
        arena: &mut CpuStorage,
        _: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
        product: &CpuStorage,
        product_layout: &Layout,
    ) -> Result<()> {
        let (gradient, product) = (
            slice(gradient, gradient_layout)?,
            slice(product, product_layout)?,
        );
        let (n, rows) = (self.shape.hidden, self.batch.rows);
        each_row(arena, (self.shape, &self.batch, self.at), |row, r| {
            let own = (self.at.step as usize * rows + row) * n;
            let sent = product[row * n..].iter().zip(&*r.carried);
            let sent = sent.map(|(sent, carried)| (sent + carried) * r.keep_after);
            let d_hidden = gradient[own..own + n].iter().zip(sent);
            let mut d_hidden: Vec<f32> = d_hidden.map(|(own, sent)| own + sent).collect();
            match self.shape.cell {
                Cell::Lstm => {
                    let seen: Vec<f32> = r.kept.iter().map(|cell| cell * r.keep).collect();
                    cells::lstm_backward(r.gates, &seen, r.kept_after, &d_hidden, r.d_cell);
                    r.d_cell.iter_mut().for_each(|d_cell| *d_cell *= r.keep);
                }
                Cell::Gru => {
                    let d_past = &mut r.d_past[..];
                    cells::gru_backward(r.gates, r.before, r.kept_after, d_past, &mut d_hidden);
                    r.carried.copy_from_slice(&d_hidden);
                }
                Cell::Rnn => cells::rnn_backward(r.gates, &d_hidden),
            }
        })
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        arena: &mut candle_core::CudaStorage,
        _: &Layout,
        gradient: &candle_core::CudaStorage,
        gradient_layout: &Layout,
        product: &candle_core::CudaStorage,
        product_layout: &Layout,
    ) -> Result<()> {
        let name = match self.shape.cell {
            Cell::Lstm => "lstm_backward",
            Cell::Gru => "gru_backward",
            Cell::Rnn => "rnn_backward",
        };
        let read = [(gradient, gradient_layout), (product, product_layout)];
        super::launch::launch(name, arena, &read, self.at)
    }
}
