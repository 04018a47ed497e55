//! The processor's layers against Candle's own operations and its automatic differentiation.

use candle_core::{Device, Tensor, Var};
use rand::RngExt;

use super::*;
use crate::random::Noise;

pub struct Case {
    pub layer: Layer,
    pub batch: BatchShape,
    pub x: Var,
    pub weights: Var,
    pub state: RecurrentState,
    pub weighing: Tensor,
}

pub fn case(cell: Cell, time: usize, rows: usize) -> Case {
    let shape = LayerShape {
        cell,
        input: 7,
        hidden: 13,
    };
    let noise = Noise::new(7, cell as u64);
    let tensor = |purpose: u64, dims: &[usize], reach: f32| {
        let values = noise.branch(purpose).uniform(dims.iter().product(), reach);
        Tensor::from_vec(values, dims, &Device::Cpu).unwrap()
    };
    let mut rng = noise.branch(9).rng();
    let resets = (0..time * rows).map(|_| rng.random_range(0..5) == 0);
    let resets: Vec<bool> = resets.collect();
    let mut state = RecurrentState::new(shape, rows);
    state.hidden = noise.branch(10).uniform(state.hidden.len(), 1.0);
    state.cell = noise.branch(11).uniform(state.cell.len(), 2.0);
    Case {
        layer: Layer::new(shape),
        batch: BatchShape {
            time,
            rows,
            resets: Arc::new(resets),
        },
        x: Var::from_tensor(&tensor(0, &[time, rows, shape.input], 1.5)).unwrap(),
        weights: Var::from_tensor(&tensor(1, &[shape.parameters()], 0.6)).unwrap(),
        state,
        weighing: tensor(2, &[time, rows, shape.hidden], 1.0),
    }
}

/// Largest difference, as a share of the largest value.
pub fn difference(a: &Tensor, b: &Tensor) -> f32 {
    let largest = |t: &Tensor| {
        t.abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
    };
    largest(&(a - b).unwrap()) / largest(a).max(1e-9)
}

#[test]
fn outputs_memory_and_gradients_equal_automatic_differentiation() {
    for cell in Cell::ALL {
        for (time, rows) in [(1, 1), (9, 5), (6, 21)] {
            for dropout in [Dropout::NONE, Dropout::new(0.3, Noise::new(1, 1))] {
                let case = case(cell, time, rows);
                let (x, weights) = (case.x.as_tensor(), case.weights.as_tensor());
                let (mut cpu, mut reference) = (case.state.clone(), case.state.clone());
                let a = case
                    .layer
                    .run(x, weights, &mut cpu, &case.batch, dropout)
                    .unwrap();
                let shape = case.layer.shape();
                let b = reference::run(shape, x, weights, &mut reference, &case.batch, dropout)
                    .unwrap();
                let check = |what: &str, difference: f32| {
                    assert!(
                        difference < 3e-6,
                        "{cell}, {time} x {rows}: {what} is off by {difference}"
                    );
                };
                check("output", difference(&a, &b));
                for (what, a, b) in [
                    ("hidden", cpu.hidden, reference.hidden),
                    ("cell", cpu.cell, reference.cell),
                ] {
                    assert_eq!(a.len(), b.len(), "{what}");
                    let off = a.iter().zip(&b).map(|(a, b)| (a - b).abs());
                    check(what, off.fold(0.0, f32::max));
                }
                let loss = |output: Tensor| {
                    (output * &case.weighing)
                        .unwrap()
                        .sum_all()
                        .unwrap()
                        .backward()
                        .unwrap()
                };
                let (a, b) = (loss(a), loss(b));
                for (what, var) in [("gradient of x", x), ("gradient of weights", weights)] {
                    check(what, difference(b.get(var).unwrap(), a.get(var).unwrap()));
                }
            }
        }
    }
}

#[test]
fn a_sequence_cut_in_two_goes_on() {
    for cell in Cell::ALL {
        let case = case(cell, 8, 3);
        let (x, weights) = (case.x.as_tensor(), case.weights.as_tensor());
        let mut state = case.state.clone();
        let whole = case
            .layer
            .run(x, weights, &mut state, &case.batch, Dropout::NONE)
            .unwrap();
        let mut carried = case.state.clone();
        let halves = [0, 4].map(|start| {
            let resets = case.batch.resets[start * 3..(start + 4) * 3].to_vec();
            let batch = BatchShape {
                time: 4,
                rows: 3,
                resets: Arc::new(resets),
            };
            let x = x.narrow(0, start, 4).unwrap();
            case.layer
                .run(&x, weights, &mut carried, &batch, Dropout::NONE)
                .unwrap()
        });
        let joined = Tensor::cat(&halves, 0).unwrap();
        assert!(difference(&whole, &joined) < 1e-6, "{cell}");
        for (a, b) in state.hidden.iter().zip(&carried.hidden) {
            assert!((a - b).abs() < 1e-6, "{cell}: {a}, {b}");
        }
    }
}

#[test]
fn after_a_reset_nothing_is_remembered() {
    for cell in Cell::ALL {
        let mut case = case(cell, 4, 2);
        let resets = [false, false, false, true, false, false, false, false];
        case.batch.resets = Arc::new(resets.to_vec());
        let (x, weights) = (case.x.as_tensor(), case.weights.as_tensor());
        let run = |state: &RecurrentState| {
            let mut state = state.clone();
            let output = case
                .layer
                .run(x, weights, &mut state, &case.batch, Dropout::NONE);
            output.unwrap().get(3).unwrap().to_vec2::<f32>().unwrap()
        };
        let (one, other) = (
            run(&case.state),
            run(&RecurrentState::new(case.layer.shape(), 2)),
        );
        assert_eq!(one[1], other[1], "{cell}: the row that was reset");
        assert_ne!(one[0], other[0], "{cell}: the row that was not");
    }
}
