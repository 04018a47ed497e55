//! A recurrent layer as one Candle operation on the processor, with its own backward pass.
//!
//! The rows of a batch do not meet inside a layer, so that each thread takes some rows through
//! the whole sequence without waiting for the others. The input's share of the gates is one large
//! product beforehand, and so are the weights' gradients afterwards. All large arrays live in a
//! [`Scratch`] that is used again for every batch.

mod backward;
mod forward;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Tensor};
use harmonai_core::model::config::Cell;

use super::{BatchShape, LayerShape, RecurrentState};
use crate::nn::dropout::Dropout;
use crate::nn::gemm::Packed;
use crate::nn::tensors::{slice, with_slice};

/// Rows that a thread takes at the least: fewer would not make up for reading the weights.
const FEWEST_ROWS: usize = 8;

/// What a layer computes in, and what its forward pass leaves for its backward pass.
#[derive(Default)]
pub struct Scratch {
    /// (time, row, gates): W x, then the gates, then their gradients.
    gates: Vec<f32>,
    /// (time + 1, row, hidden): the state that each step sees, resets done; at the end the
    /// state after the last step.
    before: Vec<f32>,
    /// (time, row, hidden): the LSTM's cells, or the GRU's h_n and then its gradient.
    kept: Vec<f32>,
    /// (row, hidden): the LSTM's cells before the first step.
    first_cell: Vec<f32>,
    packed: Packed,
}

impl Scratch {
    /// The state after the last step.
    pub fn state(&self, shape: LayerShape) -> RecurrentState {
        let rows = self.first_cell.len();
        let last = |values: &[f32]| values[values.len() - rows..].to_vec();
        let cell = if shape.cell == Cell::Lstm {
            last(&self.kept)
        } else {
            Vec::new()
        };
        RecurrentState {
            hidden: last(&self.before),
            cell,
        }
    }

    fn resize(&mut self, shape: LayerShape, batch: &BatchShape) {
        let rows = batch.time * batch.rows;
        self.gates.resize(rows * shape.rows(), 0.0);
        self.before.resize((rows + batch.rows) * shape.hidden, 0.0);
        let kept = if shape.cell == Cell::Rnn {
            0
        } else {
            rows * shape.hidden
        };
        self.kept.resize(kept, 0.0);
        self.first_cell.resize(batch.rows * shape.hidden, 0.0);
    }
}

/// One run of a layer over a batch.
pub struct LayerOp {
    pub shape: LayerShape,
    pub batch: BatchShape,
    pub dropout: Dropout,
    pub state: RecurrentState,
    pub scratch: Arc<Mutex<Scratch>>,
}

impl CustomOp2 for LayerOp {
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
        let mut output = vec![0.0; self.batch.time * self.batch.rows * self.shape.hidden];
        self.forward(x, weights, &mut output);
        let shape = (self.batch.time, self.batch.rows, self.shape.hidden);
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

impl LayerOp {
    fn scratch(&self) -> MutexGuard<'_, Scratch> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows of the batch that one thread takes.
    fn group(&self) -> usize {
        self.batch
            .rows
            .div_ceil(rayon::current_num_threads())
            .max(FEWEST_ROWS)
    }

    /// A (time, row, width) array as each group of rows sees it: a slice for every time step.
    fn by_group<'a>(&self, values: &'a mut [f32], width: usize) -> Vec<Vec<&'a mut [f32]>> {
        let groups = self.batch.rows.div_ceil(self.group());
        let mut by_group: Vec<Vec<&mut [f32]>> = (0..groups).map(|_| Vec::new()).collect();
        if width > 0 {
            for step in values.chunks_mut(self.batch.rows * width) {
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
        time < self.batch.time && self.batch.resets[time * self.batch.rows + row]
    }
}
