//! A model file, opened for a command.
//!
//! Called by the commands. Main thread.

use std::path::Path;

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::{Card, Checkpoint, name_of_file};

use crate::files::read_bytes;
use crate::train::run::LARGEST_MODEL;

/// What the model that comes with the plug-in is called, where a file is asked for.
const BUNDLED: &str = "default";

/// The checkpoint in a file, or the bundled one, with its bytes; or a sentence that names the file.
pub fn load(path: &Path) -> Result<(Checkpoint, Vec<u8>)> {
    if path == Path::new(BUNDLED) && !path.exists() {
        let bytes = include_bytes!("../../../plugin-assets/default.safetensors").to_vec();
        return Ok((Checkpoint::read(&bytes)?, bytes));
    }
    let model = path.display();
    if path.is_dir() {
        bail!("model {model} is a folder; name the .safetensors file in it");
    }
    if !path.exists() {
        bail!("model {model} is not there; `{BUNDLED}` is the one that comes with HarmonAI");
    }
    let bytes = read_bytes(path, LARGEST_MODEL).with_context(|| format!("model {model}"))?;
    let checkpoint = Checkpoint::read(&bytes)
        .with_context(|| format!("{model} is no model that can be used"))?;
    Ok((checkpoint, bytes))
}

/// What to call a model: the name on its card, or else the file's.
pub fn name(path: &Path, card: &Card) -> String {
    if !card.name.trim().is_empty() {
        return card.name.trim().to_owned();
    }
    // A name without its folder has one too.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let file = path.file_stem().unwrap_or_default().to_string_lossy();
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    name_of_file(&file, &folder.to_string_lossy()).to_owned()
}
