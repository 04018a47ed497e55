//! Two hundred broken files, made out of whole ones by a seed: each is read or named with a
//! reason, and none ends the reading.
//!
//! A test alone. `BROKEN_SEED=7 cargo test -p training broken` makes others.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};

use super::files::MusicFile;
use super::{Corpus, Kind, Reading, abc, jsonl, midi, score};
use crate::nn::noise::Noise;

const FILES: usize = 200;
const BOOK: &[u8] = include_bytes!("../../../tests/fixtures/music/book.abc");
const WALTZ: &[u8] = include_bytes!("../../../tests/fixtures/music/waltz.musicxml");
/// Longer, in a build without optimisation too, is no reading but a loop.
const PATIENCE: Duration = Duration::from_secs(20);

/// One file of each kind, by its ending.
fn whole() -> Vec<(&'static str, Vec<u8>)> {
    let note = |i: i64| Note {
        onset: Ticks::new(i * 12),
        duration: Ticks::new(12),
        pitch: Pitch::clamped(60 + i * 7 % 12),
        velocity: None,
    };
    let track = |name: &str, channel| Track {
        name: name.into(),
        channel,
        notes: (0..24).map(note).collect(),
    };
    let song = Song {
        tempo: 120.0,
        metre: Metre::COMMON,
        tracks: vec![track("Lead", 0), track("Alto", 1), track("Kit", 9)],
    };
    let line = r#"{"notes":[[0,60,12],[12,62,12],[24,64,24]],"metre":"3/4","title":"T","tpq":24}"#;
    let lines = format!("{line}\n").repeat(8).into_bytes();
    let packed = zstd::encode_all(&lines[..], 1).unwrap();
    vec![
        ("mid", smf::write(&song)),
        ("abc", BOOK.to_vec()),
        ("musicxml", WALTZ.to_vec()),
        ("mxl", zipped(WALTZ)),
        ("jsonl", lines),
        ("jsonl.zst", packed),
    ]
}

fn zipped(score: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("score.xml", options).unwrap();
    zip.write_all(score).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Numbers below a limit, one after the other.
struct Dice {
    noise: Noise,
    thrown: u64,
}

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.thrown += 1;
        self.noise.below(self.thrown, limit.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }
}

/// Breaks bytes in one of many ways.
fn broken(mut bytes: Vec<u8>, way: usize, dice: &mut Dice) -> Vec<u8> {
    let length = bytes.len();
    match way {
        // Some bytes are others.
        0 => {
            for _ in 0..1 + dice.below(12) {
                let at = dice.below(length);
                bytes[at] = dice.byte();
            }
        }
        // Cut off.
        1 => bytes.truncate(dice.below(length)),
        // Two stretches change places.
        2 => {
            let size = 1 + dice.below(length / 4);
            let (one, other) = (dice.below(length - size), dice.below(length - size));
            for i in 0..size {
                bytes.swap(one + i, other + i);
            }
        }
        // A stretch is missing, or there again and again.
        3 => {
            let at = dice.below(length);
            bytes.drain(at..(at + 1 + dice.below(64)).min(length));
        }
        4 => {
            let at = dice.below(length);
            let again = bytes[at..(at + 40).min(length)].repeat(50);
            bytes.splice(at..at, again);
        }
        // Rubbish in between.
        5 => {
            let at = dice.below(length);
            let rubbish: Vec<u8> = (0..dice.below(400)).map(|_| dice.byte()).collect();
            bytes.splice(at..at, rubbish);
        }
        // Lengths that lie: four bytes of any number.
        6 => {
            let at = dice.below(length.saturating_sub(4));
            let lie = [0u32, 1, 0x7FFF_FFFF, 0xFFFF_FFFF][dice.below(4)];
            bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
        }
        // Numbers that are too large, negative or none.
        7 => {
            let place = bytes
                .iter()
                .skip(dice.below(length))
                .position(u8::is_ascii_digit);
            let at = place.unwrap_or(0);
            let numbers = ["NaN", "-1", "1e999", "inf", "99999999999999999999", "0"];
            bytes.splice(at..at + 1, numbers[dice.below(6)].bytes());
        }
        // Closing signs are missing.
        8 => {
            let close = [b'>', b']', b'}', b'"', b'/'][dice.below(5)];
            let keep = dice.below(3) + 1;
            let mut met = 0;
            bytes.retain(|byte| {
                met += usize::from(*byte == close);
                *byte != close || met % (keep + 1) != 0
            });
        }
        // Nested without end.
        9 => {
            let sign = [&b"<a>"[..], b"[", b"{\"a\":", b"(3", b"|:", b"[K:"][dice.below(6)];
            let at = dice.below(length);
            bytes.splice(at..at, sign.repeat(20_000));
        }
        _ => bytes.clear(),
    }
    bytes
}

