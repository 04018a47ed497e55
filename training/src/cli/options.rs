//! Options that several commands have, so that they are called and mean the same everywhere.
//!
//! Flattened into the commands' arguments. Main thread.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, bail};
use harmonai_core::model::config::Cell;
use harmonai_core::play::continuation::Settings;

use crate::data::corpus::formats;
use crate::train::config::TrainConfig;

/// What `--data` is.
pub fn music() -> String {
    let formats = formats::names();
    format!("Music: files and folders ({formats}); each folder in a folder is a style")
}

/// The music that a command reads.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Music {
    #[arg(long, value_name = "PATH", num_args = 1.., required = true, help = music())]
    pub data: Vec<PathBuf>,
}

/// The shape of a network that is made.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Shape {
    /// lstm, gru or rnn [default: lstm]
    #[arg(long)]
    pub cell: Option<Cell>,
    /// Layers of cells [default: 2]
    #[arg(long)]
    pub layers: Option<usize>,
    /// Cells in a layer [default: 384]
    #[arg(long)]
    pub hidden: Option<usize>,
    /// Size of the embeddings [default: 192]
    #[arg(long)]
    pub embedding: Option<usize>,
}

impl Shape {
    pub fn overlay(&self, config: &mut TrainConfig) {
        set(&mut config.cell, &self.cell);
        set(&mut config.layers, &self.layers);
        set(&mut config.hidden, &self.hidden);
        set(&mut config.embedding, &self.embedding);
    }
}

/// Puts what was given in the place of what there was.
pub fn set<T: Clone>(value: &mut T, given: &Option<T>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

/// How freely a model plays.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub struct Knobs {
    /// How freely pitches are chosen, 0.1 to 2 [default: 1]
    #[arg(long, allow_negative_numbers = true, value_parser = number)]
    temperature: Option<f32>,
    /// How freely rhythms are chosen, 0.1 to 2 [default: as pitches]
    #[arg(long, allow_negative_numbers = true, value_parser = number)]
    rhythm_temperature: Option<f32>,
    /// Choose among the likeliest notes that have this probability together: a share, 0.9 or 90% [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    top_p: Option<Share>,
    /// How much the turns of the phrase come back, from 0 % (not at all) to 100 % (as in melodies)
    /// [default: 100 %]
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
    memory: Option<Percent>,
}

impl Knobs {
    /// The first one that is given, by its name.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--temperature", self.temperature.is_some()),
            ("--rhythm-temperature", self.rhythm_temperature.is_some()),
            ("--top-p", self.top_p.is_some()),
            ("--memory", self.memory.is_some()),
        ];
        let mut given = given.into_iter().filter(|(_, given)| *given);
        given.next().map(|(name, _)| name)
    }

    /// The knobs of a new plug-in, turned as the command line says.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        set(&mut settings.temperature, &self.temperature);
        settings.rhythm_temperature = self.rhythm_temperature.unwrap_or(settings.temperature);
        if let Some(Share(share)) = self.top_p {
            settings.top_p = share;
        }
        for (name, value) in [
            ("--temperature", self.temperature),
            ("--rhythm-temperature", self.rhythm_temperature),
        ] {
            if let Some(value) = value
                && !(0.1..=2.0).contains(&value)
            {
                bail!("{name} {value} is not between 0.1 and 2");
            }
        }
        let top_p = settings.top_p;
        if !(top_p > 0.0 && top_p <= 1.0) {
            bail!("--top-p {top_p} is not above 0 and at most 1; 0.9 is the knob's 90 %");
        }
        if let Some(Percent(memory)) = self.memory {
            if !(0.0..=100.0).contains(&memory) {
                bail!("--memory {memory} is not between 0 and 100 (per cent)");
            }
            settings.memory = memory / 100.0;
        }
        Ok(settings)
    }
}

/// A number as it was typed.
fn number(text: &str) -> Result<f32, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// A share, as a fraction or as per cent with its sign.
#[derive(Clone, Copy, Debug)]
struct Share(f32);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.ends_with('%') {
            return text.parse().map(|Percent(percent)| Self(percent / 100.0));
        }
        let number = text.parse().map(Self);
        number.map_err(|_| format!("`{text}` is no share, such as 0.9 or 90%"))
    }
}

/// A number of per cent, with its sign or without.
#[derive(Clone, Copy, Debug)]
struct Percent(f32);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).trim();
        let number = number.parse().map(Self);
        number.map_err(|_| format!("`{text}` is no number of per cent, such as 40 or 40%"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_a_number_of_per_cent() {
        let settings = |text: &str| {
            let knobs = Knobs {
                temperature: None,
                rhythm_temperature: None,
                top_p: None,
                memory: Some(text.parse().unwrap()),
            };
            knobs.settings().map(|settings| settings.memory)
        };
        for text in ["40", "40%", "40 %"] {
            assert_eq!(settings(text).unwrap(), 0.4, "{text}");
        }
        for text in ["101", "-1%", "nan"] {
            assert!(settings(text).is_err(), "{text}");
        }
        assert!("much".parse::<Percent>().is_err());
        for text in ["0.9", "90%", "90 %"] {
            let Share(share) = text.parse().unwrap();
            assert!((share - 0.9).abs() < 1e-6, "{text}");
        }
        assert!("much".parse::<Share>().is_err());
    }

    #[test]
    fn the_help_says_what_the_defaults_are() {
        let (config, settings) = (TrainConfig::default(), Settings::default());
        assert_eq!((config.cell, config.layers), (Cell::Lstm, 2));
        assert_eq!((config.hidden, config.embedding), (384, 192));
        assert_eq!(
            (settings.temperature, settings.rhythm_temperature),
            (1.0, 1.0)
        );
        assert_eq!((settings.top_p, settings.memory), (1.0, 1.0));
    }
}
