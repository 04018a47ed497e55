//! The cells' own arithmetic, one row of a batch at one time step, forth and back.
//!
//! `gates` comes in as W x, `past` as W' h + b' from the row's state. Forward leaves in `gates`
//! what backward needs, and backward turns it into the gradient of what came in. Called by the
//! processor's layer for each row and step, on rayon's threads.

use harmonai_core::model::kernel::{sigmoid, tanh};

use crate::nn::simd::vectorised;

vectorised! {
    /// c' = f c + i g, h = o tanh c'. Gates in torch's order i, f, g, o.
    pub fn lstm_forward(
        gates: &mut [f32],
        past: &[f32],
        bias: &[f32],
        cell_before: &[f32],
        cell: &mut [f32],
        hidden: &mut [f32],
    ) {
        let n = hidden.len();
        let [gi, gf, gg, go] = quarters(gates, n);
        let [pi, pf, pg, po] = parts(past, n);
        let [bi, bf, bg, bo] = parts(bias, n);
        let (cell_before, cell) = (&cell_before[..n], &mut cell[..n]);
        for j in 0..n {
            let i = sigmoid(gi[j] + pi[j] + bi[j]);
            let f = sigmoid(gf[j] + pf[j] + bf[j]);
            let g = tanh(gg[j] + pg[j] + bg[j]);
            let o = sigmoid(go[j] + po[j] + bo[j]);
            let c = f * cell_before[j] + i * g;
            (gi[j], gf[j], gg[j], go[j]) = (i, f, g, o);
            cell[j] = c;
            hidden[j] = o * tanh(c);
        }
    }

    /// `gates` becomes the gradient of W x (and of W' h); `d_cell`, the gradient of the cell after
    /// this step, becomes that of the cell before it.
    pub fn lstm_backward(
        gates: &mut [f32],
        cell_before: &[f32],
        cell: &[f32],
        d_hidden: &[f32],
        d_cell: &mut [f32],
    ) {
        let n = d_hidden.len();
        let [gi, gf, gg, go] = quarters(gates, n);
        let (cell_before, cell, d_cell) = (&cell_before[..n], &cell[..n], &mut d_cell[..n]);
        for j in 0..n {
            let (i, f, g, o) = (gi[j], gf[j], gg[j], go[j]);
            let t = tanh(cell[j]);
            let dh = d_hidden[j];
            let dc = d_cell[j] + dh * o * (1.0 - t * t);
            gi[j] = dc * g * i * (1.0 - i);
            gf[j] = dc * cell_before[j] * f * (1.0 - f);
            gg[j] = dc * i * (1.0 - g * g);
            go[j] = dh * t * o * (1.0 - o);
            d_cell[j] = dc * f;
        }
    }

    /// h = (1 - z) n + z h, n = tanh(x_n + r h_n). Gates in torch's order r, z, n; `past_new`
    /// keeps h_n.
    pub fn gru_forward(
        gates: &mut [f32],
        past: &[f32],
        bias: &[f32],
        before: &[f32],
        past_new: &mut [f32],
        hidden: &mut [f32],
    ) {
        let n = hidden.len();
        let [gr, gz, gn] = thirds(gates, n);
        let [pr, pz, pn] = parts(past, n);
        let [br, bz, bn] = parts(bias, n);
        let (before, past_new) = (&before[..n], &mut past_new[..n]);
        for j in 0..n {
            let r = sigmoid(gr[j] + pr[j] + br[j]);
            let z = sigmoid(gz[j] + pz[j] + bz[j]);
            let new = tanh(gn[j] + bn[j] + r * pn[j]);
            (gr[j], gz[j], gn[j]) = (r, z, new);
            past_new[j] = pn[j];
            hidden[j] = (1.0 - z) * new + z * before[j];
        }
    }

    /// `gates` becomes the gradient of W x, `d_past` that of W' h + b', whose last third also
    /// goes to `past_new`; `d_hidden` becomes what reaches the state by way of z alone.
    pub fn gru_backward(
        gates: &mut [f32],
        before: &[f32],
        past_new: &mut [f32],
        d_past: &mut [f32],
        d_hidden: &mut [f32],
    ) {
        let n = d_hidden.len();
        let [gr, gz, gn] = thirds(gates, n);
        let [pr, pz, pn] = thirds(d_past, n);
        let (before, past_new) = (&before[..n], &mut past_new[..n]);
        for j in 0..n {
            let (r, z, new) = (gr[j], gz[j], gn[j]);
            let dh = d_hidden[j];
            let d_new = dh * (1.0 - z) * (1.0 - new * new);
            let d_reset = d_new * past_new[j] * r * (1.0 - r);
            let d_update = dh * (before[j] - new) * z * (1.0 - z);
            (gr[j], gz[j], gn[j]) = (d_reset, d_update, d_new);
            (pr[j], pz[j], pn[j]) = (d_reset, d_update, d_new * r);
            past_new[j] = d_new * r;
            d_hidden[j] = dh * z;
        }
    }

    /// h = tanh(W x + b + W' h + b').
    pub fn rnn_forward(gates: &mut [f32], past: &[f32], bias: &[f32], hidden: &mut [f32]) {
        let n = hidden.len();
        let (gates, past, bias) = (&mut gates[..n], &past[..n], &bias[..n]);
        for j in 0..n {
            let h = tanh(gates[j] + past[j] + bias[j]);
            gates[j] = h;
            hidden[j] = h;
        }
    }

    /// `gates` becomes the gradient of W x (and of W' h).
    pub fn rnn_backward(gates: &mut [f32], d_hidden: &[f32]) {
        let n = d_hidden.len();
        let gates = &mut gates[..n];
        for j in 0..n {
            gates[j] = d_hidden[j] * (1.0 - gates[j] * gates[j]);
        }
    }
}

#[inline(always)]
fn parts<const N: usize>(values: &[f32], n: usize) -> [&[f32]; N] {
    std::array::from_fn(|k| &values[k * n..(k + 1) * n])
}

#[inline(always)]
fn quarters(values: &mut [f32], n: usize) -> [&mut [f32]; 4] {
    let (a, rest) = values.split_at_mut(n);
    let (b, rest) = rest.split_at_mut(n);
    let (c, d) = rest.split_at_mut(n);
    [a, b, c, &mut d[..n]]
}

#[inline(always)]
fn thirds(values: &mut [f32], n: usize) -> [&mut [f32]; 3] {
    let (a, rest) = values.split_at_mut(n);
    let (b, c) = rest.split_at_mut(n);
    [a, b, &mut c[..n]]
}
