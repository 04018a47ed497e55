//! What a network was measured at, in bits a note.
//!
//! Made by [`super::nll`] while a run goes on, kept in the run folder, shown by the commands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bits a note: the network's mean surprise, spread of coarse time symbols included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bits {
    /// The key, or that the phrase ends.
    pub pitch: f64,
    /// Time to the next onset; for the last note its duration.
    pub onset_interval: f64,
    /// How long it sounds.
    pub duration: f64,
    /// How hard, where the music says so.
    pub velocity: Option<f64>,
}

impl Bits {
    /// Pitch and onset interval.
    pub fn sum(&self) -> f64 {
        self.pitch + self.onset_interval
    }

    /// All factors.
    pub fn total(&self) -> f64 {
        self.sum() + self.duration + self.velocity.unwrap_or(0.0)
    }

    /// Each by its name.
    fn named(&self) -> Vec<(&'static str, f64)> {
        let mut named = vec![
            ("pitch", self.pitch),
            ("onset interval", self.onset_interval),
            ("duration", self.duration),
        ];
        named.extend(self.velocity.map(|velocity| ("velocity", velocity)));
        named
    }
}

/// What a network was measured at, without its memory and with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The network alone.
    pub plain: Bits,
    /// The network with its memory.
    pub memory: Bits,
}

impl Figures {
    /// Mean of both sums: what checkpoints are chosen by.
    pub fn sum(&self) -> f64 {
        0.5 * (self.plain.sum() + self.memory.sum())
    }

    /// What is minimised: all factors, mean of both, in bits a note.
    pub fn loss(&self) -> f64 {
        0.5 * (self.plain.total() + self.memory.total())
    }

    /// Whether every figure is a number.
    pub fn is_finite(&self) -> bool {
        self.plain.total().is_finite() && self.memory.total().is_finite()
    }

    /// Each by its name on a checkpoint's card, measured on `split`.
    pub fn named(&self, split: &str) -> Vec<(String, f64)> {
        let mut named = Vec::new();
        for (way, bits) in [("", &self.memory), (" without memory", &self.plain)] {
            for (name, value) in bits.named() {
                named.push((format!("{split}{way}: {name}, bits per note"), value));
            }
        }
        named
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = &self.memory;
        write!(
            f,
            "{:.3} bits a note (pitch {:.3}, interval {:.3}, duration {:.3}), {:.3} without memory",
            bits.sum(),
            bits.pitch,
            bits.onset_interval,
            bits.duration,
            self.plain.sum()
        )
    }
}
