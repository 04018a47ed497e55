//! A recurrent layer out of Candle's own operations, differentiated by Candle.
//!
//! Slow (it records every step of the sequence), but it runs on any device, and the processor's
//! layer is tested against it.

use candle_core::{D, Result, Tensor};
use harmonai_core::model::config::Cell;

use super::{BatchShape, LayerShape, RecurrentState};
use crate::nn::dropout::Dropout;

/// See [`super::Layer::run`].
pub fn run(
    shape: LayerShape,
    x: &Tensor,
    weights: &Tensor,
    state: &mut RecurrentState,
    batch: &BatchShape,
    dropout: Dropout,
) -> Result<Tensor> {
    let (rows, n, device) = (shape.rows(), shape.hidden, x.device());
    let part = |start: usize, dims: &[usize]| {
        weights
            .narrow(0, start, dims.iter().product())?
            .reshape(dims)
    };
    let weight_ih = part(0, &[rows, shape.input])?.t()?;
    let weight_hh = part(rows * shape.input, &[rows, n])?.t()?;
    let bias_ih = part(rows * (shape.input + n), &[rows])?;
    let bias_hh = part(rows * (shape.input + n + 1), &[rows])?;

    let mut hidden = Tensor::from_slice(&state.hidden, (batch.rows, n), device)?;
    let mut cell = match shape.cell {
        Cell::Lstm => Some(Tensor::from_slice(&state.cell, (batch.rows, n), device)?),
        Cell::Gru | Cell::Rnn => None,
    };
    let keep: Vec<f32> = batch.resets.iter().map(|reset| f32::from(!reset)).collect();
    let keep = Tensor::from_vec(keep, (batch.time, batch.rows, 1), device)?;
    let mut outputs = Vec::with_capacity(batch.time);
    for t in 0..batch.time {
        let keep = keep.get(t)?;
        hidden = hidden.broadcast_mul(&keep)?;
        let input = x
            .get(t)?
            .contiguous()?
            .matmul(&weight_ih)?
            .broadcast_add(&bias_ih)?;
        let past = hidden.matmul(&weight_hh)?.broadcast_add(&bias_hh)?;
        let gate = |values: &Tensor, k: usize| values.narrow(D::Minus1, k * n, n);
        let sigmoid = candle_nn::ops::sigmoid;
        hidden = match shape.cell {
            Cell::Lstm => {
                let sum = (input + past)?;
                let (i, f) = (sigmoid(&gate(&sum, 0)?)?, sigmoid(&gate(&sum, 1)?)?);
                let (g, o) = (gate(&sum, 2)?.tanh()?, sigmoid(&gate(&sum, 3)?)?);
                let kept = match &cell {
                    Some(cell) => (f * cell.broadcast_mul(&keep)?)?,
                    None => f.zeros_like()?,
                };
                let after = (kept + (i * g)?)?;
                let hidden = (o * after.tanh()?)?;
                cell = Some(after);
                hidden
            }
            Cell::Gru => {
                let r = sigmoid(&(gate(&input, 0)? + gate(&past, 0)?)?)?;
                let z = sigmoid(&(gate(&input, 1)? + gate(&past, 1)?)?)?;
                let new = (gate(&input, 2)? + (r * gate(&past, 2)?)?)?.tanh()?;
                ((&new - (&z * &new)?)? + (&z * &hidden)?)?
            }
            Cell::Rnn => (input + past)?.tanh()?,
        };
        outputs.push(hidden.clone());
    }
    state.hidden = hidden.flatten_all()?.to_vec1()?;
    if let Some(cell) = cell {
        state.cell = cell.flatten_all()?.to_vec1()?;
    }
    let outputs = Tensor::stack(&outputs, 0)?;
    if !dropout.acts() {
        return Ok(outputs);
    }
    let mask = dropout.mask(outputs.elem_count());
    &outputs * Tensor::from_vec(mask, outputs.shape(), device)?
}
