//! Candle's side of `cargo xtask bench step`: the same LSTM by candle-nn, a step at a time.
//!
//! The network's sizes come as JSON in the first argument; a round is measured for every line on
//! standard input.

use std::hint::black_box;
use std::io::BufRead;
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{DType, Device, Tensor};
use candle_nn::rnn::{LSTMConfig, LSTMState, RNN};
use candle_nn::{LSTM, Linear, Module, VarBuilder, VarMap, linear, lstm};
use serde_json::{Value, json};

/// What is written between two cold steps, in 64-bit words.
const SWEEP: usize = (96 << 20) / 8;
/// Steps that come before the hot ones.
const WARM: usize = 5;
/// Hot steps in a round.
const HOT: usize = 11;

struct Network {
    layers: Vec<LSTM>,
    head: Linear,
    states: Vec<LSTMState>,
    input: Tensor,
}

impl Network {
    fn new(task: &Value) -> Result<Self> {
        let size = |name: &str| {
            let size = task[name].as_u64().with_context(|| format!("no {name}"))?;
            anyhow::Ok(size as usize)
        };
        let (hidden, embedding) = (size("hidden")?, size("embedding")?);
        let variables = VarMap::new();
        let root = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let mut layers = Vec::new();
        for k in 0..size("layers")? {
            let reads = if k == 0 { embedding } else { hidden };
            let place = root.pp(format!("layer{k}"));
            layers.push(lstm(reads, hidden, LSTMConfig::default(), place)?);
        }
        let states = layers.iter().map(|layer| layer.zero_state(1));
        Ok(Self {
            head: linear(hidden, size("symbols")?, root.pp("head"))?,
            states: states.collect::<Result<_, _>>()?,
            input: Tensor::randn(0.0f32, 1.0, (1, embedding), &Device::Cpu)?,
            layers,
        })
    }

    fn step(&mut self) -> Result<()> {
        let mut x = self.input.clone();
        for (layer, state) in self.layers.iter().zip(&mut self.states) {
            *state = layer.step(&x, state)?;
            x = state.h().clone();
        }
        black_box(self.head.forward(&x)?);
        Ok(())
    }

    fn time(&mut self) -> Result<f64> {
        let started = Instant::now();
        self.step()?;
        Ok(started.elapsed().as_nanos() as f64)
    }
}

fn main() -> Result<()> {
    let task = std::env::args().nth(1).context("no task")?;
    let mut network = Network::new(&serde_json::from_str(&task)?)?;
    let mut sweep = vec![0_u64; SWEEP];
    println!("ready");
    for (round, line) in (1..).zip(std::io::stdin().lock().lines()) {
        line?;
        for _ in 0..WARM {
            network.step()?;
        }
        let hot = (0..HOT)
            .map(|_| network.time())
            .collect::<Result<Vec<_>>>()?;
        sweep.fill(round);
        black_box(&mut sweep);
        let cold = network.time()?;
        println!("{}", json!({ "candle": { "hot": hot, "cold": cold } }));
    }
    Ok(())
}
