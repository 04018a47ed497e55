//! What the tests run the binary with: calls, songs, a small corpus, a model of noise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_training");

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(args);
    command
}

/// Runs the binary and expects it to succeed; gives its standard output.
pub fn run(args: &[&str]) -> String {
    succeed(&mut command(args))
}

pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command:?}\n{text}\n{errors}");
    text
}

/// Runs the binary and expects one error that has all the `fragments`.
pub fn fails(args: &[&str], fragments: &[&str]) {
    let output = command(args).output().unwrap();
    is_error(&output, fragments);
}

pub fn is_error(output: &Output, fragments: &[&str]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "",
        "nothing but errors"
    );
    assert_eq!(errors.matches("error:").count(), 1, "{errors}");
    for word in ["panicked", "backtrace", "a fault in this program"] {
        assert!(!errors.contains(word), "{errors}");
    }
    for fragment in fragments {
        assert!(
            errors.contains(fragment),
            "`{fragment}` is not in: {errors}"
        );
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub fn note(onset: i64, duration: i64, key: i64) -> Note {
    Note {
        onset: Ticks::new(onset),
        duration: Ticks::new(duration),
        pitch: Pitch::clamped(key),
        velocity: Some(Velocity::clamped(70 + onset / 12 % 4 * 8)),
    }
}

pub fn track(name: &str, channel: u8, notes: Vec<Note>) -> Track {
    Track {
        name: name.into(),
        channel,
        notes,
    }
}

/// A tune of 32 eighths that wanders about a scale, the same for the same seed.
pub fn tune(seed: u64) -> Vec<Note> {
    let scale = [0, 2, 4, 5, 7, 9, 11, 12];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut step = 4i64;
    let eighths = (0..32).map(|i| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        step = (step + (state >> 33) as i64 % 3 - 1).clamp(0, 7);
        note(i * 12, 12, 60 + scale[step as usize])
    });
    eighths.collect()
}

pub fn song(tracks: Vec<Track>) -> Vec<u8> {
    smf::write(&Song {
        tempo: 100.0,
        metre: Metre::COMMON,
        tracks,
    })
}

/// A folder with two styles of six songs each, and files that give no melody.
pub fn corpus() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (style, seeds) in [("reels", 0..6), ("jigs", 6..12)] {
        let inside = folder.path().join(style);
        fs::create_dir(&inside).unwrap();
        for seed in seeds {
            let chords = (0..8).flat_map(|i| [0, 4, 7].map(|third| note(i * 48, 48, 48 + third)));
            let drums = (0..64).map(|i| note(i * 6, 3, 42 + i % 2)).collect();
            let tracks = vec![
                track("Lead", 0, tune(seed)),
                track("Pad", 1, chords.collect()),
                track("Kit", 9, drums),
            ];
            fs::write(inside.join(format!("{seed}.mid")), song(tracks)).unwrap();
        }
    }
    fs::write(folder.path().join("broken.mid"), b"MThd").unwrap();
    fs::write(folder.path().join("cover.jpg"), b"").unwrap();
    folder
}

/// A model of noise, as a file.
pub fn model(folder: &Path) -> PathBuf {
    let config = Config::new(Cell::Gru, 1, 16, 8, vec!["reels".into()]).unwrap();
    let mut checkpoint = Checkpoint::noise(config, 3);
    checkpoint.header.card.name = "Noise".into();
    let path = folder.join("noise.safetensors");
    fs::write(&path, checkpoint.write()).unwrap();
    path
}

pub fn phrase(folder: &Path) -> PathBuf {
    let path = folder.join("phrase.mid");
    fs::write(&path, song(vec![track("Lead", 0, tune(99)[..16].to_vec())])).unwrap();
    path
}

pub const TINY: [&str; 12] = [
    "--layers",
    "1",
    "--hidden",
    "16",
    "--embedding",
    "8",
    "--seq-len",
    "16",
    "--batch",
    "4",
    "--device",
    "cpu",
];
