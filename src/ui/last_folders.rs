//! What the plug-in remembers of its user from one project to the next: the folders that were last
//! saved to and loaded from.
//!
//! A small file in the user's settings folder, read and written on errands (never by the window's or
//! the audio thread). Without it, or with a broken one, dialogs open where they like.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Where an answer was last saved.
    pub saved: Option<PathBuf>,
    /// Where a model or a phrase was last loaded from.
    pub loaded: Option<PathBuf>,
}

impl Remembered {
    /// As it was last written down. Blocks.
    pub fn read() -> Self {
        file().map_or_else(Self::default, |file| Self::read_from(&file))
    }

    /// Changes it. What cannot be written is forgotten: that costs the user one look at the dialog.
    /// Blocks.
    pub fn change(change: impl FnOnce(&mut Self)) {
        if let Some(file) = file() {
            let _ = Self::change_in(&file, change);
        }
    }

    fn read_from(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn change_in(file: &Path, change: impl FnOnce(&mut Self)) -> std::io::Result<()> {
        let mut remembered = Self::read_from(file);
        change(&mut remembered);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, serde_json::to_string_pretty(&remembered)?)
    }
}

fn file() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "HarmonAI", "HarmonAI")
        .map(|dirs| dirs.config_dir().join("remembered.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_remembered_and_a_broken_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("HarmonAI/remembered.json");
        assert_eq!(Remembered::read_from(&file), Remembered::default());
        let saved = Some(PathBuf::from("/music"));
        Remembered::change_in(&file, |all| all.saved.clone_from(&saved)).unwrap();
        Remembered::change_in(&file, |all| all.loaded = Some("/models".into())).unwrap();
        let all = Remembered::read_from(&file);
        assert_eq!((all.saved, all.loaded), (saved, Some("/models".into())));
        fs::write(&file, "{ no json").unwrap();
        assert_eq!(Remembered::read_from(&file), Remembered::default());
        Remembered::change_in(&file, |all| all.loaded = None).unwrap();
    }
}