/// Writes all files; what they are called.
fn make(folder: &Path, seed: u64) -> Vec<PathBuf> {
    let whole = whole();
    let mut dice = Dice {
        noise: Noise::new(seed, 0),
        thrown: 0,
    };
    let mut paths = Vec::new();
    for number in 0..FILES {
        let (ending, bytes) = &whole[number % whole.len()];
        let way = number / whole.len();
        let path = folder.join(format!("{number:03}.{ending}"));
        let other = &whole[(number + 1) % whole.len()].1;
        match way {
            0..=27 => fs::write(&path, broken(bytes.clone(), way % 10, &mut dice)).unwrap(),
            // Small files that unpack to more than anything should.
            28 => {
                let bomb = vec![b'\n'; (64 << 20) + 1];
                let bomb = match *ending {
                    "mxl" => zipped(&bomb),
                    "jsonl.zst" => zstd::encode_all(&bomb[..], 1).unwrap(),
                    _ => bytes.repeat(100),
                };
                fs::write(&path, bomb).unwrap();
            }
            29 => fs::write(&path, "").unwrap(),
            // The ending of another kind.
            30 => fs::write(&path, other).unwrap(),
            31 => fs::create_dir(&path).unwrap(),
            _ => {
                fs::write(&path, bytes).unwrap();
                forbid(&path);
            }
        }
        paths.push(path);
    }
    paths
}

#[cfg(unix)]
fn forbid(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
}

#[cfg(not(unix))]
fn forbid(_: &Path) {}

fn read(path: &Path) -> Reading {
    let kind = Kind::of(path).unwrap();
    let file = MusicFile {
        path: path.into(),
        kind,
        style: None,
        group: "broken".into(),
    };
    match kind {
        Kind::Midi => midi::read(&file),
        Kind::Abc => abc::read(&file),
        Kind::Score { compressed } => score::read(&file, compressed),
        Kind::Melodies { compressed } => jsonl::read(&file, compressed),
    }
}

#[test]
fn each_of_two_hundred_broken_files_is_read_or_named_with_a_reason() {
    let seed = std::env::var("BROKEN_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let folder = tempfile::tempdir().unwrap();
    let paths = make(folder.path(), seed);
    let mut named = 0;
    for path in paths.iter().filter(|path| path.is_file()) {
        let start = Instant::now();
        let reading = read(path);
        let took = start.elapsed();
        assert!(
            took < PATIENCE,
            "seed {seed}: {} took {took:?}",
            path.display()
        );
        let told = reading.remarks.iter().all(|remark| remark.file == *path);
        let some = !reading.pieces.is_empty() || !reading.remarks.is_empty();
        assert!(told && some, "seed {seed}: {}", path.display());
        named += usize::from(reading.pieces.is_empty());
        for piece in &reading.pieces {
            let notes = piece.melody.notes();
            let end = notes[notes.len() - 1].end().get();
            assert!(
                (0..=9_000_000).contains(&end),
                "seed {seed}: {}",
                path.display()
            );
        }
    }
    // Not all of them are so broken that nothing is left, nor so whole that nothing is said.
    assert!((30..180).contains(&named), "{named} files gave nothing");
    // And all in one go: what gave no melody is named.
    let corpus = Corpus::read(&[folder.path().into()]).unwrap();
    let files: HashSet<&Path> = corpus
        .remarks
        .list
        .iter()
        .map(|r| r.file.as_path())
        .collect();
    assert!(files.len() >= named);
    assert_eq!(corpus.remarks.without_melody, named);
}
