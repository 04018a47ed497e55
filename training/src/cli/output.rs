//! Text on standard output and standard error.
//!
//! Called by the commands. Main thread.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Prints to standard output. A reader who has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output cannot be written"),
    }
}

/// Prints lines to standard error. That nobody reads there is no reason to fail.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Prints one JSON object, and a line end.
pub fn print_json(object: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(object).context("the figures make no JSON")?;
    print(&format!("{text}\n"))
}
