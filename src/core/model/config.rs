//! The shape of a network: its cells, what it reads and predicts, and the one list of its tensors.
//!
//! Read by the player ([`crate::model::network`]) and by the trainer alike, so that the two cannot
//! differ.

mod file;

pub use file::first_lists;

use serde::{Deserialize, Serialize};

use crate::model::features::Feature;
use crate::model::memory;
use crate::model::token::Factor;

/// The recurrent cell, with the semantics of `torch.nn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// Long short-term memory: gates input, forget, cell, output.
    Lstm,
    /// Gated recurrent unit: gates reset, update, new (the reset gate acts after the matrix).
    Gru,
    /// Plain (Elman) network with tanh.
    Rnn,
}

impl Cell {
    pub const ALL: [Self; 3] = [Self::Lstm, Self::Gru, Self::Rnn];

    /// Rows of the weight matrices, in multiples of the hidden size.
    pub const fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
            Self::Rnn => 1,
        }
    }

    /// Its name on the command line and in a checkpoint.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lstm => "lstm",
            Self::Gru => "gru",
            Self::Rnn => "rnn",
        }
    }
}

impl std::str::FromStr for Cell {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|cell| cell.name() == text);
        found.ok_or_else(|| format!("{text} is no cell; it is one of lstm, gru, rnn"))
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Why numbers and lists make no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} layers: a network has 1 to 16")]
    Layers(usize),
    #[error("hidden size {0}: it may be 1 to 4096")]
    Hidden(usize),
    #[error("embedding size {0}: it may be 1 to 4096")]
    Embedding(usize),
    #[error("{0} styles: at most 1000 can be told apart")]
    Styles(usize),
    #[error("it reads nothing")]
    NoFeatures,
    #[error("it lists \"{0}\" twice")]
    Twice(&'static str),
    #[error("it does not predict \"{0}\", without which there is no melody")]
    Missing(&'static str),
    #[error("its \"{name}\" has {found} symbols, that of this version has {expected}")]
    Alphabet {
        name: &'static str,
        found: usize,
        expected: usize,
    },
    #[error("it is of vocabulary {0}, from before models listed what they read: train it again")]
    Vocabulary(u64),
    #[error("a step of it is a \"{0}\", but this version reads notes: train it again")]
    Representation(String),
}

/// The shape of a network. Always valid: made by [`Config::new`] or checked when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "file::File", into = "file::File")]
pub struct Config {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    styles: Vec<String>,
    features: Vec<Feature>,
    factors: Vec<Factor>,
}

/// Name and shape of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// As in the checkpoint file.
    pub name: String,
    /// Row-major.
    pub shape: Vec<usize>,
    /// Whether whole vectors are multiplied with it: nearly all of a network is in those matrices,
    /// and they are what may be kept in bytes.
    pub multiplied: bool,
}

impl TensorSpec {
    /// Number of its values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no values (it always has some).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Config {
    /// A network of `layers` × `hidden` cells that reads embeddings of size `embedding` and can
    /// tell `styles` apart (besides "any"). It reads the features of the first checkpoints and
    /// predicts what every melody has: pitch, onset interval and duration.
    pub fn new(
        cell: Cell,
        layers: usize,
        hidden: usize,
        embedding: usize,
        styles: Vec<String>,
    ) -> Result<Self, ConfigError> {
        if !(1..=16).contains(&layers) {
            return Err(ConfigError::Layers(layers));
        }
        if !(1..=4096).contains(&hidden) {
            return Err(ConfigError::Hidden(hidden));
        }
        if !(1..=4096).contains(&embedding) {
            return Err(ConfigError::Embedding(embedding));
        }
        let config = Self {
            cell,
            layers,
            hidden,
            embedding,
            styles: Vec::new(),
            features: first_lists().0,
            factors: vec![Factor::Pitch, Factor::Interval, Factor::Duration],
        };
        config.with_styles(styles)
    }

    /// The same, telling other styles apart.
    pub fn with_styles(self, styles: Vec<String>) -> Result<Self, ConfigError> {
        if styles.len() > 1000 {
            return Err(ConfigError::Styles(styles.len()));
        }
        Ok(Self { styles, ..self })
    }

    /// The same, reading these; their embeddings are added up in this order.
    pub fn with_features(self, features: Vec<Feature>) -> Result<Self, ConfigError> {
        if features.is_empty() {
            return Err(ConfigError::NoFeatures);
        }
        if let Some(feature) = twice(&features) {
            return Err(ConfigError::Twice(feature.name()));
        }
        Ok(Self { features, ..self })
    }

    /// The same, predicting these in this order, each given those before it.
    pub fn with_factors(self, factors: Vec<Factor>) -> Result<Self, ConfigError> {
        if let Some(factor) = twice(&factors) {
            return Err(ConfigError::Twice(factor.name()));
        }
        for needed in [Factor::Pitch, Factor::Interval] {
            if !factors.contains(&needed) {
                return Err(ConfigError::Missing(needed.name()));
            }
        }
        Ok(Self { factors, ..self })
    }

