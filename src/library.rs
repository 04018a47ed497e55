//! Models: the one built in, and those in files, found and read.
//!
//! The rest of the shell talks to [`ModelLoader`], which calls what is here on a short-lived thread
//! of its own. Nothing here runs on the audio thread.

mod loader;
mod styles;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use harmonai_core::checkpoint::{Checkpoint, CheckpointError};
use harmonai_core::network::Network;
use harmonai_core::vocabulary::Representation;

pub use loader::{ModelLoader, Slot};
pub use styles::{MOST as MOST_STYLES, StyleNames};

/// No larger file is read: such a network could not play in time anyway.
const MAX_BYTES: u64 = 256 << 20;

/// What installed models are called.
const EXTENSION: &str = "safetensors";

/// The model built in, parsed when it is first wanted and then shared by all instances.
static BUNDLED: LazyLock<Model> = LazyLock::new(|| {
    let bytes = include_bytes!("../plugin-assets/default.safetensors");
    // PANIC: the bytes are the same in every run, and a test parses them.
    let checkpoint = Checkpoint::read(bytes).expect("the bundled model is whole");
    Model::new(checkpoint, Origin::Bundled)
});

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the plug-in.
    Bundled,
    /// Read from this file.
    File(PathBuf),
}

/// A network ready to play, and what to call it. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    /// The network itself.
    pub network: Arc<Network>,
    /// Its name for the window.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Model {
    fn new(checkpoint: Checkpoint, origin: Origin) -> Self {
        let network = Arc::new(Network::new(checkpoint));
        let name = name(&network.header().card.name, &origin);
        Self {
            network,
            name,
            origin,
        }
    }
}

/// The card's name, or where there is none the file's.
fn name(card: &str, origin: &Origin) -> String {
    match origin {
        _ if !card.trim().is_empty() => card.trim().to_owned(),
        Origin::Bundled => "Bundled".to_owned(),
        Origin::File(path) => path
            .file_stem()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

/// Why a model file cannot be used. Its text names the file and says what to do.
#[derive(Debug)]
pub struct LibraryError {
    path: PathBuf,
    fault: Fault,
}

#[derive(Debug)]
enum Fault {
    Unreadable(std::io::Error),
    NotAFile,
    TooLarge(u64),
    Broken(CheckpointError),
    ForComparison,
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
            Fault::ForComparison => write!(
                f,
                "{path} was trained with --preset classic, to compare with: it writes on a grid of \
                 sixteenths, which the plug-in does not play. Choose another model or train one \
                 without --preset."
            ),
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
            Fault::NotAFile | Fault::TooLarge(_) | Fault::ForComparison => None,
        }
    }
}

/// The model built in.
pub fn bundled() -> Model {
    BUNDLED.clone()
}

/// Reads a model file. Blocks: not for the audio thread, nor the window's.
pub fn load(path: &Path) -> Result<Model, LibraryError> {
    let checkpoint = read(path).map_err(|fault| LibraryError {
        path: path.to_owned(),
        fault,
    })?;
    Ok(Model::new(checkpoint, Origin::File(path.to_owned())))
}

fn read(path: &Path) -> Result<Checkpoint, Fault> {
    // Asked before opening: opening a pipe would wait for its other end.
    let about = std::fs::metadata(path).map_err(Fault::Unreadable)?;
    if !about.is_file() {
        return Err(Fault::NotAFile);
    }
    if about.len() > MAX_BYTES {
        return Err(Fault::TooLarge(about.len()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Fault::Unreadable)?;
    // One byte more than allowed, so that a file that grows meanwhile is noticed.
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Fault::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Fault::TooLarge(bytes.len() as u64));
    }
    let checkpoint = Checkpoint::read(&bytes).map_err(Fault::Broken)?;
    match checkpoint.header.config.representation() {
        Representation::Notes => Ok(checkpoint),
        Representation::Grid => Err(Fault::ForComparison),
    }
}

/// The model a project asks for; where it cannot be had, the bundled one and a message that says so.
pub fn open(path: Option<&Path>) -> (Model, Option<String>) {
    match path.map(load) {
        None => (bundled(), None),
        Some(Ok(model)) => (model, None),
        Some(Err(error)) => (
            bundled(),
            Some(format!("{error} Playing the bundled model.")),
        ),
    }
}

/// Where `training install` puts models and the window looks for them.
pub fn folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "HarmonAI", "HarmonAI")
        .map(|dirs| dirs.data_dir().join("models"))
}

/// A model file in the user's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The card's name, or the file's where it cannot be read.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Why it cannot be used, if so.
    pub problem: Option<String>,
}

/// The models in the user's folder, by name. Reads them all: not for the window's thread.
pub fn list() -> Vec<Installed> {
    folder().map_or_else(Vec::new, |folder| list_in(&folder))
}

fn list_in(folder: &Path) -> Vec<Installed> {
    // No folder yet means nothing installed yet.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<Installed> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|ext| ext.eq_ignore_ascii_case(EXTENSION))
        })
        .map(|path| {
            let origin = Origin::File(path.clone());
            match read(&path) {
                Ok(checkpoint) => {
                    let name = name(&checkpoint.header.card.name, &origin);
                    Installed {
                        name,
                        path,
                        problem: None,
                    }
                }
                Err(fault) => Installed {
                    name: name("", &origin),
                    problem: Some(
                        LibraryError {
                            path: path.clone(),
                            fault,
                        }
                        .to_string(),
                    ),
                    path,
                },
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    found
}

#[cfg(test)]
mod tests;
