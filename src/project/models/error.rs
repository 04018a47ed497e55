//! Why a model file cannot be used.

use std::fmt;
use std::path::PathBuf;

use harmonai_core::model::checkpoint::CheckpointError;

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
    Unreadable(std::io::Error),
    NotAFile,
    TooLarge(u64),
    Broken(CheckpointError),
    NoThread(std::io::Error),
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            Fault::Unreadable(error) => write!(
                f,
                "Cannot read the model {path}: {error}. Put the file back or choose another model."
            ),
            Fault::NotAFile => {
                write!(
                    f,
                    "{path} is not a file. Choose a model file (.{EXTENSION})."
                )
            }
            Fault::TooLarge(bytes) => write!(
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

impl std::error::Error for LibraryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Unreadable(error) | Fault::NoThread(error) => Some(error),
            Fault::Broken(error) => Some(error),
            Fault::NotAFile | Fault::TooLarge(_) => None,
        }
    }
}
