//! Files written whole or not at all.
//!
//! Called by the run folder and by the commands. Main thread.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Writes a file under a name of its own beside `path` and then gives it the name, so that a full
/// disk or a power cut leaves what was there before. What is no plain file (a device, a pipe) is
/// written straight into.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    // A link is followed: what it points to is replaced, not the link.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let cannot = || format!("{} cannot be written; nothing was changed", path.display());
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            bail!("{} is a folder; name a file in it", path.display());
        }
        Ok(found) if !found.is_file() => {
            let mut device = OpenOptions::new()
                .write(true)
                .open(path)
                .with_context(cannot)?;
            return device
                .write_all(bytes)
                .and_then(|()| device.flush())
                .with_context(cannot);
        }
        _ => {}
    }
    let (temporary, mut file) = beside(path).with_context(cannot)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Nothing more can be done if this fails too; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(cannot)
}

/// A new, empty file in the same folder.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    for attempt in 0..100 {
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(format!(".{}-{attempt}.part", std::process::id()));
        let temporary = path.with_file_name(own);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(ErrorKind::AlreadyExists))
}

/// Takes away what [`write_whole`] left in a folder where the program was ended in the middle of it.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_part(&entry.file_name().to_string_lossy()) {
            // It is in nobody's way but for the room that it takes.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is the beginning of another one, by its name.
pub fn is_part(name: &str) -> bool {
    let middle = name
        .strip_prefix('.')
        .and_then(|rest| rest.strip_suffix(".part"));
    let Some((_, own)) = middle.and_then(|middle| middle.rsplit_once('.')) else {
        return false;
    };
    let mut numbers = own.splitn(2, '-');
    let mut is_number = || {
        numbers
            .next()
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    is_number() && is_number()
}

/// Whether two paths name one existing file.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mid");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["a.mid"]);
    }

    #[test]
    fn what_was_being_written_is_swept_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (part, _) = beside(&folder.path().join("best.safetensors")).unwrap();
        assert!(part.exists());
        let kept = [".part", ".best.part", "a.1-2.part", ".a.1-b.part", "a.mid"];
        for name in kept {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        sweep(folder.path());
        let mut left = names(folder.path());
        left.sort();
        let mut kept = kept.map(str::to_owned);
        kept.sort();
        assert_eq!(left, kept);
        sweep(&folder.path().join("nowhere"));
    }

    #[test]
    fn a_folder_and_a_missing_folder_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = format!("{:#}", write_whole(folder.path(), b"x").unwrap_err());
        assert!(error.contains("is a folder"), "{error}");
        let error = format!(
            "{:#}",
            write_whole(&folder.path().join("no/a.mid"), b"x").unwrap_err()
        );
        assert!(error.contains("no/a.mid"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_an_error_and_stays_a_device() {
        let error = format!(
            "{:#}",
            write_whole(Path::new("/dev/full"), b"x").unwrap_err()
        );
        assert!(
            error.contains("/dev/full") && error.contains("space"),
            "{error}"
        );
        assert!(!fs::metadata("/dev/full").unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.mid"), folder.path().join("link.mid"));
        fs::write(&path, "one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write_whole(&link, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(is_same_file(&path, &link));
    }
}
