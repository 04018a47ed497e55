//! The folders that were last saved to and loaded from, kept from one project to the next.
//!
//! A small file in the user's settings folder, read and written by background tasks, never by the
//! window's or the audio thread. If it is missing or broken, dialogs open where the system puts
//! them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastFolders {
    /// Where an answer was last saved.
    pub saved: Option<PathBuf>,
    /// Where a model or a phrase was last loaded from.
    pub loaded: Option<PathBuf>,
}

impl LastFolders {
    /// Blocks.
    pub fn read() -> Self {
        file().map_or_else(Self::default, |file| Self::read_from(&file))
    }

    /// Writes a change. If that fails, the next dialog opens elsewhere and no more harm is done.
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
        let mut folders = Self::read_from(file);
        change(&mut folders);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, serde_json::to_string_pretty(&folders)?)
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
    fn folders_are_remembered_and_a_broken_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("HarmonAI/remembered.json");
        assert_eq!(LastFolders::read_from(&file), LastFolders::default());
        let saved = Some(PathBuf::from("/music"));
        LastFolders::change_in(&file, |folders| folders.saved.clone_from(&saved)).unwrap();
        LastFolders::change_in(&file, |folders| folders.loaded = Some("/models".into())).unwrap();
        let folders = LastFolders::read_from(&file);
        assert_eq!(
            (folders.saved, folders.loaded),
            (saved, Some("/models".into()))
        );
        fs::write(&file, "{ no json").unwrap();
        assert_eq!(LastFolders::read_from(&file), LastFolders::default());
        LastFolders::change_in(&file, |folders| folders.loaded = None).unwrap();
    }
}
