//! Seed phrases: tunes typed as text, checked bar by bar and turned into songs.
//!
//! Called by `cargo xtask seeds`. The format is described in `plugin-assets/README.md`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::smf::{Song, Track};
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT, Ticks};

/// Reads all `.txt` files of a folder, in the order of their names: each file's stem and song.
pub fn compile(dir: &Path) -> Result<Vec<(String, Song)>> {
    let paths = || {
        let entries = std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path()));
        entries.collect::<std::io::Result<Vec<_>>>()
    };
    let mut paths = paths().with_context(|| format!("cannot list {}", dir.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    ensure!(!paths.is_empty(), "no seed (.txt) in {}", dir.display());
    paths.sort();
    let compile_one = |path: &PathBuf| {
        let song = || parse(&std::fs::read_to_string(path)?);
        let song = song().with_context(|| format!("in {}", path.display()))?;
        let stem = path.file_stem().unwrap_or_default();
        anyhow::Ok((stem.to_string_lossy().into_owned(), song))
    };
    paths.iter().map(compile_one).collect()
}

/// The tonic's pitch class, and the scale above it. Most typing errors are notes outside the key.
#[derive(Debug)]
struct Key {
    tonic: u8,
    scale: &'static [u8],
}

impl Key {
    fn parse(text: &str) -> Result<Self> {
        let (tonic, mode) = text.split_once(' ').context("a key is a note and a mode")?;
        let scale: &[u8] = match mode {
            "major" => &[0, 2, 4, 5, 7, 9, 11],
            // Sixth and seventh, natural or raised.
            "minor" => &[0, 2, 3, 5, 7, 8, 9, 10, 11],
            "dorian" => &[0, 2, 3, 5, 7, 9, 10],
            _ => bail!("no mode '{mode}'; there are major, minor and dorian"),
        };
        Ok(Self {
            tonic: pitch(&format!("{tonic}4"))?.get() % 12,
            scale,
        })
    }

    fn holds(&self, pitch: Pitch) -> bool {
        self.scale.contains(&((pitch.get() + 12 - self.tonic) % 12))
    }
}

fn parse(text: &str) -> Result<Song> {
    let mut heads: Vec<(&str, &str)> = Vec::new();
    let mut body: Vec<(usize, &str)> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        // Notes have a colon too, but no space after it.
        match line.split_once(": ").filter(|_| body.is_empty()) {
            Some((name, value)) => heads.push((name, value.trim())),
            None => body.extend(line.split_whitespace().map(|token| (i + 1, token))),
        }
    }
    let mut take = |name: &str| {
        let at = heads.iter().position(|(head, _)| *head == name);
        at.map(|at| heads.remove(at).1)
            .with_context(|| format!("'{name}:' is missing"))
    };
    let title = take("title")?.to_owned();
    take("source")?;
    let key = Key::parse(take("key")?)?;
    let metre = take("metre")?;
    let metre = Metre::parse(metre).with_context(|| format!("'{metre}' is no metre"))?;
    let tempo = take("tempo")?.parse().ok();
    let tempo = tempo.filter(|bpm| (20.0..=400.0).contains(bpm));
    let tempo = tempo.context("a tempo is 20 to 400 quarter notes a minute")?;
    let upbeat = length(take("upbeat")?)?;
    ensure!(upbeat < metre.bar(), "an upbeat is shorter than a bar");
    if let Some((name, _)) = heads.first() {
        bail!("'{name}:' is unknown, or there twice");
    }
    let track = Track {
        name: title,
        channel: 0,
        notes: bars(&body, metre, upbeat, &key)?,
    };
    Ok(Song {
        tempo,
        metre,
        tracks: vec![track],
    })
}

