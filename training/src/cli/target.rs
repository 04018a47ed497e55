//! The file that a command writes, checked before any work is done.
//!
//! Called by the commands with `--out FILE`. Main thread.

use std::path::Path;

use anyhow::{Result, bail};

use crate::files::{check_writable, is_same_file};

/// Refuses to write over an input (a path and what it is), over another file without `--force`, and
/// into a folder where nothing can be written.
pub fn check(out: &Path, force: bool, inputs: &[(&Path, &str)]) -> Result<()> {
    let shown = out.display();
    for (input, what) in inputs {
        if is_same_file(input, out) {
            bail!("--out {shown} is the {what} itself; name another file");
        }
    }
    if is_device(out) {
        return Ok(());
    }
    if !force && out.is_file() {
        bail!("--out {shown} is there already; name another file, or replace it with --force");
    }
    check_writable("--out", out.parent().unwrap_or(Path::new("")))
}

/// Whether it is a device or a pipe, /dev/stdout for one, which has any name and nothing to lose.
pub fn is_device(out: &Path) -> bool {
    out.exists() && !out.is_file() && !out.is_dir()
}
