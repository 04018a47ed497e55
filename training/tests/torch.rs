//! Trainer and player against PyTorch's figures for the same weights. `torch_reference.py` makes
//! the fixture.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::Device;
use harmonai_core::model::checkpoint::{Card, Checkpoint, Header, Precision};
use harmonai_core::model::config::{Cell, Config, first_lists};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Factor, Inputs, Targets};
use harmonai_core::play::sampler::log2_softmax;
use serde::Deserialize;
use training::data::batches::{Batch, Past};
use training::nn::model::{Mode, Model};

#[derive(Deserialize)]
struct Fixture {
    layers: usize,
    hidden: usize,
    embedding: usize,
    cells: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    cell: Cell,
    /// A symbol for each feature.
    inputs: Vec<Vec<u16>>,
    targets: Vec<Targets>,
    probabilities: BTreeMap<String, Probabilities>,
}

#[derive(Deserialize)]
struct Probabilities {
    /// Of each step's target.
    of_targets: Vec<f64>,
    /// Of every symbol at the last step.
    last_step: Vec<f64>,
}

/// The script's weights.
fn checkpoint(config: Config) -> Checkpoint {
    let specs = config.tensors();
    let tensors = specs.iter().enumerate().map(|(number, spec)| {
        let scale = if spec.name.starts_with("embed") || spec.name.starts_with("rnn") {
            0.5
        } else {
            1.0
        };
        let value = |i: usize| {
            let value = ((i * 7919 + number * 104_729) % 2003) as f64 / 2003.0 * 2.0 - 1.0;
            value as f32 * scale
        };
        (0..spec.len()).map(value).collect()
    });
    let tensors = tensors.collect();
    Checkpoint {
        header: Header {
            cadence: None,
            config,
            weights: Precision::F32,
            card: Card::default(),
        },
        tensors,
    }
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixtures/torch.json")).unwrap()
}

impl Fixture {
    fn cases(&self) -> impl Iterator<Item = (&Case, Checkpoint)> {
        assert_eq!(self.cells.len(), 3);
        self.cells.iter().map(|case| {
            let styles = vec!["a".to_owned(), "b".to_owned()];
            let config =
                Config::new(case.cell, self.layers, self.hidden, self.embedding, styles).unwrap();
            let config = config.with_factors(first_lists().1).unwrap();
            (case, checkpoint(config))
        })
    }
}

fn check(found: f64, expected: f64, cell: Cell, factor: Factor) {
    let off = (found - expected).abs();
    assert!(
        off <= 1e-5,
        "{cell}, {factor:?}: {found} and not {expected}"
    );
}

#[test]
fn the_player_has_torchs_probabilities() {
    for (case, checkpoint) in fixture().cases() {
        let network = Network::new(Checkpoint::read(&checkpoint.write()).unwrap());
        let mut state = network.state();
        for (step, (inputs, targets)) in case.inputs.iter().zip(&case.targets).enumerate() {
            let mut read = Inputs::default();
            let features = network.header().config.features().iter();
            for (feature, symbol) in features.zip(inputs) {
                read[*feature] = *symbol;
            }
            network.step(&mut state, &read);
            for &factor in network.header().config.factors() {
                let expected = &case.probabilities[factor.name()];
                let mut logs = vec![0.0; factor.symbols()];
                network.logits(&state, factor, targets, &mut logs);
                log2_softmax(&mut logs);
                let found = |symbol: usize| f64::from(logs[symbol]).exp2();
                let target = usize::from(targets[factor.index()]);
                check(found(target), expected.of_targets[step], case.cell, factor);
                if step + 1 == case.inputs.len() {
                    assert_eq!(expected.last_step.len(), factor.symbols());
                    for (symbol, expected) in expected.last_step.iter().enumerate() {
                        check(found(symbol), *expected, case.cell, factor);
                    }
                }
            }
        }
    }
}

#[test]
fn the_trainer_has_torchs_probabilities() {
    for (case, checkpoint) in fixture().cases() {
        let model = Model::from_checkpoint(&checkpoint, Device::Cpu).unwrap();
        let time = case.inputs.len();
        let batch = Batch {
            time,
            rows: 1,
            inputs: Arc::new(case.inputs.concat()),
            targets: Arc::new(case.targets.clone()),
            resets: Arc::new(vec![false; time]),
            past: Arc::new(Past::none(time)),
        };
        let (_, nll) = model
            .loss(&batch, &mut model.initial_states(1), Mode::Measure)
            .unwrap();
        for &factor in model.config().factors() {
            let expected = &case.probabilities[factor.name()].of_targets;
            for (nats, expected) in nll.plain[factor.index()].iter().zip(expected) {
                check(f64::from(-nats).exp(), *expected, case.cell, factor);
            }
        }
    }
}