/// The notes, from the first bar line (or a bar less the upbeat) on.
fn bars(tokens: &[(usize, &str)], metre: Metre, upbeat: Ticks, key: &Key) -> Result<Vec<Note>> {
    let mut notes: Vec<Note> = Vec::new();
    // Bars count from 1; an upbeat is bar 0.
    let (mut bar, start) = match upbeat {
        Ticks::ZERO => (1, Ticks::ZERO),
        _ => (0, metre.bar() - upbeat),
    };
    let (mut at, mut bar_at) = (start, start);
    for &(line, token) in tokens {
        if token == "|" {
            let (found, expected) = (at - bar_at, if bar == 0 { upbeat } else { metre.bar() });
            let beats = |ticks: Ticks| ticks.beats().get();
            ensure!(
                found == expected,
                "line {line}: bar {bar} is {} quarters long instead of {}",
                beats(found),
                beats(expected)
            );
            bar_at = at;
            bar += 1;
            continue;
        }
        let place = || format!("line {line}, bar {bar}, '{token}'");
        let (name, duration) = token
            .split_once(':')
            .with_context(|| format!("{}: a note is written like C4:1, a bar line |", place()))?;
        let duration = length(duration).with_context(place)?;
        ensure!(duration > Ticks::ZERO, "{}: it has no length", place());
        match name {
            "r" => {}
            "-" => {
                let held = notes.last_mut().filter(|note| note.end() == at);
                held.with_context(|| format!("{}: there is no note to hold", place()))?
                    .duration += duration;
            }
            _ => {
                let pitch = pitch(name).with_context(place)?;
                ensure!(key.holds(pitch), "{}: it is not in the key", place());
                notes.push(Note {
                    onset: at,
                    duration,
                    pitch,
                    velocity: None,
                });
            }
        }
        at += duration;
    }
    ensure!(at == bar_at, "the last bar does not end with |");
    ensure!(!notes.is_empty(), "there are no notes");
    Ok(notes)
}

/// Quarter notes as `1`, `0.75` or `1/3`, which must fall on the grid.
fn length(text: &str) -> Result<Ticks> {
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| (0.0..=64.0).contains(n))
    };
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let denominator = number(denominator).filter(|n| *n > 0.0);
    let fraction = number(numerator).zip(denominator);
    let (numerator, denominator) =
        fraction.with_context(|| format!("'{text}' is no length in quarter notes"))?;
    let ticks = numerator * TICKS_PER_BEAT as f64 / denominator;
    let off = (ticks - ticks.round()).abs();
    ensure!(off < 1e-9, "'{text}' is no multiple of 1/{TICKS_PER_BEAT}");
    Ok(Ticks::new(ticks.round() as i64))
}

