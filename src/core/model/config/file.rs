//! A network's shape as it stands in a checkpoint's header, with its lists spelt out: each feature
//! and each factor by its name and the size of its alphabet. Checked when read.
//!
//! Checkpoints from before there were lists are read too. They are of vocabulary 2 and mean the
//! first features and factors; where the music had no velocities, there is a factor that was never
//! learnt, and it is left out.

use serde::{Deserialize, Serialize};

use super::{Cell, Config, ConfigError};
use crate::model::features::Feature;
use crate::model::token::Factor;

/// What a network reads and predicts whose file has no lists.
pub fn first_lists() -> (Vec<Feature>, Vec<Factor>) {
    (Feature::ALL[..14].to_vec(), Factor::ALL[..4].to_vec())
}

#[derive(Clone, Serialize, Deserialize)]
pub struct File {
    cell: Cell,
    layers: usize,
    hidden: usize,
    embedding: usize,
    #[serde(default)]
    styles: Vec<String>,
    features: Option<Vec<Listed<Feature>>>,
    factors: Option<Vec<Listed<Factor>>>,
    #[serde(default, flatten, skip_serializing)]
    unlisted: Unlisted,
}

#[derive(Clone, Serialize, Deserialize)]
struct Listed<T> {
    name: T,
    symbols: usize,
}

/// What stood in the place of lists.
#[derive(Clone, Default, Deserialize)]
struct Unlisted {
    vocabulary: Option<u64>,
    #[serde(default)]
    velocity: bool,
    /// What a step is, where it is something else than a note.
    representation: Option<String>,
}

impl TryFrom<File> for Config {
    type Error = ConfigError;

    fn try_from(file: File) -> Result<Self, ConfigError> {
        let (cell, layers, hidden) = (file.cell, file.layers, file.hidden);
        let config = Self::new(cell, layers, hidden, file.embedding, file.styles)?;
        let (Some(features), Some(factors)) = (file.features, file.factors) else {
            return file.unlisted.complete(config);
        };
        let mut read = Vec::new();
        for Listed { name, symbols } in features {
            check(name.name(), symbols, config.symbols(name))?;
            read.push(name);
        }
        let mut predicted = Vec::new();
        for Listed { name, symbols } in factors {
            check(name.name(), symbols, name.symbols())?;
            predicted.push(name);
        }
        config.with_features(read)?.with_factors(predicted)
    }
}

fn check(name: &'static str, found: usize, expected: usize) -> Result<(), ConfigError> {
    match found == expected {
        true => Ok(()),
        false => Err(ConfigError::Alphabet {
            name,
            found,
            expected,
        }),
    }
}

impl Unlisted {
    fn complete(self, config: Config) -> Result<Config, ConfigError> {
        if let Some(other) = self.representation.filter(|name| name != "notes") {
            return Err(ConfigError::Representation(other));
        }
        match self.vocabulary {
            Some(2) => {}
            other => return Err(ConfigError::Vocabulary(other.unwrap_or_default())),
        }
        let (features, mut factors) = first_lists();
        factors.retain(|factor| *factor != Factor::Velocity || self.velocity);
        config.with_features(features)?.with_factors(factors)
    }
}

