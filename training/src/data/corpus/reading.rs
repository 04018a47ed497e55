//! What a reader of music is given, and what it gives back.
//!
//! Every format's reader is a function from a [`MusicFile`] to a [`Reading`]. It never fails: what
//! it cannot use becomes a remark. Any thread.

use std::path::PathBuf;

use super::piece::Piece;
use super::remarks::{Reason, Remark};
use crate::files::{ReadError, read_bytes};

/// No file that is read in one piece is larger, nor what a packed one unpacks to.
pub const LARGEST_FILE: u64 = 64 << 20;

/// A music file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MusicFile {
    pub path: PathBuf,
    /// The folder under the named one that it is in: the style of its melodies.
    pub style: Option<String>,
    /// What the evaluation calls it where there is no style: the folder that was named, or the
    /// one that the named file is in.
    pub group: String,
}

impl MusicFile {
    /// The whole file, or a remark that says why not. `unusable` is the reason for a file that is
    /// larger than any of its format.
    pub fn bytes(&self, unusable: Reason) -> Result<Vec<u8>, Remark> {
        read_bytes(&self.path, LARGEST_FILE).map_err(|error| {
            let reason = match error {
                ReadError::Unreadable(_) => Reason::Unreadable,
                ReadError::TooLarge(_) => unusable,
            };
            Remark::on_file(&self.path, reason, error)
        })
    }

    /// Whether the name ends in this extension, in either case.
    pub fn has_extension(&self, extension: &str) -> bool {
        let own = self.path.extension();
        own.is_some_and(|own| own.eq_ignore_ascii_case(extension))
    }
}

/// What one file gives.
#[derive(Debug, Default)]
pub struct Reading {
    pub pieces: Vec<Piece>,
    pub remarks: Vec<Remark>,
}

impl Reading {
    /// Of a file that gives nothing.
    pub fn nothing(why: Remark) -> Self {
        Self {
            pieces: Vec::new(),
            remarks: vec![why],
        }
    }

    /// Adds what another part of the file gives.
    pub fn add(&mut self, more: Self) {
        self.pieces.extend(more.pieces);
        self.remarks.extend(more.remarks);
    }
}
