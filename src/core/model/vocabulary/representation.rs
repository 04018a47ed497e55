//! The ways of writing a melody down that a network can be built for.
//!
//! [`Representation::Notes`] is HarmonAI's own. [`Representation::Grid`] is the textbook's, to be
//! compared with it: trainer and checkpoint know both, the plug-in plays the first alone. Part of
//! [`crate::model::config::Config`].

use serde::{Deserialize, Serialize};

use super::{Factor, Feature, Step, Style, grid, steps};
use crate::music::melody::Melody;
use crate::music::time::Ticks;

/// What a step of a network stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Representation {
    /// A note, in four factors.
    #[default]
    Notes,
    /// A sixteenth, in one symbol, see [`grid`].
    Grid,
}

impl Representation {
    /// What is read at a step, in the order of [`super::Inputs`].
    pub const fn features(self) -> &'static [Feature] {
        match self {
            Self::Notes => &Feature::ALL,
            Self::Grid => &[Feature::Grid],
        }
    }

    /// What is predicted at a step, in the order of [`super::Targets`].
    pub const fn factors(self) -> &'static [Factor] {
        match self {
            Self::Notes => &Factor::ALL,
            Self::Grid => &[Factor::Grid],
        }
    }

    /// Whether a network of it has a [`crate::model::memory`].
    pub const fn remembers(self) -> bool {
        matches!(self, Self::Notes)
    }

    /// A whole melody as steps, the last one for its end. `style` and `foreseen` (see [`steps`])
    /// are for notes; the grid has neither.
    pub fn steps(self, melody: &Melody, style: Style, foreseen: Option<Ticks>) -> Vec<Step> {
        match self {
            Self::Notes => steps(melody, style, foreseen),
            Self::Grid => grid::steps(melody),
        }
    }
}