impl From<Config> for File {
    fn from(config: Config) -> Self {
        let features = config.features.iter().map(|feature| Listed {
            name: *feature,
            symbols: config.symbols(*feature),
        });
        let factors = config.factors.iter().map(|factor| Listed {
            name: *factor,
            symbols: factor.symbols(),
        });
        Self {
            features: Some(features.collect()),
            factors: Some(factors.collect()),
            cell: config.cell,
            layers: config.layers,
            hidden: config.hidden,
            embedding: config.embedding,
            styles: config.styles,
            unlisted: Unlisted::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &str) -> Result<Config, String> {
        let json =
            format!(r#"{{"cell":"rnn","layers":1,"hidden":8,"embedding":4,"styles":["a"]{more}}}"#);
        serde_json::from_str(&json).map_err(|error| error.to_string())
    }

    fn lists(features: &str, factors: &str) -> Result<Config, String> {
        read(&format!(
            r#","features":[{features}],"factors":[{factors}]"#
        ))
    }

    const PITCH: &str = r#"{"name":"pitch","symbols":130}"#;
    const MELODY: &str =
        r#"{"name":"pitch","symbols":129},{"name":"onset_interval","symbols":224}"#;

    #[test]
    fn a_file_without_lists_means_those_of_vocabulary_2() {
        let config = read(r#","vocabulary":2,"velocity":true"#).unwrap();
        let names: Vec<_> = config.tensors().into_iter().map(|spec| spec.name).collect();
        let read = [
            "pitch",
            "onset_interval",
            "duration",
            "velocity",
            "position",
            "bar",
            "metre",
            "style",
            "leap",
            "recalled_pitch",
            "recalled_leap",
            "recalled_interval",
            "clarity",
            "remaining",
        ];
        for (tensor, feature) in names.iter().zip(read) {
            assert_eq!(*tensor, format!("embed.{feature}.weight"));
        }
        assert_eq!(names.last().unwrap(), "memory.velocity.trust.bias");
        assert_eq!(names.len(), 14 + 4 + 4 * 7 + 6);
        let silent = [r#","vocabulary":2"#, r#","vocabulary":2,"velocity":false"#];
        for config in silent.map(|more| super::tests::read(more).unwrap()) {
            let predicted = [Factor::Pitch, Factor::Interval, Factor::Duration];
            assert_eq!(
                config.factors(),
                predicted,
                "what was never learnt is left out"
            );
            assert_eq!(config.features(), first_lists().0);
        }
    }

    #[test]
    fn lists_are_kept_in_their_order() {
        let features = r#"{"name":"style","symbols":2},{"name":"pitch","symbols":130}"#;
        let factors = r#"{"name":"onset_interval","symbols":224},{"name":"pitch","symbols":129}"#;
        let config = lists(features, factors).unwrap();
        assert_eq!(config.features(), [Feature::Style, Feature::Pitch]);
        assert_eq!(config.factors(), [Factor::Interval, Factor::Pitch]);
        let names: Vec<_> = config.tensors().into_iter().map(|spec| spec.name).collect();
        assert_eq!(names[..2], ["embed.style.weight", "embed.pitch.weight"]);
        assert!(names.contains(&"given.pitch.onset_interval.weight".to_owned()));
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&json).unwrap(), config);
        assert!(json.contains(features), "{json}");
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let check = |found: Result<Config, String>, expect: &str| {
            let error = found.unwrap_err();
            assert!(error.contains(expect), "{error}");
        };
        let named =
            |name: &str, symbols: usize| format!(r#"{{"name":"{name}","symbols":{symbols}}}"#);
        check(
            lists(&named("foo", 3), MELODY),
            r#"a feature named "foo" that this version does not know"#,
        );
        check(
            lists(PITCH, &format!("{MELODY},{}", named("bar", 3))),
            r#"a factor named "bar" that this version does not know"#,
        );
        check(
            lists(&named("metre", 17), MELODY),
            r#"its "metre" has 17 symbols, that of this version has 18"#,
        );
        check(
            lists(&named("style", 9), MELODY),
            r#"its "style" has 9 symbols"#,
        );
        check(
            lists(PITCH, &format!("{MELODY},{}", named("velocity", 17))),
            r#"its "velocity" has 17 symbols"#,
        );
        check(
            lists(&format!("{PITCH},{PITCH}"), MELODY),
            r#""pitch" twice"#,
        );
        check(lists("", MELODY), "reads nothing");
        check(
            lists(PITCH, &named("pitch", 129)),
            r#"does not predict "onset_interval""#,
        );
        check(
            lists(PITCH, &named("onset_interval", 224)),
            r#"does not predict "pitch""#,
        );
        check(read(""), "vocabulary 0");
        check(read(r#","vocabulary":1"#), "vocabulary 1");
        check(
            read(r#","vocabulary":2,"representation":"grid""#),
            "\"grid\"",
        );
    }
}
