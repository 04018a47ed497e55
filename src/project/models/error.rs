//! Why a model file cannot be used.

use std::fmt;
use std::path::PathBuf;

use harmonai_core::model::checkpoint::CheckpointError;

use crate::project::files::ReadError;

/// No larger file is read: such a network could not play in time anyway.
pub const MAX_BYTES: u64 = 256 << 20;

/// What installed models are called.
pub const EXTENSION: &str = "safetensors";

/// Why a model file cannot be used. Its text names the file and says what to do.
#[derive(Debug)]
pub struct LibraryError {
    pub path: PathBuf,
    pub fault: Fault,
}

#[derive(Debug)]
pub enum Fault {
    Unread(ReadError),
    Broken(CheckpointError),
    NoThread(std::io::Error),
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            Fault::Unread(ReadError::Unreadable(error)) => write!(
                f,
                "Cannot read the model {path}: {error}. Put the file back or choose another model."
            ),
            Fault::Unread(ReadError::NotAFile) => {
                write!(
                    f,
                    "{path} is not a file. Choose a model file (.{EXTENSION})."
                )
            }
            Fault::Unread(ReadError::TooLarge(bytes)) => write!(
                f,
                "{path} is too large for a model: {} MiB, at most {} MiB are read. Train a smaller \
                 network.",
                bytes >> 20,
                MAX_BYTES >> 20
            ),
            Fault::Broken(error) => {
                write!(
                    f,
                    "{path} is no model for this plug-in: {error}. Train or copy it again."
                )
            }
            Fault::NoThread(error) => {
                write!(f, "Cannot start reading {path}: {error}. Try again.")
            }
        }
    }
}

impl std::error::Error for LibraryError {}
