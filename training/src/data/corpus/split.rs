//! Which part of the corpus a melody belongs to: learnt from, chosen by, or kept for measuring.
//!
//! Where a file does not say it, the melody's own notes decide, so that the same music is always
//! on the same side, in any key and in whatever company.

use serde::Deserialize;

/// A part of the corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Learnt from.
    Train,
    /// The best checkpoint is chosen by it.
    Valid,
    /// Kept for measuring.
    Test,
}

impl Split {
    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// 90 of 100 keys train, 5 valid, 5 test.
    pub fn by_key(key: u64) -> Self {
        match key % 100 {
            0..90 => Self::Train,
            90..95 => Self::Valid,
            _ => Self::Test,
        }
    }
}
