//! A model that a run begins from, instead of from nothing: it goes on learning, from other music.
//!
//! Its network keeps its shape; only styles are added, which begin as what it plays where it is
//! told none. Made by the `train` command, used by the trainer, kept in the run folder.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use harmonai_core::model::checkpoint::{Checkpoint, Header, Precision};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::vocabulary::{Feature, Style};

use crate::evaluate::figures::Figures;

/// The styles of `known`, and after them those of `more` that are new.
pub fn styles(known: &[String], more: &[String]) -> Vec<String> {
    let new = more.iter().filter(|style| !known.contains(style));
    known.iter().chain(new).cloned().collect()
}

/// The model as a network of shape `target`, which has its styles, features and factors and perhaps
/// more. A new style begins as none; new features and factors begin at zero, and so change nothing
/// yet.
pub fn grown(base: &Checkpoint, target: &Config) -> Result<Checkpoint> {
    let old = &base.header.config;
    let listed = |feature| target.features().contains(feature);
    ensure!(
        target.styles().starts_with(old.styles())
            && old.features().iter().all(listed)
            && old.factors().iter().all(|factor| target.predicts(*factor))
            && sizes(old) == sizes(target),
        "the model is of another shape than the run"
    );
    let names = old.tensors().into_iter().map(|spec| spec.name);
    let mut known: HashMap<String, &Vec<f32>> = names.zip(&base.tensors).collect();
    let styles = format!("embed.{}.weight", Feature::Style.name());
    let tensors = target.tensors().into_iter().map(|spec| {
        let Some(values) = known.remove(&spec.name) else {
            return vec![0.0; spec.len()];
        };
        let mut values = values.clone();
        if spec.name == styles {
            let any = usize::from(Style::ANY.symbol()) * target.embedding();
            let any = values[any..any + target.embedding()].to_vec();
            while values.len() < spec.len() {
                values.extend_from_slice(&any);
            }
        }
        values
    });
    Ok(Checkpoint {
        tensors: tensors.collect(),
        header: Header {
            config: target.clone(),
            // What is learnt on top is finer than bytes.
            weights: Precision::F32,
            ..base.header.clone()
        },
    })
}

fn sizes(config: &Config) -> (Cell, [usize; 3]) {
    let sizes = [config.layers(), config.hidden(), config.embedding()];
    (config.cell(), sizes)
}

/// What to say of a run whose best epoch is no better than the model that it began from.
pub fn no_gain(before: &Figures, best: &Figures) -> Option<String> {
    (best.sum() >= before.sum()).then(|| {
        format!(
            "it predicts the tunes that it did not learn from no better than before ({:.3} bits a \
             note, then {:.3}): the model knew such music, or there is too little of it",
            before.sum(),
            best.sum()
        )
    })
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::checkpoint::Card;
    use harmonai_core::model::vocabulary::Factor;

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
        let target = old.clone().with_styles(more).unwrap();
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

    #[test]
    fn new_features_and_factors_begin_at_zero() {
        let base = base();
        let old = base.header.config.clone();
        let more = old.clone().with_factors(Factor::ALL.to_vec()).unwrap();
        let grown = grown(&base, &more).unwrap();
        let specs = more.tensors();
        let mut new = 0;
        for (spec, values) in specs.iter().zip(&grown.tensors) {
            if spec.name.contains(".velocity.") && !spec.name.starts_with("embed.") {
                assert!(values.iter().all(|value| *value == 0.0), "{}", spec.name);
                new += 1;
            }
        }
        assert_eq!(new, 2 + 3 + 5);
        assert_eq!(
            grown.without(Factor::Velocity).unwrap().tensors,
            base.tensors
        );
        let fewer = old.with_features(vec![Feature::Pitch]).unwrap();
        assert!(super::grown(&base, &fewer).is_err());
    }
}
