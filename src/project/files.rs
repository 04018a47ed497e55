//! Files: read within a bound, written whole or not at all. Blocks: not for the audio thread or the
//! window's.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    Unreadable(io::Error),
    NotAFile,
    /// How many bytes it has at least.
    TooLarge(u64),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// The bytes of a file that has no more than `most`.
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    // Asked before opening: opening a pipe would wait for its other end.
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(ReadError::NotAFile);
    }
    if about.len() > most {
        return Err(ReadError::TooLarge(about.len()));
    }
    let mut bytes = Vec::new();
    // One byte more than allowed, so that a file that grows meanwhile is noticed.
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        length if length > most => Err(ReadError::TooLarge(length)),
        _ => Ok(bytes),
    }
}

/// Writes a file over what was there, which stays until the new one is complete.
pub fn write_over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Half a file helps nobody; that it cannot be removed either says nothing more.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes a file that was not there before: the first of these names in `folder` that is free.
pub fn write_new(
    folder: &Path,
    mut names: impl Iterator<Item = String>,
    bytes: &[u8],
) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let taken = io::Error::from(io::ErrorKind::AlreadyExists);
    names
        .find_map(|name| {
            let path = folder.join(name);
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                file => Some(file.and_then(|file| fill(file, path, bytes))),
            }
        })
        .unwrap_or(Err(taken))
}

fn fill(mut file: File, path: PathBuf, bytes: &[u8]) -> io::Result<PathBuf> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // As in `write_over`.
        let _ = fs::remove_file(&path);
    }
    written.map(|()| path)
}
