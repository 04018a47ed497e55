//! `training install`: puts a model where the plug-in finds it.
//!
//! Called by `main`. Main thread.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use harmonai_core::model::checkpoint::Checkpoint;
use humantime::format_rfc3339_seconds;

use super::{model, output};
use crate::files;
use crate::train::run::LARGEST_MODEL;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// What the plug-in is to call it [default: the name on its card]
    #[arg(long)]
    pub name: Option<String>,
    /// Replace another model of that name
    #[arg(long)]
    pub force: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let (mut checkpoint, bytes) = model::load(&args.model)?;
    let name = args.name.clone();
    let name = name.unwrap_or_else(|| model::name(&args.model, &checkpoint.header.card));
    let bytes = stamped(&mut checkpoint, &args.model, &name).unwrap_or(bytes);
    // Where the plug-in looks for models.
    let folders = directories::ProjectDirs::from("", "HarmonAI", "HarmonAI");
    let folders = folders.context("this user has no home folder: set HOME")?;
    let folder = folders.data_dir().join("models");
    let target = folder.join(format!("{}.safetensors", file_stem(&name)?));
    fs::create_dir_all(&folder)
        .with_context(|| format!("folder {} cannot be made", folder.display()))?;
    let is_same = || files::read_bytes(&target, LARGEST_MODEL).is_ok_and(|there| there == bytes);
    if target.exists() && !args.force && !is_same() {
        bail!(
            "another model is installed as {}; give this one a --name of its own, or --force",
            target.display()
        );
    }
    files::write_whole(&target, &bytes)?;
    output::print(&format!(
        "installed {}\nChoose it in the plug-in's list of models.\n",
        target.display()
    ))
}

/// With what a run leaves out of its models' cards, so that equal ones have equal bytes: the name,
/// and when it was trained, which is the file's date. None where the card says both.
fn stamped(checkpoint: &mut Checkpoint, path: &Path, name: &str) -> Option<Vec<u8>> {
    let card = &mut checkpoint.header.card;
    if !card.name.is_empty() && !card.created.is_empty() {
        return None;
    }
    if card.name.is_empty() {
        name.clone_into(&mut card.name);
    }
    if card.created.is_empty() {
        let trained = fs::metadata(path).and_then(|file| file.modified());
        let trained = trained.map(|time| format_rfc3339_seconds(time).to_string());
        card.created = trained.unwrap_or_default();
    }
    Some(checkpoint.write())
}

/// A name that every file system takes; what does not fit becomes a dash.
fn file_stem(name: &str) -> Result<String> {
    let fits =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')' | '+');
    let stem = name.chars().map(|c| if fits(c) { c } else { '-' });
    let stem: String = stem.take(80).collect();
    let stem = stem.trim().trim_matches('.').trim();
    let stem = stem.strip_suffix(".safetensors").unwrap_or(stem);
    if stem.chars().any(char::is_alphanumeric) {
        Ok(stem.to_owned())
    } else {
        bail!("`{name}` is no name for a model: give it a --name with letters in it")
    }
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn names_become_file_names() {
        let check = |name: &str, expect: &str| assert_eq!(file_stem(name).unwrap(), expect);
        check("Irish tunes", "Irish tunes");
        check("../../etc/passwd", "-..-etc-passwd");
        check("mine.safetensors", "mine");
        check("a/b:c*d", "a-b-c-d");
        check("Volkslieder für Flöte", "Volkslieder für Flöte");
        assert!(file_stem("///").is_err() && file_stem("").is_err() && file_stem("..").is_err());
    }
}
