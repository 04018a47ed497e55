//! One tensor with everything that a layer computes step by step, and where in it what lies.
//!
//! One, so that a kernel can write into any part of it. `keep` is 0 where the state is forgotten
//! before a step and 1 elsewhere; arrays over time have a slot more where they hold what is before
//! each step and after the last.

use candle_core::{Result, Tensor};
use harmonai_core::model::config::Cell;

use super::super::{BatchShape, LayerShape};

/// Where each part begins, with sizes and the current step: laid out as `At` in `cells.cu`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// (time, row, gate, cell): W x + b, then the gates, then their gradients.
    pub gates: u64,
    /// (time + 1, row, cell): the state that each step sees.
    pub before: u64,
    /// (time + 1, row, cell): an LSTM's cells; after a step the GRU's h_n, then its gradient.
    pub kept: u64,
    /// (time, row, cell).
    pub output: u64,
    /// (time + 1, row).
    pub keep: u64,
    /// (gate, cell): b'.
    pub bias: u64,
    /// (row, cell): the gradient of the cells before the current step.
    pub d_cell: u64,
    /// (row, gate, cell): the gradient of W' h, where it is not the gates'.
    pub d_past: u64,
    /// (row, cell): what reaches the state past the matrix.
    pub carried: u64,
    /// Rows of the batch.
    pub rows: u32,
    /// Cells of the layer.
    pub hidden: u32,
    /// The time step.
    pub step: u32,
}

/// The parts' sizes, in order.
pub fn sizes(shape: LayerShape, batch: &BatchShape) -> [usize; 9] {
    let (n, wide, rows, time) = (shape.hidden, shape.rows(), batch.rows, batch.time);
    let d_past = if shape.cell == Cell::Gru {
        rows * wide
    } else {
        0
    };
    [
        time * rows * wide,
        (time + 1) * rows * n,
        (time + 1) * rows * n,
        time * rows * n,
        (time + 1) * rows,
        wide,
        rows * n,
        d_past,
        rows * n,
    ]
}

impl At {
    /// At the first step.
    pub fn new(shape: LayerShape, batch: &BatchShape) -> Self {
        let mut end = 0;
        let [
            gates,
            before,
            kept,
            output,
            keep,
            bias,
            d_cell,
            d_past,
            carried,
        ] = sizes(shape, batch).map(|size| {
            end += size as u64;
            end - size as u64
        });
        Self {
            gates,
            before,
            kept,
            output,
            keep,
            bias,
            d_cell,
            d_past,
            carried,
            rows: batch.rows as u32,
            hidden: shape.hidden as u32,
            step: 0,
        }
    }

    /// At another step.
    pub fn step(self, step: usize) -> Self {
        Self {
            step: step as u32,
            ..self
        }
    }

    /// Threads of a kernel.
    #[cfg(feature = "cuda")]
    pub fn places(&self) -> u32 {
        self.rows * self.hidden
    }
}

/// A part of the arena as a matrix, not copied.
pub fn part(arena: &Tensor, start: u64, rows: usize, columns: usize) -> Result<Tensor> {
    let flat = arena.narrow(0, start as usize, rows * columns)?;
    flat.reshape((rows, columns))
}
