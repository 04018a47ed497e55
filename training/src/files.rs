//! Files read up to a limit, and written whole or not at all.
//!
//! Below all rooms: called by the readers of music, the run folder and the commands. Any thread.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// What the name of a file ends in while it is written.
const PART: &str = ".part";

/// Why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    /// It could not be opened or read.
    Unreadable(io::Error),
    /// It is larger than this many bytes.
    TooLarge(u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => f.write_str(&cause(error)),
            Self::TooLarge(limit) if *limit >= 1 << 30 => {
                write!(f, "larger than {} GB", limit >> 30)
            }
            Self::TooLarge(limit) => write!(f, "larger than {} MB", limit >> 20),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// What went wrong, without the number that the system has for it.
pub fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The bytes of a file of at most `limit` bytes.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    read_limited(File::open(path)?, limit)
}

/// All bytes of a source, at most `limit`. It is the bytes that are counted: what a file or an
/// archive says of its size may be wrong.
pub fn read_limited(source: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    source.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge(limit));
    }
    Ok(bytes)
}

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
    let mut file = beside(path).with_context(cannot)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .and_then(|()| file.persist(path).map_err(|error| error.error));
    // What could not be written whole takes itself away.
    written.map(drop).with_context(cannot)
}

/// A new, empty file in the same folder.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(PART);
    // Other people may read it where the user's own files may be read; a temporary file is private.
    #[cfg(unix)]
    builder.permissions(PermissionsExt::from_mode(0o666));
    match path.parent() {
        Some(folder) if folder != Path::new("") => builder.tempfile_in(folder),
        _ => builder.tempfile_in("."),
    }
}

/// Takes away what [`write_whole`] left in a folder where the program was ended in the middle of it.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_part(&entry.file_name().to_string_lossy()) {
            // Where that fails, it only takes up room.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is the beginning of another one, by its name.
pub fn is_part(name: &str) -> bool {
    let middle = name
        .strip_prefix('.')
        .and_then(|rest| rest.strip_suffix(PART));
    let own = middle.and_then(|middle| middle.rsplit_once('.'));
    own.is_some_and(|(_, own)| own.len() == 6 && own.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Refuses a folder, there already or not, that nothing could be written into, before anything is
/// worked out that would then be lost. `option` is what names it on the command line.
pub fn check_writable(option: &str, folder: &Path) -> Result<()> {
    let absolute = std::path::absolute(folder.join(".")).context("there is no current folder")?;
    let there = absolute.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(&absolute);
    tempfile::tempfile_in(there).with_context(|| {
        let folder = folder.display();
        format!(
            "{option} {folder}: nothing can be written into {}",
            there.display()
        )
    })?;
    Ok(())
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

    #[test]
    fn a_file_over_the_limit_and_a_missing_one_are_refused_in_plain_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mid");
        fs::write(&path, vec![0; 1 << 20]).unwrap();
        assert_eq!(read_bytes(&path, 1 << 20).unwrap().len(), 1 << 20);
        fs::write(&path, vec![0; (1 << 20) + 1]).unwrap();
        let error = read_bytes(&path, 1 << 20).unwrap_err();
        assert_eq!(error.to_string(), "larger than 1 MB");
        let missing = read_bytes(&folder.path().join("b.mid"), 1).unwrap_err();
        assert!(!missing.to_string().contains("os error"), "{missing}");
    }

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
        #[cfg(unix)]
        {
            let plain = folder.path().join("plain");
            fs::write(&plain, b"").unwrap();
            let mode = |path| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain), "as readable as any file");
        }
    }

    #[test]
    fn what_was_being_written_is_swept_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let part = beside(&folder.path().join("best.safetensors")).unwrap();
        let (_, part) = part.keep().unwrap();
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

    #[test]
    fn a_folder_that_cannot_be_made_is_refused_and_one_that_can_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b");
        check_writable("--out", &new).unwrap();
        assert!(!folder.path().join("a").exists());
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = check_writable("--out", &file.join("b")).unwrap_err();
        assert!(error.to_string().starts_with("--out "), "{error:#}");
        assert_eq!(names(folder.path()), ["file"]);
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
