//! Recurrent layers for training: LSTM, GRU and RNN with the semantics of `torch.nn`.
//!
//! A [`Layer`] runs a batch of sequences in (time, row, feature) layout, from a carried state,
//! forgetting it where a new tune begins. On the processor it is one Candle operation with a
//! hand-written backward pass ([`cpu`], over the loops in [`cells`]). On an NVIDIA card it goes
//! step by step with kernels of our own ([`cuda`]); elsewhere it is made of Candle's operations
//! ([`reference`]), which also check the other two. Called by the model.

mod cells;
mod cpu;
mod cuda;
mod reference;

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{Result, Tensor};
use harmonai_core::model::config::Cell;

use crate::nn::dropout::Dropout;

/// What a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerShape {
    /// The kind of cell.
    pub cell: Cell,
    /// Width of what it reads.
    pub input: usize,
    /// Number of cells.
    pub hidden: usize,
}

impl LayerShape {
    /// Rows of its weight matrices.
    pub fn rows(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// Its parameters lie in one flat tensor: weight_ih, weight_hh, bias_ih, bias_hh.
    pub fn parameters(&self) -> usize {
        self.rows() * (self.input + self.hidden + 2)
    }

    /// The flat parameters' four parts.
    fn split<'a>(&self, flat: &'a [f32]) -> [&'a [f32]; 4] {
        let (weight_ih, rest) = flat.split_at(self.rows() * self.input);
        let (weight_hh, rest) = rest.split_at(self.rows() * self.hidden);
        let (bias_ih, bias_hh) = rest.split_at(self.rows());
        [weight_ih, weight_hh, bias_ih, bias_hh]
    }
}

/// What a layer carries from one batch to the next; a row for each stream.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentState {
    /// Its output.
    pub hidden: Vec<f32>,
    /// The LSTM's cells; empty for other kinds.
    pub cell: Vec<f32>,
}

impl RecurrentState {
    /// Before anything is read.
    pub fn new(shape: LayerShape, rows: usize) -> Self {
        let zeros = vec![0.0; rows * shape.hidden];
        let cell = if shape.cell == Cell::Lstm {
            zeros.clone()
        } else {
            Vec::new()
        };
        Self {
            hidden: zeros,
            cell,
        }
    }
}

/// What is the same for all layers in one batch.
#[derive(Clone, Debug)]
pub struct BatchShape {
    /// Time steps.
    pub time: usize,
    /// Rows: streams side by side.
    pub rows: usize,
    /// For each (time, row) whether the state is forgotten before this step.
    pub resets: Arc<Vec<bool>>,
}

/// A layer and its room to compute in.
pub struct Layer {
    shape: LayerShape,
    scratch: Arc<Mutex<cpu::Scratch>>,
}

impl Layer {
    /// A layer of this shape.
    pub fn new(shape: LayerShape) -> Self {
        Self {
            shape,
            scratch: Arc::default(),
        }
    }

    /// Its shape.
    pub fn shape(&self) -> LayerShape {
        self.shape
    }

    /// Runs over `x` (time, row, input) from `state`, which becomes that after the last step, and
    /// gives the outputs (time, row, hidden), dropped. Gradients reach `x` and `weights`; the state
    /// is taken as given. One run's gradients must be taken before the
    /// layer runs again.
    pub fn run(
        &self,
        x: &Tensor,
        weights: &Tensor,
        state: &mut RecurrentState,
        batch: &BatchShape,
        dropout: Dropout,
    ) -> Result<Tensor> {
        if cuda::serves(x.device()) {
            let output = cuda::run(self.shape, x, weights, state, batch)?;
            return dropout.apply(&output);
        }
        if !x.device().is_cpu() {
            return reference::run(self.shape, x, weights, state, batch, dropout);
        }
        let run = cpu::LayerOp {
            shape: self.shape,
            batch: batch.clone(),
            dropout,
            state: state.clone(),
            scratch: self.scratch.clone(),
        };
        let output = x.apply_op2(weights, run)?;
        let scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        *state = scratch.state(self.shape);
        Ok(output)
    }
}

#[cfg(test)]
mod tests;
