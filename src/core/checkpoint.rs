//! A trained network as bytes: a safetensors file with everything in it that is needed to play.
//!
//! The tensors are those of [`Config::tensors`]; the header (shape, vocabulary, card) is JSON
//! under the metadata key `harmonai`. Written by the trainer, read by trainer and plug-in; never on
//! the audio thread.

mod card;

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

pub use card::{Card, Header, name_of_file};

use crate::config::Config;
use crate::vocabulary;

const KEY: &str = "harmonai";

/// Why bytes are no checkpoint that can be played.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// No safetensors file, or one cut off.
    #[error("it is no safetensors file, or it was cut off ({0})")]
    Format(String),
    /// A safetensors file of something else.
    #[error(
        "it is a safetensors file, but not of a HarmonAI model (it has no \"harmonai\" header)"
    )]
    Foreign,
    /// A header that cannot be read.
    #[error("its header cannot be read ({0})")]
    Header(#[from] serde_json::Error),
    /// Another version's vocabulary.
    #[error(
        "it speaks vocabulary {found}, this version speaks {}; train it anew",
        vocabulary::VERSION
    )]
    Version {
        /// The file's vocabulary version.
        found: u64,
    },
    /// A tensor that should be there.
    #[error("tensor {0} is missing")]
    Missing(String),
    /// A tensor of another shape.
    #[error("tensor {name} has shape {found:?} instead of {expected:?}")]
    Shape {
        /// Which tensor.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// Its shape by the header.
        expected: Vec<usize>,
    },
    /// Values of another type than f32.
    #[error("tensor {0} does not hold 32-bit floats")]
    Type(String),
    /// Values that are no numbers.
    #[error("tensor {0} holds values that are not finite")]
    NotFinite(String),
}

/// A network at rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Everything but the weights.
    pub header: Header,
    /// Values in the order of [`Config::tensors`], row-major.
    pub tensors: Vec<Vec<f32>>,
}

impl Checkpoint {
    /// From the bytes of a file. Nothing is taken on trust: shapes, types and values are checked.
    pub fn read(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let format = |error| CheckpointError::Format(format!("{error}"));
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
        let json: serde_json::Value =
            serde_json::from_str(header.ok_or(CheckpointError::Foreign)?)?;
        let found = json
            .get("vocabulary")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        if found != u64::from(vocabulary::VERSION) {
            return Err(CheckpointError::Version { found });
        }
        let header: Header = serde_json::from_value(json)?;
        let file = SafeTensors::deserialize(bytes).map_err(format)?;
        let mut tensors = Vec::new();
        for spec in header.config.tensors() {
            let missing = |_| CheckpointError::Missing(spec.name.clone());
            let tensor = file.tensor(&spec.name).map_err(missing)?;
            if tensor.dtype() != Dtype::F32 {
                return Err(CheckpointError::Type(spec.name));
            }
            if tensor.shape() != spec.shape {
                let found = tensor.shape().to_vec();
                return Err(CheckpointError::Shape {
                    name: spec.name,
                    found,
                    expected: spec.shape,
                });
            }
            let values: Vec<f32> = tensor
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect();
            if values.iter().any(|value| !value.is_finite()) {
                return Err(CheckpointError::NotFinite(spec.name));
            }
            tensors.push(values);
        }
        Ok(Self { header, tensors })
    }

    /// The bytes of a file. The same checkpoint gives the same bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut json = serde_json::to_value(&self.header)
            .expect("PANIC: strings, numbers and lists always make JSON");
        json["vocabulary"] = vocabulary::VERSION.into();
        let specs = self.header.config.tensors();
        assert_eq!(
            specs.len(),
            self.tensors.len(),
            "a checkpoint has all its tensors"
        );
        let data: Vec<Vec<u8>> = self
            .tensors
            .iter()
            .map(|values| {
                values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect()
            })
            .collect();
        let views = specs.iter().zip(&data).map(|(spec, data)| {
            let view = TensorView::new(Dtype::F32, spec.shape.clone(), data)
                .expect("PANIC: every tensor has the length of its shape");
            (spec.name.as_str(), view)
        });
        let metadata = HashMap::from([(KEY.to_string(), json.to_string())]);
        safetensors::serialize(views, Some(metadata))
            .expect("PANIC: names are distinct and lengths are right")
    }

    /// Untrained weights that are a pure function of `seed`, for tests and first runs.
    pub fn noise(config: Config, seed: u64) -> Self {
        use rand_pcg::rand_core::Rng;
        let mut random = rand_pcg::Pcg32::new(seed, 0);
        let scale = 1.0 / (config.hidden() as f32).sqrt();
        let mut value = || (random.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
        let tensors = config
            .tensors()
            .iter()
            .map(|spec| (0..spec.len()).map(|_| value() * scale).collect())
            .collect();
        let card = Card {
            name: format!("untrained {}", config.cell()),
            seed,
            ..Card::default()
        };
        Self {
            header: Header {
                config,
                velocity: false,
                cadence: None,
                card,
            },
            tensors,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Cell;

    fn small() -> Checkpoint {
        Checkpoint::noise(
            Config::new(Cell::Gru, 2, 8, 4, vec!["folk".into()]).unwrap(),
            7,
        )
    }

    #[test]
    fn reads_what_it_wrote() {
        let checkpoint = small();
        let bytes = checkpoint.write();
        assert_eq!(Checkpoint::read(&bytes).unwrap(), checkpoint);
        assert_eq!(checkpoint.write(), bytes);
    }

    #[test]
    fn broken_files_say_what_is_wrong() {
        let check = |bytes: &[u8], expect: &str| {
            let message = Checkpoint::read(bytes).unwrap_err().to_string();
            assert!(message.contains(expect), "{message}");
        };
        let bytes = small().write();
        check(b"", "no safetensors");
        check(b"MThd and so on and so forth", "no safetensors");
        check(&bytes[..bytes.len() / 2], "cut off");
        check(&bytes[..100], "cut off");
        let foreign = safetensors::serialize(Vec::<(&str, TensorView)>::new(), None).unwrap();
        check(&foreign, "not of a HarmonAI model");
        let patch = |from: &str, to: &str| {
            let mut patched = bytes.clone();
            assert_eq!(from.len(), to.len());
            let at = patched
                .windows(from.len())
                .position(|w| w == from.as_bytes())
                .unwrap();
            patched[at..at + to.len()].copy_from_slice(to.as_bytes());
            patched
        };
        check(
            &patch("vocabulary\\\":2", "vocabulary\\\":9"),
            "vocabulary 9",
        );
        check(&patch("\\\"hidden\\\":8", "\\\"hidden\\\":9"), "has shape");
        check(
            &patch("rnn.bias_hh_l1", "rnn.bias_hh_lX"),
            "rnn.bias_hh_l1 is missing",
        );
        let mut poisoned = small();
        poisoned.tensors[0][0] = f32::NAN;
        check(&poisoned.write(), "not finite");
    }
}
