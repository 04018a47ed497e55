//! The commands of the `training` binary, one file each, and what they share.
//!
//! Called by `main`. Main thread.

pub mod benchmark;
pub mod eval;
pub mod export;
pub mod generate;
pub mod info;
pub mod inspect;
pub mod install;
pub mod quantize;
pub mod speed;
pub mod train;

mod date;
mod model;
mod output;
mod pictures;
mod preset;
mod progress;
mod recipe;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::data::corpus::Remarks;

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

/// A flag that Ctrl-C sets; the second Ctrl-C ends the program at once.
fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let set = ctrlc::set_handler(move || {
        // Relaxed: a flag alone; nothing is read after it on the strength of it.
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        output::tell("\nstopping after this batch; press Ctrl-C again to end at once");
    });
    if let Err(error) = set {
        output::tell(&format!("Ctrl-C will end the run at once ({error})"));
    }
    stop
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
