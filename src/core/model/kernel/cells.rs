//! What a recurrent layer makes of its gates, with the semantics of `torch.nn`.

use super::{Instructions, Level, sigmoid, tanh};
use crate::model::config::Cell;

/// Contributions to the gates from the layer's input and from its own past.
pub type Gates<'a> = (&'a [f32], &'a [f32]);

/// Goes a step further: `hidden` becomes the layer's output, `memory` an LSTM's cells.
pub fn advance(level: Level, cell: Cell, gates: Gates, memory: &mut [f32], hidden: &mut [f32]) {
    match level.0 {
        Instructions::Baseline => any(cell, gates, memory, hidden),
        #[cfg(target_arch = "aarch64")]
        Instructions::Neon => any(cell, gates, memory, hidden),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 | Instructions::Vnni => {
            // SAFETY: these levels are only made where the processor has been seen to have AVX2.
            unsafe { any_avx2(cell, gates, memory, hidden) }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn any_avx2(cell: Cell, gates: Gates, memory: &mut [f32], hidden: &mut [f32]) {
    any(cell, gates, memory, hidden);
}

#[inline(always)]
fn any(cell: Cell, (x, h): Gates, memory: &mut [f32], hidden: &mut [f32]) {
    match cell {
        Cell::Lstm => lstm(parts(x, hidden), parts(h, hidden), memory, hidden),
        Cell::Gru => gru(parts(x, hidden), parts(h, hidden), hidden),
        Cell::Rnn => rnn(parts(x, hidden), parts(h, hidden), hidden),
    }
}

/// A part a gate, each as long as `hidden`.
#[inline(always)]
fn parts<'a, const N: usize>(gates: &'a [f32], hidden: &[f32]) -> [&'a [f32]; N] {
    let n = hidden.len();
    assert_eq!(gates.len(), N * n, "gates and layer do not fit");
    std::array::from_fn(|k| &gates[k * n..][..n])
}

/// c' = f c + i g; h = o tanh(c'). Gates in torch's order i, f, g, o.
#[inline(always)]
fn lstm(x: [&[f32]; 4], h: [&[f32]; 4], cell: &mut [f32], hidden: &mut [f32]) {
    let n = hidden.len();
    let cell = &mut cell[..n];
    for j in 0..n {
        let gate = |k: usize| x[k][j] + h[k][j];
        cell[j] = sigmoid(gate(1)) * cell[j] + sigmoid(gate(0)) * tanh(gate(2));
        hidden[j] = sigmoid(gate(3)) * tanh(cell[j]);
    }
}

/// h' = (1 - z) n + z h, where n = tanh(x_n + r h_n). Gates in torch's order r, z, n.
#[inline(always)]
fn gru(x: [&[f32]; 3], h: [&[f32]; 3], hidden: &mut [f32]) {
    for j in 0..hidden.len() {
        let reset = sigmoid(x[0][j] + h[0][j]);
        let update = sigmoid(x[1][j] + h[1][j]);
        let new = tanh(x[2][j] + reset * h[2][j]);
        hidden[j] = (1.0 - update) * new + update * hidden[j];
    }
}

/// h' = tanh(x + h).
#[inline(always)]
fn rnn([x]: [&[f32]; 1], [h]: [&[f32]; 1], hidden: &mut [f32]) {
    for j in 0..hidden.len() {
        hidden[j] = tanh(x[j] + h[j]);
    }
}
