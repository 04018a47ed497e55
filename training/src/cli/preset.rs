//! Sets of sizes that a run begins with; each can be overridden by its flag.
//!
//! Called by the recipe of `train` and by `benchmark presets`. Main thread.

use std::fmt;

use clap::ValueEnum;
use harmonai_core::model::vocabulary::Representation;

/// Which set.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// HarmonAI's own: a step a note, 2 x 384 cells
    #[default]
    Default,
    /// The textbook's, to compare with: a symbol a sixteenth, 1 x 256 cells. The plug-in does not
    /// play it
    Classic,
}

/// What a preset decides.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// What a step stands for.
    pub representation: Representation,
    /// Layers of cells.
    pub layers: usize,
    /// Cells in a layer.
    pub hidden: usize,
    /// Size of the embeddings.
    pub embedding: usize,
    /// Steps that are learnt from at once.
    pub seq_len: usize,
    /// Streams read side by side.
    pub batch: usize,
}

impl Preset {
    /// Its sizes.
    pub fn sizes(self) -> Sizes {
        match self {
            Self::Default => Sizes {
                representation: Representation::Notes,
                layers: 2,
                hidden: 384,
                embedding: 192,
                seq_len: 64,
                batch: 32,
            },
            Self::Classic => Sizes {
                representation: Representation::Grid,
                layers: 1,
                hidden: 256,
                embedding: 128,
                seq_len: 64,
                batch: 64,
            },
        }
    }

    /// The one with this representation.
    pub fn of(representation: Representation) -> Self {
        match representation {
            Representation::Notes => Self::Default,
            Representation::Grid => Self::Classic,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Classic => "classic",
        })
    }
}
