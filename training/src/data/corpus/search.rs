//! The music files among what the user names: files, and folders with all that is in them.
//!
//! Called by [`Corpus::read`](super::Corpus::read). Main thread.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::formats::Format;
use super::reading::MusicFile;
use super::remarks::{Reason, Remark, Remarks};
use crate::files;

/// A music file with its format.
pub type Found = (MusicFile, &'static Format);

/// Finds the files, each once, sorted within a folder. What is of another kind is counted, what
/// cannot be read goes to the remarks. A named path that does not exist is an error.
pub fn find(paths: &[PathBuf], remarks: &mut Remarks) -> Result<Vec<Found>> {
    let mut search = Search {
        files: Vec::new(),
        seen: HashSet::new(),
        remarks,
    };
    for path in paths {
        let real = path.canonicalize().with_context(|| {
            format!(
                "{} cannot be opened; name a music file or a folder",
                path.display()
            )
        })?;
        if path.is_dir() {
            let group = name_of(&real);
            search.folder(path, &group, None);
        } else {
            let group = real.parent().map(name_of).unwrap_or_default();
            search.file(path, &group, None);
        }
    }
    Ok(search.files)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

struct Search<'a> {
    files: Vec<Found>,
    /// Files and folders met, by their real path: linked folders may form circles.
    seen: HashSet<PathBuf>,
    remarks: &'a mut Remarks,
}

impl Search<'_> {
    fn is_new(&mut self, path: &Path) -> bool {
        self.seen
            .insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
    }

    /// `style` is `None` at the top, where each folder inside opens a style.
    fn folder(&mut self, path: &Path, group: &str, style: Option<&str>) {
        if !self.is_new(path) {
            return;
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.unreadable(path, files::cause(&error));
                return;
            }
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => names.push(entry.file_name()),
                Err(error) => self.unreadable(path, files::cause(&error)),
            }
        }
        names.retain(|name| !name.to_string_lossy().starts_with('.'));
        names.sort();
        for name in names {
            let inside = path.join(&name);
            if inside.is_dir() {
                let own = name.to_string_lossy();
                self.folder(&inside, group, Some(style.unwrap_or(&own)));
            } else {
                self.file(&inside, group, style);
            }
        }
    }

    fn file(&mut self, path: &Path, group: &str, style: Option<&str>) {
        let Some(format) = Format::of(path) else {
            self.remarks.other_files += 1;
            return;
        };
        // A pipe or a device would be waited for, or read, without end.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            self.unreadable(path, "it is no plain file");
            return;
        }
        if self.is_new(path) {
            let file = MusicFile {
                path: path.to_path_buf(),
                style: style.map(str::to_owned),
                group: group.to_owned(),
            };
            self.files.push((file, format));
        }
    }

    fn unreadable(&mut self, path: &Path, why: impl ToString) {
        let remark = Remark::on_file(path, Reason::Unreadable, why);
        self.remarks.list.push(remark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_in_order_and_open_styles() {
        let top = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = top.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        for name in [
            "b.MID",
            "a.jsonl.zst",
            "notes.txt",
            ".hidden.mid",
            "jazz/bop/x.midi",
        ] {
            write(name);
        }
        let mut remarks = Remarks::default();
        let named = [top.path().to_path_buf(), top.path().join("b.MID")];
        let files = find(&named, &mut remarks).unwrap();
        let found: Vec<_> = files
            .iter()
            .map(|(file, _)| (name_of(&file.path), file.style.as_deref()))
            .collect();
        assert_eq!(
            found,
            [
                ("a.jsonl.zst".into(), None),
                ("b.MID".into(), None),
                ("x.midi".into(), Some("jazz"))
            ]
        );
        assert_eq!(remarks.other_files, 1);
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let missing = PathBuf::from("/no/such/folder");
        let error = find(&[missing], &mut Remarks::default()).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_ends() {
        let top = tempfile::tempdir().unwrap();
        std::fs::write(top.path().join("a.mid"), "").unwrap();
        std::os::unix::fs::symlink(top.path(), top.path().join("again")).unwrap();
        let files = find(&[top.path().to_path_buf()], &mut Remarks::default()).unwrap();
        assert_eq!(files.len(), 1);
    }
}