fn pitch(text: &str) -> Result<Pitch> {
    Pitch::named(text).with_context(|| format!("'{text}' is no note such as C4, F#4 or Bb4"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds_dir() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugin-assets/seeds")
    }

    fn seeds() -> Vec<Song> {
        let songs = compile(&seeds_dir()).expect("all seeds are whole");
        songs.into_iter().map(|(_, song)| song).collect()
    }

    #[test]
    fn there_are_seeds_of_all_sorts() {
        let seeds = seeds();
        let count = |sort: &dyn Fn(&Song) -> bool| seeds.iter().filter(|seed| sort(seed)).count();
        assert!(seeds.len() >= 12, "{}", seeds.len());
        for metre in ["4/4", "3/4", "6/8"] {
            let metre = Metre::parse(metre).unwrap();
            assert!(count(&|seed| seed.metre == metre) >= 2, "{metre}");
        }
    }

    #[test]
    fn there_are_minor_seeds() {
        let minor = |path: std::path::PathBuf| {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains(" minor\n"))
        };
        let files = std::fs::read_dir(seeds_dir()).unwrap();
        let count = files
            .filter(|entry| minor(entry.as_ref().unwrap().path()))
            .count();
        assert!(count >= 2, "{count}");
    }

    #[test]
    fn every_seed_is_a_singable_phrase_of_two_to_eight_bars() {
        for seed in seeds() {
            let Track {
                name: title, notes, ..
            } = &seed.tracks[0];
            let melody = harmonai_core::music::melody::Melody::new(
                title.clone(),
                None,
                seed.metre,
                notes.clone(),
            );
            assert!(melody.is_ok(), "{title}: {melody:?}");
            let end = notes.last().unwrap().end();
            let bars = end.ceil_to(seed.metre.bar()).get() / seed.metre.bar().get();
            assert!((2..=9).contains(&bars), "{title}: {bars} bars");
            for pair in notes.windows(2) {
                let leap = pair[0].pitch.get().abs_diff(pair[1].pitch.get());
                assert!(
                    leap <= 12,
                    "{title}: a leap of {leap} at {:?}",
                    pair[1].onset
                );
                assert!(pair[0].end() <= pair[1].onset, "{title}: overlap");
            }
            let keys = notes.iter().map(|note| note.pitch.get());
            let (low, high) = (keys.clone().min().unwrap(), keys.max().unwrap());
            assert!(
                low >= 60 && high <= 79,
                "{title}: {low} to {high} is not for a voice"
            );
        }
    }

    const HEAD: &str = "title: T\nsource: S\nkey: C major\nmetre: 3/4\ntempo: 90\nupbeat: 1\n\n";

    /// The error of a tune with this body, or `ok`.
    fn check(body: &str, expect: &str) {
        let found = match parse(&format!("{HEAD}{body}")) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        assert!(found.contains(expect), "{body}: {found}");
    }

    #[test]
    fn notes_fall_where_they_are_written() {
        let seed = parse(&format!(
            "{HEAD}; remark\nG4:1 | C5:2 B4:1/3 r:2/3 |\nG4:3 | -:1.5 r:1.5 |"
        ));
        let found: Vec<_> = seed.unwrap().tracks[0]
            .notes
            .iter()
            .map(|note| {
                (
                    note.onset.get(),
                    note.duration.get(),
                    note.pitch.to_string(),
                )
            })
            .collect();
        let note = |onset, duration, name: &str| (onset, duration, name.to_owned());
        assert_eq!(
            found,
            [
                note(48, 24, "G4"),
                note(72, 48, "C5"),
                note(120, 8, "B4"),
                note(144, 108, "G4")
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        check("G4:1 | C5:2 B4:1 |", "ok");
        check(
            "G4:1 | C5:2 B4:0.5 |",
            "line 8: bar 1 is 2.5 quarters long instead of 3",
        );
        check(
            "G4:2 | C5:2 B4:1 |",
            "bar 0 is 2 quarters long instead of 1",
        );
        check("G4:1 | C5:2 B4:1", "does not end with |");
        check("G4:1 | C5:2 F#4:1 |", "'F#4:1': it is not in the key");
        check("G4:1 | H5:2 B4:1 |", "bar 1, 'H5:2': 'H5' is no note");
        check("G4:1 | C5:2 B4 |", "a note is written like");
        check("G4:1 | C5:2 B4:0.01 |", "no multiple of 1/24");
        check("G4:1 | C5:2 B4:0 |", "no length");
        check("r:1 | -:3 |", "no note to hold");
        check("r:1 | r:3 |", "no notes");
        check("", "no notes");
        for (name, from, to) in [
            ("missing", "title: T\n", ""),
            (
                "unknown, or there twice",
                "title: T\n",
                "title: T\ntitle: U\n",
            ),
            ("no metre", "3/4", "3/5"),
            ("20 to 400", "tempo: 90", "tempo: fast"),
            ("shorter than a bar", "upbeat: 1", "upbeat: 3"),
            ("no mode", "major", "lydian"),
        ] {
            let text = HEAD.replace(from, to) + "G4:1 | C5:2 B4:1 |";
            let error = format!("{:#}", parse(&text).unwrap_err());
            assert!(error.contains(name), "{error}");
        }
    }
}
