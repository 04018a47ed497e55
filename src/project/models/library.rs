//! Reading models: the one built in, and those in files.
//!
//! Called by the [`ModelLoader`](super::loader::ModelLoader). What reads files blocks, and is not for
//! the audio thread or the window's.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use harmonai_core::model::checkpoint::{Checkpoint, name_of_file};
use harmonai_core::model::network::Network;

use super::about::About;
use super::reference::{ModelFile, sha256};
use crate::project::files::{ReadError, read_bytes};

/// No larger file is read: such a network could not play in time anyway.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// What installed models are called.
const EXTENSION: &str = "safetensors";

/// The model built in, parsed when it is first wanted and then shared by all instances.
#[expect(clippy::expect_used, reason = "it cannot fail, as below")]
static BUNDLED: LazyLock<Model> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../plugin-assets/default.safetensors");
    // PANIC: the bytes are the same in every run, and a test parses them.
    let checkpoint = Checkpoint::read(bytes).expect("the bundled model is whole");
    Model::new(checkpoint, Origin::Bundled, None)
});

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Bundled,
    File(PathBuf),
}

/// A network ready to play, and what to call it. Cheap to clone.
#[derive(Clone)]
pub struct Model {
    pub network: Arc<Network>,
    /// Its name for the window.
    pub name: String,
    pub origin: Origin,
    /// Hash of the file, if it is one.
    pub sha256: Option<String>,
}

impl Model {
    fn new(checkpoint: Checkpoint, origin: Origin, sha256: Option<String>) -> Self {
        let network = Arc::new(Network::new(checkpoint));
        let name = name(&network.header().card.name, &origin);
        Self {
            network,
            name,
            origin,
            sha256,
        }
    }
}

/// The card's name, or where there is none the file's.
fn name(card: &str, origin: &Origin) -> String {
    match origin {
        _ if !card.trim().is_empty() => card.trim().to_owned(),
        Origin::Bundled => "Bundled".to_owned(),
        Origin::File(path) => file_name(path),
    }
}

/// What a model is called that does not say so itself.
pub fn file_name(path: &Path) -> String {
    let name = path.file_stem().unwrap_or(path.as_os_str());
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    name_of_file(&name.to_string_lossy(), &folder.to_string_lossy()).to_owned()
}

/// The card of a file that cannot be read: a name, and no more.
pub fn nameless(path: &Path) -> About {
    About {
        name: file_name(path),
        ..About::default()
    }
}

pub fn bundled() -> Model {
    BUNDLED.clone()
}

/// What the model built in says of itself.
pub fn bundled_about() -> &'static About {
    static ABOUT: LazyLock<About> =
        LazyLock::new(|| About::new(&BUNDLED.name, BUNDLED.network.header()));
    &ABOUT
}

/// Reads a model file; or says why it cannot be used, and what to do. Blocks: not for the audio
/// thread, nor the window's.
pub fn load(path: &Path) -> Result<Model, String> {
    let (checkpoint, hash) = read(path)?;
    let origin = Origin::File(path.to_owned());
    Ok(Model::new(checkpoint, origin, Some(hash)))
}

/// A checkpoint and the hash of its bytes.
fn read(path: &Path) -> Result<(Checkpoint, String), String> {
    let name = path.display();
    let bytes = read_bytes(path, MAX_BYTES).map_err(|error| match error {
        ReadError::Unreadable(error) => format!(
            "Cannot read the model {name}: {error}. Put the file back or choose another model."
        ),
        ReadError::NotAFile => {
            format!("{name} is not a file. Choose a model file (.{EXTENSION}).")
        }
        ReadError::TooLarge(bytes) => format!(
            "{name} is too large for a model: {} MiB, at most {} MiB are read. Train a smaller \
             network.",
            bytes >> 20,
            MAX_BYTES >> 20
        ),
    })?;
    let checkpoint = Checkpoint::read(&bytes).map_err(|error| {
        format!("{name} is no model for this plug-in: {error}. Train or copy it again.")
    })?;
    Ok((checkpoint, sha256(&bytes)))
}

/// The model a project asks for. Where its file cannot be had, the same model out of the user's
/// folder, or else the bundled one; with a message that says so.
pub fn open(file: Option<&ModelFile>) -> (Model, Option<String>) {
    open_or_find(file, folder().as_deref())
}

pub(super) fn open_or_find(
    file: Option<&ModelFile>,
    folder: Option<&Path>,
) -> (Model, Option<String>) {
    let Some(file) = file else {
        return (bundled(), None);
    };
    let path = file.path();
    match load(&path) {
        Ok(model) => {
            let changed = file.sha256.is_some() && file.sha256 != model.sha256;
            let message = format!(
                "{} is not what it was when the project was saved; it plays as it is now.",
                path.display()
            );
            (model, changed.then_some(message))
        }
        Err(error) => match folder.and_then(|folder| find(file, folder)) {
            Some((model, found)) => {
                let message = format!("{error} The same model plays from {}.", found.display());
                (model, Some(message))
            }
            None => {
                let message = format!("{error} Playing the bundled model.");
                (bundled(), Some(message))
            }
        },
    }
}

/// The file in that folder whose bytes are those that the project was saved with.
fn find(file: &ModelFile, folder: &Path) -> Option<(Model, PathBuf)> {
    let wanted = file.sha256.as_deref()?;
    let same =
        |path: &PathBuf| read_bytes(path, MAX_BYTES).is_ok_and(|bytes| sha256(&bytes) == wanted);
    let path = model_files(folder).into_iter().find(same)?;
    Some((load(&path).ok()?, path))
}

fn model_files(folder: &Path) -> Vec<PathBuf> {
    // No folder yet means nothing installed yet.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_model = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default();
        ending.eq_ignore_ascii_case(EXTENSION)
    };
    paths.filter(is_model).collect()
}

/// Where `training install` puts models and the window looks for them.
pub fn folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "HarmonAI", "HarmonAI")
        .map(|dirs| dirs.data_dir().join("models"))
}

/// A model file in the user's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its card; of a file that cannot be read, no more than a name.
    pub about: About,
    pub path: PathBuf,
    /// Why it cannot be used, if so.
    pub problem: Option<String>,
}

/// The models in the user's folder, by name. Reads them all: not for the window's thread.
pub fn list() -> Vec<Installed> {
    folder().map_or_else(Vec::new, |folder| list_in(&folder))
}

pub(super) fn list_in(folder: &Path) -> Vec<Installed> {
    let described = |path: PathBuf| {
        let (about, problem) = match read(&path) {
            Ok((Checkpoint { header, .. }, _)) => {
                let name = name(&header.card.name, &Origin::File(path.clone()));
                (About::new(&name, &header), None)
            }
            Err(problem) => (nameless(&path), Some(problem)),
        };
        Installed {
            about,
            path,
            problem,
        }
    };
    let mut found: Vec<_> = model_files(folder).into_iter().map(described).collect();
    found.sort_by(|a, b| (&a.about.name, &a.path).cmp(&(&b.about.name, &b.path)));
    found
}
