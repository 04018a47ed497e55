//! Some two hundred broken files, made out of whole ones by a seed: each is read or named with a
//! reason, and none ends the reading.
//!
//! A test alone. `BROKEN_SEED=7 cargo test -p training broken` makes others.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::Corpus;
use super::formats::Format;
use super::reading::{MusicFile, Reading};

/// The ways to break a file: most of them several times, by other throws of the dice.
const WAYS: usize = 33;
const BOOK: &[u8] = include_bytes!("../../../tests/fixtures/music/book.abc");
const WALTZ: &[u8] = include_bytes!("../../../tests/fixtures/music/waltz.musicxml");
/// On the slowest machine no reading takes that long, unless it is caught in a loop.
const HANG: Duration = Duration::from_secs(300);

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
struct Dice(Pcg64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit.max(1))
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

/// For so many kinds of files each with each of the ways: kind and way.
fn plan(kinds: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..WAYS).flat_map(move |way| (0..kinds).map(move |kind| (kind, way)))
}

/// Writes all files; what they are called.
fn make(folder: &Path, seed: u64) -> Vec<PathBuf> {
    let whole = whole();
    let mut dice = Dice(Pcg64::seed_from_u64(seed));
    let mut paths = Vec::new();
    for (number, (kind, way)) in plan(whole.len()).enumerate() {
        let (ending, bytes) = &whole[kind];
        let path = folder.join(format!("{number:03}.{ending}"));
        let other = &whole[(kind + 1) % whole.len()].1;
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
            32 => {
                fs::write(&path, bytes).unwrap();
                forbid(&path);
            }
            _ => unreachable!("way {way} of {WAYS}"),
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
    let file = MusicFile {
        path: path.into(),
        style: None,
        group: "broken".into(),
    };
    (Format::of(path).unwrap().read)(&file)
}

#[test]
fn every_kind_is_broken_in_every_way() {
    for kinds in 1..10 {
        let planned: HashSet<_> = plan(kinds).collect();
        let all = (0..kinds).flat_map(|kind| (0..WAYS).map(move |way| (kind, way)));
        assert_eq!(planned, all.collect(), "{kinds} kinds");
    }
}

/// Reads a file; fails where that never ends.
fn read_in_time(path: &Path) -> Reading {
    let (send, done) = channel();
    let file = path.to_path_buf();
    std::thread::spawn(move || send.send(read(&file)));
    done.recv_timeout(HANG)
        .unwrap_or_else(|_| panic!("{}: its reading does not end", path.display()))
}

#[test]
fn each_of_two_hundred_broken_files_is_read_or_named_with_a_reason() {
    let seed = std::env::var("BROKEN_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let folder = tempfile::tempdir().unwrap();
    let paths = make(folder.path(), seed);
    let mut named = 0;
    for path in paths.iter().filter(|path| path.is_file()) {
        let reading = read_in_time(path);
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
