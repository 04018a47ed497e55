//! A claim on a run folder: one training at a time writes into it.
//!
//! Made where the trainer opens the run, held until it ends. The system gives it up with the
//! process, however that ends. Main thread.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::files::sweep;

/// The file that is locked; it stays behind, empty.
pub const FILE: &str = ".lock";

/// Claims a folder, as long as the file is open, and takes away what an earlier run was writing
/// when it was ended.
pub fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(FILE);
    let file =
        File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(
            "another training is at work in {}: let it end, or stop it, first",
            folder.display()
        ),
        // Not every file system knows locks; there everyone has to look out for himself.
        Err(TryLockError::Error(_)) | Ok(()) => {}
    }
    sweep(folder);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_claim_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let claim = lock(folder.path()).unwrap();
        let error = format!("{:#}", lock(folder.path()).unwrap_err());
        assert!(error.contains("another training is at work"), "{error}");
        drop(claim);
        lock(folder.path()).unwrap();
    }
}
