//! Text on standard output and standard error, and how numbers, paths and errors are written in it.
//!
//! Called by the commands. Main thread.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::HumanCount;

use crate::data::corpus::Remarks;
use crate::files;

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

/// Tells on standard error what was left out: for each reason, or one by one.
pub fn tell_remarks(remarks: &Remarks, verbose: bool) {
    let text = match verbose {
        true => remarks.full() + &remarks.counted(),
        false => remarks.summary(),
    };
    if !text.is_empty() {
        tell(&text);
    }
}

/// An error with its causes, in one sentence without a full stop. What the system says is told
/// without the system's own number for it.
pub fn sentence(error: &anyhow::Error) -> String {
    let causes = error.chain().map(|cause| match cause.downcast_ref() {
        Some(error) => files::cause(error),
        None => cause.to_string(),
    });
    causes.collect::<Vec<_>>().join(": ")
}

/// A number with its thousands apart.
pub fn count(number: usize) -> String {
    HumanCount(number as u64).to_string()
}

/// A number of melodies.
pub fn melodies(number: usize) -> String {
    match number {
        1 => "1 melody".into(),
        number => format!("{} melodies", count(number)),
    }
}

/// Paths for a message.
pub fn list(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| path.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// The last part of a path.
pub fn last_part(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let name = absolute.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A word of a command, as a shell reads it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.+,=@%/".contains(c);
    if word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_sentence_without_the_systems_number() {
        let missing = std::fs::read("/no/such/file").context("model x");
        let text = sentence(&missing.unwrap_err());
        assert!(text.starts_with("model x: "), "{text}");
        assert!(!text.contains("os error"), "{text}");
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(
            quoted("my-model/best.safetensors"),
            "my-model/best.safetensors"
        );
        assert_eq!(quoted("my model"), "'my model'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
