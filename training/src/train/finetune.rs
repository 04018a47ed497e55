//! A model that a run begins from, in place of from nothing: it goes on learning, on other music.
//!
//! Its network keeps its shape; only styles are added, which begin as what it plays where it is
//! told none. Made by the `train` command, used by the trainer, kept in the run folder.

use anyhow::{Result, ensure};
use harmonai_core::model::checkpoint::{Checkpoint, Precision};
use harmonai_core::model::config::{Config, ConfigError};
use harmonai_core::model::vocabulary::{Feature, Representation, Style};

/// The styles of `known`, and after them those of `more` that are new.
pub fn styles(known: &[String], more: &[String]) -> Vec<String> {
    let new = more.iter().filter(|style| !known.contains(style));
    known.iter().chain(new).cloned().collect()
}

/// A network of the same shape that can tell `styles` apart.
pub fn config(base: &Config, styles: Vec<String>) -> Result<Config, ConfigError> {
    let config = Config::new(
        base.cell(),
        base.layers(),
        base.hidden(),
        base.embedding(),
        styles,
    )?;
    Ok(config.speaking(base.representation()))
}

/// The model as a network of shape `target`, which has its styles and more.
pub fn grown(base: &Checkpoint, target: &Config) -> Result<Checkpoint> {
    let (old, width) = (&base.header.config, target.embedding());
    ensure!(
        target.styles().starts_with(old.styles())
            && config(old, target.styles().to_vec())? == *target,
        "the model is of another shape than the run"
    );
    ensure!(
        old.representation() == Representation::Notes,
        "the model was trained with --preset classic: it cannot be gone on from"
    );
    let mut grown = base.clone();
    grown.header.config = target.clone();
    // What is learnt on top is finer than bytes.
    grown.header.weights = Precision::F32;
    let styles = format!("embed.{}.weight", Feature::Style.name());
    for (spec, values) in target.tensors().iter().zip(&mut grown.tensors) {
        if spec.name == styles {
            let any = usize::from(Style::ANY.symbol()) * width;
            let any = values[any..any + width].to_vec();
            while values.len() < spec.len() {
                values.extend_from_slice(&any);
            }
        }
    }
    Ok(grown)
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::checkpoint::{Card, Header};
    use harmonai_core::model::config::Cell;

    use super::*;

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn base() -> Checkpoint {
        let config = Config::new(Cell::Gru, 1, 6, 4, named(&["a", "b"])).unwrap();
        let tensors = config.tensors().into_iter();
        let tensors = tensors.map(|spec| (0..spec.len()).map(|i| i as f32).collect());
        Checkpoint {
            tensors: tensors.collect(),
            header: Header {
                config,
                velocity: false,
                cadence: None,
                weights: Precision::Int8,
                card: Card::default(),
            },
        }
    }

    #[test]
    fn new_styles_begin_as_none_and_all_else_stays() {
        let base = base();
        let old = &base.header.config;
        let more = styles(old.styles(), &named(&["b", "c", "d"]));
        assert_eq!(more, named(&["a", "b", "c", "d"]));
        let target = config(old, more).unwrap();
        let grown = grown(&base, &target).unwrap();
        assert_eq!(grown.header.weights, Precision::F32, "it is learnt on");
        let specs = target.tensors();
        for ((spec, old), new) in specs.iter().zip(&base.tensors).zip(&grown.tensors) {
            match spec.name.as_str() {
                "embed.style.weight" => {
                    assert_eq!(new[..12], old[..]);
                    assert_eq!((&new[12..16], &new[16..]), (&old[..4], &old[..4]));
                }
                _ => assert_eq!(new, old, "{}", spec.name),
            }
        }
    }

    #[test]
    fn a_model_of_another_shape_is_refused() {
        let base = base();
        for target in [
            Config::new(Cell::Gru, 1, 7, 4, named(&["a", "b"])).unwrap(),
            Config::new(Cell::Gru, 1, 6, 4, named(&["b", "a"])).unwrap(),
        ] {
            assert!(grown(&base, &target).is_err());
        }
    }
}
