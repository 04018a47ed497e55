//! The shape of a network: what it is built of, and the one list of its tensors.
//!
//! Read by the player ([`crate::model::network`]) and by the trainer alike, so that the two cannot differ.

use serde::{Deserialize, Serialize};

use crate::model::memory;
use crate::model::vocabulary::Representation;

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
    /// All cells.
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

/// Why numbers make no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Layers outside 1 to 16.
    #[error("{0} layers: a network has 1 to 16")]
    Layers(usize),
    /// Hidden size outside 1 to 4096.
    #[error("hidden size {0}: it may be 1 to 4096")]
    Hidden(usize),
    /// Embedding size outside 1 to 4096.
    #[error("embedding size {0}: it may be 1 to 4096")]
    Embedding(usize),
    /// More styles than an index holds.
    #[error("{0} styles: at most 1000 can be told apart")]
    Styles(usize),
}

/// The shape of a network. Always valid: made by [`Config::new`] or checked when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Plain", into = "Plain")]
pub struct Config {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    styles: Vec<String>,
    representation: Representation,
}

/// [`Config`] before it is checked, as it stands in a checkpoint's header.
#[derive(Clone, Serialize, Deserialize)]
struct Plain {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    #[serde(default)]
    styles: Vec<String>,
    /// Left out where it is ours, as in the files from before there was another.
    #[serde(default, skip_serializing_if = "is_default")]
    representation: Representation,
}

fn is_default(representation: &Representation) -> bool {
    *representation == Representation::default()
}

impl TryFrom<Plain> for Config {
    type Error = ConfigError;
    fn try_from(plain: Plain) -> Result<Self, ConfigError> {
        let config = Self::new(
            plain.cell,
            plain.layers,
            plain.hidden,
            plain.embedding,
            plain.styles,
        )?;
        Ok(config.speaking(plain.representation))
    }
}

impl From<Config> for Plain {
    fn from(config: Config) -> Self {
        let Config {
            cell,
            layers,
            hidden,
            embedding,
            styles,
            representation,
        } = config;
        Self {
            cell,
            layers,
            hidden,
            embedding,
            styles,
            representation,
        }
    }
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
    /// tell `styles` apart (besides "any").
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
        if styles.len() > 1000 {
            return Err(ConfigError::Styles(styles.len()));
        }
        Ok(Self {
            cell,
            layers,
            hidden,
            embedding,
            styles,
            representation: Representation::Notes,
        })
    }

    /// The same in another representation. The grid tells no styles apart.
    pub fn speaking(mut self, representation: Representation) -> Self {
        if representation == Representation::Grid {
            self.styles.clear();
        }
        self.representation = representation;
        self
    }

    /// What a step of it stands for.
    pub fn representation(&self) -> Representation {
        self.representation
    }

    /// Which cell.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// How many layers.
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
        for feature in self.representation.features() {
            let shape = [feature.symbols(self.styles.len()), self.embedding];
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
        for factor in self.representation.factors() {
            add(
                format!("head.{}.weight", factor.name()),
                &[factor.symbols(), self.hidden],
            );
            add(format!("head.{}.bias", factor.name()), &[factor.symbols()]);
            for earlier in factor.earlier() {
                let name = format!("given.{}.{}.weight", factor.name(), earlier.name());
                add(name, &[earlier.symbols(), factor.symbols()]);
            }
            if !self.representation.remembers() {
                continue;
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

    #[test]
    fn the_grids_network_has_one_embedding_one_head_and_no_memory() {
        let config = Config::new(Cell::Lstm, 1, 256, 128, vec!["folk".into()]).unwrap();
        let config = config.speaking(Representation::Grid);
        let names: Vec<_> = config.tensors().into_iter().map(|spec| spec.name).collect();
        let rnn = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
        let mut expected = vec!["embed.grid.weight".to_owned()];
        expected.extend(rnn.map(|name| format!("rnn.{name}_l0")));
        expected.extend(["head.grid.weight".to_owned(), "head.grid.bias".to_owned()]);
        assert_eq!(names, expected);
        let cells = 4 * 256 * (128 + 256 + 2);
        assert_eq!(config.parameters(), 131 * 128 + cells + 131 * (256 + 1));
        assert!(config.styles().is_empty());
        let json = serde_json::to_string(&config).unwrap();
        assert!(json.contains(r#""representation":"grid""#), "{json}");
        assert_eq!(serde_json::from_str::<Config>(&json).unwrap(), config);
    }

    #[test]
    fn where_no_representation_is_named_it_is_that_of_notes() {
        let json = r#"{"cell":"rnn","layers":1,"hidden":8,"embedding":4,"styles":[]}"#;
        let config = serde_json::from_str::<Config>(json).unwrap();
        assert_eq!(config.representation(), Representation::Notes);
        assert_eq!(serde_json::to_string(&config).unwrap(), json);
        let names: Vec<_> = config.tensors().into_iter().map(|spec| spec.name).collect();
        let (first, last) = (names.first().unwrap(), names.last().unwrap());
        assert_eq!(first, "embed.pitch.weight");
        assert_eq!(last, "memory.velocity.trust.bias");
        assert_eq!(names.len(), 14 + 4 + 4 * 7 + 6);
    }
}
