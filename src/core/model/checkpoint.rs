//! A trained network as bytes: a safetensors file with everything in it that is needed to play.
//!
//! The tensors are those of [`Config::tensors`], some of them in bytes where the header says so;
//! the header (shape, lists of features and factors, card) is JSON under the metadata key
//! `harmonai`. Written by the trainer, read by trainer and plug-in; never on the audio thread.

mod bytes;
mod card;

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

pub use card::{Card, Header, Precision, name_of_file};

use crate::model::config::{Config, ConfigError};
use crate::model::kernel;
use crate::model::token::Factor;

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
    /// A header that cannot be read, or of a network that this version does not know how to play.
    #[error("its header describes no network that plays here ({0})")]
    Header(#[from] serde_json::Error),
    /// A tensor that should be there.
    #[error("tensor {0} is missing")]
    Missing(String),
    /// A tensor of another shape.
    #[error("tensor {name} has shape {found:?} instead of {expected:?}")]
    Shape {
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// Its shape by the header.
        expected: Vec<usize>,
    },
    /// Values of another type.
    #[error("tensor {0} does not hold values of type {1}")]
    Type(String, Dtype),
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
        let header: Header = serde_json::from_value(json)?;
        let file = SafeTensors::deserialize(bytes).map_err(format)?;
        let tensors = header.config.tensors().into_iter().map(|spec| {
            let values = match header.weights {
                Precision::Int8 if spec.multiplied => bytes::read(&file, &spec)?,
                _ => floats(&tensor(&file, &spec.name, &spec.shape, Dtype::F32)?),
            };
            if values.iter().any(|value| !value.is_finite()) {
                return Err(CheckpointError::NotFinite(spec.name));
            }
            Ok(values)
        });
        let tensors = tensors.collect::<Result<_, _>>()?;
        Ok(Self { header, tensors })
    }

    /// The same with its large matrices in bytes: a quarter of the size, and of the time at play.
    pub fn quantized(mut self) -> Self {
        self.header.weights = Precision::Int8;
        for (spec, values) in self.header.config.tensors().iter().zip(&mut self.tensors) {
            if spec.multiplied {
                kernel::quantize(values, spec.shape[1]);
            }
        }
        self
    }

    /// The same with nothing of `factor`, which is not to be predicted.
    pub fn without(mut self, factor: Factor) -> Result<Self, ConfigError> {
        let whole = self.header.config;
        let factors = whole.factors().iter().copied();
        let kept = factors.filter(|listed| *listed != factor).collect();
        self.header.config = whole.clone().with_factors(kept)?;
        let names = whole.tensors().into_iter().map(|spec| spec.name);
        let mut tensors: HashMap<String, Vec<f32>> = names.zip(self.tensors).collect();
        let specs = self.header.config.tensors().into_iter();
        self.tensors = specs
            .filter_map(|spec| tensors.remove(&spec.name))
            .collect();
        Ok(self)
    }

    /// The bytes of a file. The same checkpoint gives the same bytes.
    pub fn write(&self) -> Vec<u8> {
        let json = serde_json::to_value(&self.header)
            .expect("PANIC: strings, numbers and lists always make JSON");
        let specs = self.header.config.tensors();
        assert_eq!(
            specs.len(),
            self.tensors.len(),
            "a checkpoint has all its tensors"
        );
        let data = specs.into_iter().zip(&self.tensors);
        let data: Vec<Stored> = data
            .flat_map(|(spec, values)| match self.header.weights {
                Precision::Int8 if spec.multiplied => bytes::write(spec, values),
                _ => vec![Stored::floats(spec.name, spec.shape, values)],
            })
            .collect();
        let views = data.iter().map(|stored| {
            let view = TensorView::new(stored.dtype, stored.shape.clone(), &stored.data)
                .expect("PANIC: every tensor has the length of its shape");
            (stored.name.as_str(), view)
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
                cadence: None,
                weights: Precision::F32,
                card,
            },
            tensors,
        }
    }
}

/// A tensor as it stands in a file.
struct Stored {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    data: Vec<u8>,
}

impl Stored {
    fn floats(name: String, shape: Vec<usize>, values: &[f32]) -> Self {
        let data = values.iter().flat_map(|value| value.to_le_bytes());
        Self {
            name,
            dtype: Dtype::F32,
            shape,
            data: data.collect(),
        }
    }
}

/// The tensor of this name, if it is what it should be.
fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    shape: &[usize],
    dtype: Dtype,
) -> Result<TensorView<'a>, CheckpointError> {
    let missing = |_| CheckpointError::Missing(name.to_owned());
    let tensor = file.tensor(name).map_err(missing)?;
    if tensor.dtype() != dtype {
        return Err(CheckpointError::Type(name.to_owned(), dtype));
    }
    if tensor.shape() != shape {
        return Err(CheckpointError::Shape {
            name: name.to_owned(),
            found: tensor.shape().to_vec(),
            expected: shape.to_vec(),
        });
    }
    Ok(tensor)
}

fn floats(tensor: &TensorView) -> Vec<f32> {
    let (values, _) = tensor.data().as_chunks::<4>();
    values
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::Cell;

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
    fn reads_the_bytes_that_it_wrote() {
        let whole = small().write();
        let checkpoint = small().quantized();
        let bytes = checkpoint.write();
        assert!(bytes.len() < whole.len());
        assert_eq!(Checkpoint::read(&bytes).unwrap(), checkpoint);
        assert_eq!(checkpoint.clone().quantized(), checkpoint);
        let check = |from: &str, to: &str, expect: &str| {
            let at = bytes.windows(from.len()).position(|w| w == from.as_bytes());
            let mut patched = bytes.clone();
            patched[at.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
            let message = Checkpoint::read(&patched).unwrap_err().to_string();
            assert!(message.contains(expect), "{message}");
        };
        check(
            "weight_hh_l1.scale",
            "weight_hh_l1.scalX",
            "weight_hh_l1.scale is missing",
        );
        check("\"I8\"", "\"U8\"", "does not hold values of type I8");
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
        let unknown = patch("{\\\"name\\\":\\\"clarity", "{\\\"name\\\":\\\"charity");
        check(&unknown, "a feature named \"charity\"");
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
