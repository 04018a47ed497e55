//! A recurrent layer step by step, for graphics cards: at each time step one product and one
//! kernel.
//!
//! Everything that has to be kept lies in one tensor ([`arena`]). What a step does is an operation
//! of its own ([`kernels`]); the products are Candle's, the large ones over all steps at once.
//! Called by [`super::Layer`]; on the processor only by the tests, where it is held against the
//! processor's layer.

mod arena;
mod kernels;
#[cfg(feature = "cuda")]
mod launch;

use candle_core::{
    CpuStorage, CustomOp2, Device, Layout, Result, Storage, Tensor, WithDType, bail,
};
use harmonai_core::model::config::Cell;

use self::arena::{At, part};
use self::kernels::{Backward, Forward};
use super::{BatchShape, LayerShape, RecurrentState};
use crate::nn::tensors::slice;

/// See [`super::Layer::run`]; without its dropout.
pub fn run(
    shape: LayerShape,
    x: &Tensor,
    weights: &Tensor,
    state: &mut RecurrentState,
    batch: &BatchShape,
) -> Result<Tensor> {
    let run = LayerOp {
        shape,
        batch: batch.clone(),
        at: At::new(shape, batch),
        arena: fill(shape, &x.detach(), &weights.detach(), state, batch)?,
    };
    let recurrent = weight(&weights.detach(), shape, Part::Recurrent)?.t()?;
    for step in 0..batch.time {
        let first = run.at.before + (step * batch.rows * shape.hidden) as u64;
        let before = part(&run.arena, first, batch.rows, shape.hidden)?;
        let forward = Forward {
            shape,
            batch: batch.clone(),
            at: run.at.step(step),
        };
        run.arena
            .inplace_op2(&before.matmul(&recurrent)?, &forward)?;
    }
    let rows = batch.time * batch.rows;
    let last = |start: u64, width: usize| {
        let end = start + ((rows - batch.rows) * width) as u64;
        part(&run.arena, end, batch.rows, width)?
            .flatten_all()?
            .to_vec1()
    };
    state.hidden = last(run.at.output, shape.hidden)?;
    if shape.cell == Cell::Lstm {
        let after = run.at.kept + (batch.rows * shape.hidden) as u64;
        state.cell = last(after, shape.hidden)?;
    }
    x.apply_op2(weights, run)
}

/// The arena before the first step.
fn fill(
    shape: LayerShape,
    x: &Tensor,
    weights: &Tensor,
    state: &RecurrentState,
    batch: &BatchShape,
) -> Result<Tensor> {
    let (n, device) = (shape.hidden, x.device());
    let rows = batch.time * batch.rows;
    let inputs = weight(weights, shape, Part::Inputs)?.t()?;
    let [bias_ih, bias_hh] = biases(weights, shape)?;
    let gates = x.reshape((rows, shape.input))?.matmul(&inputs)?;
    let gates = gates.broadcast_add(&bias_ih)?.flatten_all()?;
    let keep = batch.resets.iter().map(|reset| f32::from(!reset));
    let keep: Vec<f32> = keep.chain(std::iter::repeat_n(1.0, batch.rows)).collect();
    let kept = keep.iter().zip(state.hidden.chunks_exact(n));
    let seen = kept.flat_map(|(keep, hidden)| hidden.iter().map(move |h| h * keep));
    let seen: Vec<f32> = seen.collect();
    let tensor = |values: &[f32]| Tensor::from_slice(values, values.len(), device);
    let zeros = |count: usize| Tensor::zeros(count, gates.dtype(), device);
    let mut cells = state.cell.clone();
    cells.resize(batch.rows * n, 0.0);
    let [.., d_cell, d_past, carried] = arena::sizes(shape, batch);
    let parts = [
        gates.clone(),
        tensor(&seen)?,
        zeros(rows * n)?,
        tensor(&cells)?,
        zeros(2 * rows * n)?,
        tensor(&keep)?,
        bias_hh,
        zeros(d_cell + d_past + carried)?,
    ];
    Tensor::cat(&parts, 0)
}

/// A matrix among the flat weights.
#[derive(Clone, Copy)]
enum Part {
    Inputs,
    Recurrent,
}

fn weight(weights: &Tensor, shape: LayerShape, part: Part) -> Result<Tensor> {
    let (start, columns) = match part {
        Part::Inputs => (0, shape.input),
        Part::Recurrent => (shape.rows() * shape.input, shape.hidden),
    };
    let flat = weights.narrow(0, start, shape.rows() * columns)?;
    flat.reshape((shape.rows(), columns))
}

fn biases(weights: &Tensor, shape: LayerShape) -> Result<[Tensor; 2]> {
    let start = shape.rows() * (shape.input + shape.hidden);
    let bias = |start: usize| weights.narrow(0, start, shape.rows());
    Ok([bias(start)?, bias(start + shape.rows())?])
}

