//! The commands of the `training` binary, one file each, and what they share.
//!
//! Called by `main`. Main thread.

pub mod benchmark;
pub mod eval;
pub mod generate;
pub mod info;
pub mod install;
pub mod train;

mod model;
mod output;
mod progress;
mod recipe;

use std::path::PathBuf;

use crate::corpus::Remarks;

/// Tells on standard error what was left out: for each reason, or one by one.
fn tell_remarks(remarks: &Remarks, verbose: bool) {
    let text = if verbose {
        remarks.full() + &remarks.counted()
    } else {
        remarks.summary()
    };
    if !text.is_empty() {
        output::tell(&text);
    }
}

/// Paths as text for a message.
fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

/// A number of melodies as text.
fn melodies(count: usize) -> String {
    if count == 1 {
        "1 melody".into()
    } else {
        format!("{count} melodies")
    }
}
