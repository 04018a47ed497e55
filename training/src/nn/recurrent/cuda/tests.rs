//! The card's way of computing a layer against the processor's, and the card's kernels, built as C,
//! against the cells.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use candle_core::{Device, Tensor};

use super::super::tests::{Case, case, difference};
use super::*;
use crate::nn::dropout::Dropout;

fn loss(output: Tensor, case: &Case) -> candle_core::backprop::GradStore {
    let weighed = (&output * &case.weighing).unwrap();
    weighed.sum_all().unwrap().backward().unwrap()
}

#[test]
fn steps_come_to_what_the_processors_layer_does() {
    for cell in Cell::ALL {
        for (time, rows) in [(1, 1), (9, 5), (6, 21)] {
            let case = case(cell, time, rows);
            let (x, weights) = (case.x.as_tensor(), case.weights.as_tensor());
            let (mut one, mut other) = (case.state.clone(), case.state.clone());
            let cpu = case
                .layer
                .run(x, weights, &mut one, &case.batch, Dropout::NONE);
            let steps = run(case.layer.shape(), x, weights, &mut other, &case.batch);
            let (cpu, steps) = (cpu.unwrap(), steps.unwrap());
            let check = |what: &str, off: f32| {
                assert!(
                    off < 3e-6,
                    "{cell}, {time} x {rows}: {what} is off by {off}"
                );
            };
            check("output", difference(&cpu, &steps));
            for (what, a, b) in [
                ("hidden", &one.hidden, &other.hidden),
                ("cell", &one.cell, &other.cell),
            ] {
                assert_eq!(a.len(), b.len(), "{cell}: {what}");
                let off = a.iter().zip(b).map(|(a, b)| (a - b).abs());
                check(what, off.fold(0.0, f32::max));
            }
            let (cpu, steps) = (loss(cpu, &case), loss(steps, &case));
            for (what, var) in [("gradient of x", x), ("gradient of weights", weights)] {
                let (a, b) = (cpu.get(var).unwrap(), steps.get(var).unwrap());
                check(what, difference(a, b));
            }
        }
    }
}

/// The kernels as a program: it reads a kernel's number, sizes and arrays, runs the kernel at every
/// place, and writes the arena.
const PROGRAM: &str = r#"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
static unsigned PLACE;
#define KERNEL static
#include "cells.cu"
static float *floats(unsigned *count) {
    if (fread(count, sizeof *count, 1, stdin) != 1) exit(2);
    float *values = malloc(*count * sizeof *values + 1);
    if (fread(values, sizeof *values, *count, stdin) != *count) exit(3);
    return values;
}
int main(void) {
    unsigned kernel, count, rest;
    At at;
    if (fread(&kernel, sizeof kernel, 1, stdin) != 1) return 4;
    if (fread(&at, sizeof at, 1, stdin) != 1) return 5;
    float *arena = floats(&count), *a = floats(&rest), *b = floats(&rest);
    /* One place too many: a kernel's threads are more than there are places. */
    for (PLACE = 0; PLACE <= at.rows * at.hidden; PLACE++) switch (kernel) {
        case 0: lstm_forward(arena, a, at); break;
        case 1: gru_forward(arena, a, at); break;
        case 2: rnn_forward(arena, a, at); break;
        case 3: lstm_backward(arena, a, b, at); break;
        case 4: gru_backward(arena, a, b, at); break;
        case 5: rnn_backward(arena, a, b, at); break;
    }
    return fwrite(arena, sizeof *arena, count, stdout) != count;
}
"#;

fn build(folder: &Path) -> std::path::PathBuf {
    let (source, program) = (folder.join("kernels.c"), folder.join("kernels"));
    std::fs::write(&source, PROGRAM).unwrap();
    let kernels = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/nn/recurrent/cuda");
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-Wall", "-Werror", "-Wno-unused-function", "-I"])
        .arg(kernels);
    cc.arg("-o").args([&program, &source]).arg("-lm");
    assert!(cc.status().unwrap().success(), "the kernels are no C");
    program
}

fn run_kernel(program: &Path, kernel: u32, at: At, arrays: [&[f32]; 3]) -> Vec<f32> {
    let mut input = kernel.to_le_bytes().to_vec();
    let At {
        gates,
        before,
        kept,
        output,
        keep,
        bias,
        d_cell,
        d_past,
        carried,
        rows,
        hidden,
        step,
    } = at;
    for start in [
        gates, before, kept, output, keep, bias, d_cell, d_past, carried,
    ] {
        input.extend(start.to_ne_bytes());
    }
    // The last is padding: the structure's size is a multiple of eight.
    for size in [rows, hidden, step, 0] {
        input.extend(size.to_ne_bytes());
    }
    for array in arrays {
        input.extend((array.len() as u32).to_ne_bytes());
        input.extend(array.iter().flat_map(|value| value.to_ne_bytes()));
    }
    let mut command = Command::new(program);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let mut bytes = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    assert!(child.wait().unwrap().success());
    let (values, _) = bytes.as_chunks::<4>();
    values
        .iter()
        .map(|bytes| f32::from_ne_bytes(*bytes))
        .collect()
}

#[test]
fn the_cards_kernels_do_what_the_cells_do() {
    assert_eq!(size_of::<At>(), 88, "as the structure in C");
    let folder = tempfile::tempdir().unwrap();
    let program = build(folder.path());
    for (number, cell) in Cell::ALL.into_iter().enumerate() {
        let case = case(cell, 4, 5);
        let (shape, batch) = (case.layer.shape(), &case.batch);
        let noise = crate::random::Noise::new(5, number as u64);
        let size: usize = arena::sizes(shape, batch).iter().sum();
        for step in 0..batch.time {
            let at = At::new(shape, batch).step(step);
            let mut arena = noise.branch(step as u64).uniform(size, 0.9);
            // Flags are flags, also behind the last step.
            for keep in &mut arena[at.keep as usize..at.bias as usize] {
                *keep = f32::from(*keep > 0.0);
            }
            if cell != Cell::Gru {
                // Nothing passes the matrix by there.
                arena[at.carried as usize..].fill(0.0);
            }
            let product = noise.branch(90).uniform(batch.rows * shape.rows(), 1.0);
            let gradient = noise
                .branch(91)
                .uniform(batch.time * batch.rows * shape.hidden, 1.0);
            let sent = &product[..batch.rows * shape.hidden];
            let tensor =
                |values: &[f32]| Tensor::from_slice(values, values.len(), &Device::Cpu).unwrap();
            let check = |found: &[f32], expected: Tensor, what: &str| {
                let expected = expected.to_vec1::<f32>().unwrap();
                let off = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
                let off = off.fold(0.0, f32::max);
                assert!(off < 2e-6, "{cell}, {what}, step {step}: off by {off}");
                assert_ne!(found, arena, "{cell}: it did nothing");
            };
            let batch = || batch.clone();
            let forward = tensor(&arena);
            let act = Forward {
                shape,
                batch: batch(),
                at,
            };
            forward.inplace_op2(&tensor(&product), &act).unwrap();
            let found = run_kernel(&program, number as u32, at, [&arena, &product, &[]]);
            check(&found, forward, "forward");
            let backward = tensor(&arena);
            let act = Backward {
                shape,
                batch: batch(),
                at,
            };
            backward
                .inplace_op3(&tensor(&gradient), &tensor(sent), &act)
                .unwrap();
            let found = run_kernel(&program, number as u32 + 3, at, [&arena, &gradient, sent]);
            check(&found, backward, "backward");
        }
    }
}
