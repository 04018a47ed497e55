//! What the usual validators look for, in both formats: clap-validator and its fuzzer, pluginval,
//! Steinberg's validator.
//!
//! None of them is installed where these tests run. What other tests check already is not repeated
//! here: sessions in impossible hosts (`wild.rs`), odd states (`state.rs`), windows that
//! come and go while knobs turn (`window.rs`), nothing allocated while processing (all of them).

#[path = "../common/mod.rs"]
mod common;

mod buses;
mod clap;
mod knobs;
mod letter;
mod sound;
mod states;
mod units;
mod vst3;

use common::libraries;
use harmonai_tests::device::{Block, Device, PluginLibrary, Touch, Transport};
use harmonai_tests::wild::random::Random;
use harmonai_tests::{Class, host::Output};
use rand::RngExt;

/// The plug-in of both classes in both formats, each with a name for messages.
fn plugins(check: impl Fn(&dyn PluginLibrary, Class, &str)) {
    for library in libraries() {
        for class in [Class::Instrument, Class::Notes] {
            check(
                library.as_ref(),
                class,
                &format!("{class:?} {}", library.format()),
            );
        }
    }
}

/// Where all parameters stand.
fn positions(device: &mut dyn Device) -> Vec<f64> {
    let count = device.params().len();
    (0..count).map(|param| device.position(param)).collect()
}

/// A position for every parameter, anywhere. Those with steps are put onto one.
fn anywhere(device: &dyn Device, random: &mut Random) -> Vec<(usize, f64)> {
    let somewhere = |(param, it): (usize, &harmonai_tests::device::Param)| {
        let steps = it.steps.map(f64::from);
        let anywhere: f64 = random.random();
        let position = steps.map_or(anywhere, |n| (anywhere * n).round() / n);
        (param, position)
    };
    device.params().iter().enumerate().map(somewhere).collect()
}

/// Turns the parameters within a block of 512 samples, the transport standing.
fn process_turns(device: &mut dyn Device, turns: &[(usize, f64)]) -> anyhow::Result<Output> {
    let turn = |&(param, position)| (0, Touch::Turn { param, position });
    device.process(
        0,
        &Block {
            frames: 512,
            transport: Some(Transport::default()),
            touches: turns.iter().map(turn).collect(),
            room: None,
        },
    )
}
