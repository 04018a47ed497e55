//! A model file, opened for a command.
//!
//! Called by the commands. Main thread.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::{Card, Checkpoint, name_of_file};

/// What the model that comes with the plug-in is called, where a file is asked for.
const BUNDLED: &str = "default";
/// No model is larger.
const LARGEST_MODEL: u64 = 4 << 30;

/// The checkpoint in a file, or the bundled one, with its bytes; or a sentence that names the file.
pub fn load(path: &Path) -> Result<(Checkpoint, Vec<u8>)> {
    if path == Path::new(BUNDLED) && !path.exists() {
        let bytes = include_bytes!("../../../plugin-assets/default.safetensors").to_vec();
        return Ok((Checkpoint::read(&bytes)?, bytes));
    }
    let found = fs::metadata(path).with_context(|| format!("model {}", path.display()))?;
    if found.is_dir() {
        bail!(
            "model {} is a folder; name the .safetensors file in it",
            path.display()
        );
    }
    if found.len() > LARGEST_MODEL {
        bail!(
            "model {} is larger than 4 GB; no HarmonAI model is",
            path.display()
        );
    }
    let bytes = fs::read(path).with_context(|| format!("model {}", path.display()))?;
    let checkpoint = Checkpoint::read(&bytes)
        .with_context(|| format!("{} is no model that can be used", path.display()))?;
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