    pub fn cell(&self) -> Cell {
        self.cell
    }

    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Units in a layer.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Size of an embedding: the width of the first layer's input.
    pub fn embedding(&self) -> usize {
        self.embedding
    }

    /// Names of the styles it was trained on, in the order of their indices less one.
    pub fn styles(&self) -> &[String] {
        &self.styles
    }

    /// What it reads, in the order of summation.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Size of a feature's alphabet.
    pub fn symbols(&self, feature: Feature) -> usize {
        feature.symbols(self.styles.len())
    }

    /// What it predicts, in the order of prediction.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    pub fn predicts(&self, factor: Factor) -> bool {
        self.factors.contains(&factor)
    }

    /// The factors that are predicted before this one, and given to it; all of them for one that is
    /// not predicted.
    pub fn earlier(&self, factor: Factor) -> &[Factor] {
        self.factors
            .split(|listed| *listed == factor)
            .next()
            .unwrap_or_default()
    }

    /// Width of what layer `k` reads.
    pub fn input_size(&self, layer: usize) -> usize {
        if layer == 0 {
            self.embedding
        } else {
            self.hidden
        }
    }

    /// Every tensor of the network, in the order in which a checkpoint keeps them. Names and shapes
    /// of the recurrent layers are those of `torch.nn.LSTM`, `GRU` and `RNN`, of the heads those
    /// of `torch.nn.Linear`, of the rest those of `torch.nn.Embedding`.
    pub fn tensors(&self) -> Vec<TensorSpec> {
        let mut specs = Vec::new();
        let mut add = |name: String, shape: &[usize]| {
            let matrix = name.starts_with("rnn.weight") || name.starts_with("head.");
            specs.push(TensorSpec {
                name,
                shape: shape.to_vec(),
                multiplied: matrix && shape.len() == 2,
            });
        };
        for feature in &self.features {
            let shape = [self.symbols(*feature), self.embedding];
            add(format!("embed.{}.weight", feature.name()), &shape);
        }
        let rows = self.cell.gates() * self.hidden;
        for layer in 0..self.layers {
            add(
                format!("rnn.weight_ih_l{layer}"),
                &[rows, self.input_size(layer)],
            );
            add(format!("rnn.weight_hh_l{layer}"), &[rows, self.hidden]);
            add(format!("rnn.bias_ih_l{layer}"), &[rows]);
            add(format!("rnn.bias_hh_l{layer}"), &[rows]);
        }
        for factor in self.factors.iter().copied() {
            add(
                format!("head.{}.weight", factor.name()),
                &[factor.symbols(), self.hidden],
            );
            add(format!("head.{}.bias", factor.name()), &[factor.symbols()]);
            for earlier in self.earlier(factor) {
                let name = format!("given.{}.{}.weight", factor.name(), earlier.name());
                add(name, &[earlier.symbols(), factor.symbols()]);
            }
            for (table, rows) in memory::TABLES {
                add(format!("memory.{}.{table}.weight", factor.name()), &[rows]);
            }
            let trust = format!("memory.{}.trust", factor.name());
            add(format!("{trust}.weight"), &[1, self.hidden]);
            add(format!("{trust}.bias"), &[1]);
        }
        specs
    }

    /// Number of trained values.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(TensorSpec::len).sum()
    }
}

/// One that is listed more than once.
fn twice<T: Copy + PartialEq>(list: &[T]) -> Option<T> {
    let mut places = list.iter().enumerate();
    let found = places.find(|(place, listed)| list[..*place].contains(listed));
    found.map(|(_, listed)| *listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_sizes_are_refused_also_when_read() {
        assert_eq!(
            Config::new(Cell::Lstm, 0, 8, 8, vec![]),
            Err(ConfigError::Layers(0))
        );
        assert_eq!(
            Config::new(Cell::Gru, 1, 9999, 8, vec![]),
            Err(ConfigError::Hidden(9999))
        );
        let json = r#"{"cell":"rnn","layers":1,"hidden":8,"embedding":0}"#;
        let error = serde_json::from_str::<Config>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains("embedding size 0"), "{error}");
    }

    #[test]
    fn tensors_have_torchs_names_and_shapes() {
        let config = Config::new(Cell::Gru, 2, 16, 8, vec!["folk".into()]).unwrap();
        let shape = |name: &str| {
            config
                .tensors()
                .into_iter()
                .find(|spec| spec.name == name)
                .map(|spec| spec.shape)
        };
        assert_eq!(shape("rnn.weight_ih_l0"), Some(vec![48, 8]));
        assert_eq!(shape("rnn.weight_ih_l1"), Some(vec![48, 16]));
        assert_eq!(shape("rnn.bias_hh_l1"), Some(vec![48]));
        assert_eq!(shape("head.pitch.weight"), Some(vec![129, 16]));
        assert_eq!(
            shape("given.duration.onset_interval.weight"),
            Some(vec![224, 224])
        );
        assert_eq!(shape("embed.style.weight"), Some(vec![2, 8]));
    }
}
