//! What a model says of itself: its shape, where it comes from, what its styles are called.
//!
//! Part of every [`super::Checkpoint`]; written by the trainer, shown by trainer and plug-in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::cadence::Cadence;
use crate::model::config::Config;
use crate::model::vocabulary::Style;

/// Where a model comes from and what it can do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// What it is called in lists.
    pub name: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// The music that it learnt from, a line a source.
    pub data: Vec<String>,
    /// What may be done with it.
    pub licence: String,
    /// The command that made it.
    pub command: String,
    /// The seed of all its randomness.
    pub seed: u64,
    /// Times it has gone through the data.
    pub epochs: u32,
    /// Notes in the training data.
    pub notes: u64,
    /// Figures by name, such as bits per note on the validation split.
    pub metrics: BTreeMap<String, f64>,
    /// Readable names of styles, by the names that the configuration has for them.
    pub style_names: BTreeMap<String, String>,
}

/// What a model that does not say its name is called, by its file's name without the ending and its
/// folder's: those that a training run leaves are all called alike, and go by their folder.
pub fn name_of_file<'a>(file: &'a str, folder: &'a str) -> &'a str {
    match file {
        "best" | "last" if !folder.is_empty() => folder,
        file => file,
    }
}

/// How exactly the weights of the large matrices are kept and played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// As they were learnt.
    #[default]
    F32,
    /// In eight bits, with a scale a row: a quarter of the size and of the time.
    Int8,
}

/// Everything about a network but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    #[serde(flatten)]
    pub config: Config,
    /// How the music's tunes ended, where that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Cadence>,
    /// How exact its weights are. Left out where they are as they were learnt, as in the files from
    /// before there was a choice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weights: Precision,
    #[serde(default)]
    pub card: Card,
}

fn is_default(weights: &Precision) -> bool {
    *weights == Precision::default()
}

impl Header {
    /// What its styles are called, in their order: by the card, or else as in the configuration.
    pub fn style_names(&self) -> Vec<String> {
        let named = |id: &String| self.card.style_names.get(id).unwrap_or(id).clone();
        self.config.styles().iter().map(named).collect()
    }

    /// The style that the configuration or the card calls `name`.
    pub fn style(&self, name: &str) -> Option<Style> {
        let ids = self.config.styles().iter();
        let names = self.style_names();
        let mut all = ids.zip(1..).chain(names.iter().zip(1..));
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        found.map(|(_, symbol)| Style::new(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::config::Cell;

    #[test]
    fn styles_go_by_their_readable_names_and_by_their_own() {
        let ids = vec!["cre".to_owned(), "lieder".to_owned()];
        let mut header = Header {
            config: Config::new(Cell::Gru, 1, 8, 8, ids.clone()).unwrap(),
            cadence: None,
            weights: Precision::F32,
            card: Card::default(),
        };
        assert_eq!(header.style_names(), ids);
        let names = [("cre", "Irish tunes"), ("gone", "Nothing")];
        header.card.style_names = names.map(|(id, name)| (id.into(), name.into())).into();
        assert_eq!(header.style_names(), ["Irish tunes", "lieder"]);
        for (name, expect) in [
            ("cre", Some(1)),
            (" irish TUNES", Some(1)),
            ("Lieder", Some(2)),
            ("Nothing", None),
            ("", None),
        ] {
            assert_eq!(header.style(name), expect.map(Style::new), "{name}");
        }
    }

    #[test]
    fn what_a_training_run_leaves_goes_by_its_folder() {
        assert_eq!(name_of_file("best", "reels"), "reels");
        assert_eq!(name_of_file("best", ""), "best");
        assert_eq!(name_of_file("folk", "reels"), "folk");
    }

    #[test]
    fn cards_from_before_styles_had_names_are_read() {
        let card: Card = serde_json::from_str(r#"{ "name": "Old" }"#).unwrap();
        assert_eq!((card.name.as_str(), card.style_names.len()), ("Old", 0));
    }
}