/// A run that has been done, for its backward pass.
struct LayerOp {
    shape: LayerShape,
    batch: BatchShape,
    at: At,
    arena: Tensor,
}

impl LayerOp {
    fn output(&self) -> Result<Tensor> {
        let rows = self.batch.time * self.batch.rows;
        part(&self.arena, self.at.output, rows, self.shape.hidden)
    }

    fn dims(&self) -> candle_core::Shape {
        (self.batch.time, self.batch.rows, self.shape.hidden).into()
    }

    /// The gates' gradients take the gates' places in the arena.
    fn go_back(&self, weights: &Tensor, gradient: &Tensor) -> Result<()> {
        let (shape, rows) = (self.shape, self.batch.rows);
        let recurrent = weight(weights, shape, Part::Recurrent)?;
        let mut sent = Tensor::zeros((rows, shape.hidden), gradient.dtype(), gradient.device())?;
        for step in (0..self.batch.time).rev() {
            let backward = Backward {
                shape,
                batch: self.batch.clone(),
                at: self.at.step(step),
            };
            self.arena.inplace_op3(gradient, &sent, &backward)?;
            let gates = self.at.gates + (step * rows * shape.rows()) as u64;
            let d_past = match shape.cell {
                Cell::Gru => self.at.d_past,
                Cell::Lstm | Cell::Rnn => gates,
            };
            if step > 0 {
                sent = part(&self.arena, d_past, rows, shape.rows())?.matmul(&recurrent)?;
            }
        }
        Ok(())
    }

    /// The flat weights' gradients, from the gates'.
    fn d_weights(&self, x: &Tensor, d_gates: &Tensor) -> Result<Tensor> {
        let (shape, at) = (self.shape, self.at);
        let (n, steps) = (shape.hidden, self.batch.time * self.batch.rows);
        let seen = part(&self.arena, at.before, steps, n)?;
        let x = x.reshape((steps, shape.input))?;
        let d_inputs = d_gates.t()?.matmul(&x)?;
        let d_bias_ih = d_gates.sum(0)?;
        let (d_recurrent, d_bias_hh) = if shape.cell == Cell::Gru {
            // The new gate's past is weighed by the reset gate: its gradient is its own.
            let first = d_gates.narrow(1, 0, 2 * n)?.contiguous()?;
            let after = at.kept + (self.batch.rows * n) as u64;
            let new = part(&self.arena, after, steps, n)?;
            let products = [first.t()?.matmul(&seen)?, new.t()?.matmul(&seen)?];
            let sums = [first.sum(0)?, new.sum(0)?];
            (Tensor::cat(&products, 0)?, Tensor::cat(&sums, 0)?)
        } else {
            (d_gates.t()?.matmul(&seen)?, d_bias_ih.clone())
        };
        let parts = [
            d_inputs.flatten_all()?,
            d_recurrent.flatten_all()?,
            d_bias_ih,
            d_bias_hh,
        ];
        Tensor::cat(&parts, 0)
    }
}

impl CustomOp2 for LayerOp {
    fn name(&self) -> &'static str {
        "recurrent-layer-by-steps"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let output = self.output()?;
        let (storage, layout) = output.storage_and_layout();
        match &*storage {
            Storage::Cpu(storage) => {
                let values = slice(storage, layout)?.to_vec();
                Ok((f32::to_cpu_storage_owned(values), self.dims()))
            }
            _ => bail!("the arena is not on the processor"),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        _: &candle_core::CudaStorage,
        _: &Layout,
        _: &candle_core::CudaStorage,
        _: &Layout,
    ) -> Result<(candle_core::CudaStorage, candle_core::Shape)> {
        let output = self.output()?;
        let (storage, layout) = output.storage_and_layout();
        let Storage::Cuda(storage) = &*storage else {
            bail!("the arena is not on the card");
        };
        // A copy of its own: the arena goes on being written to.
        let values = crate::nn::cuda::view(storage, layout)?;
        let mut copy = storage.device.alloc_zeros::<f32>(values.len())?;
        storage.device.memcpy_dtod(&values, &mut copy)?;
        let copy = candle_core::CudaStorage::wrap_cuda_slice(copy, storage.device.clone());
        Ok((copy, self.dims()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (x, weights) = (x.detach(), weights.detach());
        self.go_back(&weights, &gradient.contiguous()?)?;
        let steps = self.batch.time * self.batch.rows;
        let d_gates = part(&self.arena, self.at.gates, steps, self.shape.rows())?;
        let d_x = d_gates.matmul(&weight(&weights, self.shape, Part::Inputs)?)?;
        let d_weights = self.d_weights(&x, &d_gates)?;
        Ok((Some(d_x.reshape(x.shape())?), Some(d_weights)))
    }
}

/// Whether the layers of a device are computed this way.
pub fn serves(device: &Device) -> bool {
    device.is_cuda()
}

#[cfg(all(test, unix))]
mod tests;
