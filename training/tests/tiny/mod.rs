//! Runs of the binary on a little music, in networks so small that an epoch takes a moment.
//!
//! For tests that drive it as a user does.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with some music, and runs in it.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = |k: i64| {
            let notes: Vec<[i64; 3]> = (0..40)
                .map(|i| [i * 12, 55 + (i * i + k * i) % 13, 12])
                .collect();
            let split = if k % 4 == 0 { "valid" } else { "train" };
            format!(r#"{{"notes":{notes:?},"coll":"x","title":"tune {k}","split":"{split}"}}"#)
        };
        let lines: Vec<String> = (0..16).map(line).collect();
        fs::write(folder.path().join("tunes.jsonl"), lines.join("\n")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The arguments of a run in a folder of this bench.
    pub fn arguments(&self, name: &str, epochs: u32) -> Vec<String> {
        let words = format!(
            "train --cell gru --layers 1 --hidden 8 --embedding 4 --batch 4 --seq-len 16 \
             --epochs {epochs} --average 3 --device cpu"
        );
        let mut words: Vec<String> = words.split(' ').map(Into::into).collect();
        for (flag, path) in [("--data", "tunes.jsonl"), ("--out", name)] {
            words.extend([flag.to_owned(), self.path(path).display().to_string()]);
        }
        words
    }

    /// The same, to go on with the run if it has begun.
    pub fn going_on(&self, name: &str, epochs: u32) -> Vec<String> {
        let mut arguments = self.arguments(name, epochs);
        if self.path(name).join("run.json").exists() {
            arguments.push("--resume".into());
        }
        arguments
    }

    /// Lets a run come to its end.
    pub fn run(&self, arguments: &[String]) -> Output {
        command(arguments).output().unwrap()
    }

    pub fn resume(&self, name: &str) -> Output {
        let out = self.path(name).display().to_string();
        self.run(&["train", "--resume", "--out", &out].map(str::to_owned))
    }

    /// The checkpoints of a run.
    pub fn checkpoints(&self, name: &str) -> [Vec<u8>; 2] {
        ["best.safetensors", "last.safetensors"].map(|file| {
            let path = self.path(name).join(file);
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
    }
}

/// The trainer.
pub fn command<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_training"));
    command.args(arguments);
    command
}

pub fn succeeded(output: &Output) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

/// The error of a run that ended with exit code 1.
pub fn failed(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    let error = error.lines().last().unwrap_or_default().to_owned();
    assert!(error.starts_with("error: "), "{error}");
    error
}
