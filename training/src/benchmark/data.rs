//! The melodies of a prediction benchmark: a JSON Lines file, read strictly.
//!
//! Unlike the corpus reader, which leaves out what it cannot use, this one refuses: a measurement
//! over another set of notes than the file's would be no measurement. Called by the `benchmark`
//! command. Main thread.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT};
use serde::Deserialize;

/// No time in a melody is further from 0, in 24ths of a quarter: a year at 120 beats a minute.
const LONGEST_TIME: i64 = 1 << 31;

/// A note of a melody, in 24ths of a quarter note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it begins.
    pub onset: i64,
    /// Its MIDI key.
    pub pitch: u8,
    /// How long it sounds.
    pub duration: i64,
}

/// A melody, where its bar lines fall, and the fold that it is tested in.
#[derive(Clone, Debug)]
pub struct Melody {
    /// Which part of the set it belongs to in cross-validation.
    pub fold: u32,
    /// By onset; never empty.
    pub notes: Vec<Note>,
    /// Its (first) time signature, where it has one.
    pub metre: Option<Metre>,
    /// A bar line falls here, and at every bar from here on.
    pub bar_line: i64,
}

#[cfg(test)]
impl Melody {
    /// Of quarters on these keys, one after the other, without bars.
    pub fn of_quarters(keys: &[u8]) -> Self {
        let notes = (0..).zip(keys).map(|(i, pitch)| Note {
            onset: i * 24,
            pitch: *pitch,
            duration: 24,
        });
        Self {
            fold: 0,
            notes: notes.collect(),
            metre: None,
            bar_line: 0,
        }
    }
}

/// One set: melodies that are learnt from and tested on together.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its name in the file.
    pub name: String,
    /// In the file's order.
    pub melodies: Vec<Melody>,
}

impl Set {
    /// The folds that its melodies belong to, in order.
    pub fn folds(&self) -> Vec<u32> {
        let folds: BTreeSet<u32> = self.melodies.iter().map(|melody| melody.fold).collect();
        folds.into_iter().collect()
    }

    /// The pitches that occur in it, in order: the alphabet of its predictions.
    pub fn alphabet(&self) -> Vec<u8> {
        let notes = self.melodies.iter().flat_map(|melody| &melody.notes);
        let pitches: BTreeSet<u8> = notes.map(|note| note.pitch).collect();
        pitches.into_iter().collect()
    }

    /// How many notes it has.
    pub fn notes(&self) -> usize {
        self.melodies.iter().map(|melody| melody.notes.len()).sum()
    }
}

/// A line of the file. What is not named here is not looked at, the key signature among it.
#[derive(Deserialize)]
struct Line {
    set: Option<String>,
    fold: Option<u32>,
    tpq: Option<i64>,
    notes: Option<Vec<(i64, i64, i64)>>,
    metre: Option<String>,
    anacrusis: Option<i64>,
}

/// The sets of a file in the order of their first melodies; of `only` these, where any are named.
pub fn read(path: &Path, only: &[String]) -> Result<Vec<Set>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        let path = path.display();
        format!("{path} cannot be read as text; this command takes plain .jsonl")
    })?;
    let mut sets: Vec<Set> = Vec::new();
    for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{}, line {}", path.display(), i + 1);
        let (name, melody) = parse(line).with_context(place)?;
        match sets.iter_mut().find(|set| set.name == name) {
            Some(set) => set.melodies.push(melody),
            None => sets.push(Set {
                name,
                melodies: vec![melody],
            }),
        }
    }
    ensure!(
        !sets.is_empty(),
        "{} holds no melody; it should have one JSON object a line, with `set`, `fold` and `notes`",
        path.display()
    );
    let names: Vec<&str> = sets.iter().map(|set| set.name.as_str()).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!(
            "{} has no set `{unknown}`; it has {}",
            path.display(),
            names.join(", ")
        );
    }
    sets.retain(|set| only.is_empty() || only.contains(&set.name));
    for set in &sets {
        check_folds(set).with_context(|| path.display().to_string())?;
    }
    Ok(sets)
}

fn check_folds(set: &Set) -> Result<()> {
    let mut notes: BTreeMap<u32, usize> = BTreeMap::new();
    for melody in &set.melodies {
        *notes.entry(melody.fold).or_default() += melody.notes.len();
    }
    ensure!(
        notes.len() >= 2,
        "set `{}`: all melodies are of fold {:?}; cross-validation needs 2 folds or more, one to \
         test on and the others to learn from",
        set.name,
        notes.keys().collect::<Vec<_>>()
    );
    Ok(())
}

fn parse(line: &str) -> Result<(String, Melody)> {
    let line: Line = serde_json::from_str(line)
        .context("this is no melody; a line is a JSON object with `set`, `fold` and `notes`")?;
    let set = line.set.filter(|name| !name.is_empty());
    let set = set.context("there is no `set`; name the set that the melody belongs to")?;
    let fold = line
        .fold
        .context("there is no `fold`; give the number (from 0) of the part it is tested in")?;
    let tpq = line.tpq.unwrap_or(TICKS_PER_BEAT);
    ensure!(
        (1..=100_000).contains(&tpq),
        "`tpq` {tpq} is not between 1 and 100000"
    );
    // Other grids are rounded to ours, halves up.
    let time = |time: i64| {
        let limits = -LONGEST_TIME * tpq / TICKS_PER_BEAT..=LONGEST_TIME * tpq / TICKS_PER_BEAT;
        limits
            .contains(&time)
            .then(|| (2 * time * TICKS_PER_BEAT + tpq).div_euclid(2 * tpq))
    };
    let given = line.notes.unwrap_or_default();
    ensure!(!given.is_empty(), "there are no `notes`");
    let mut notes = Vec::with_capacity(given.len());
    for (i, (onset, key, duration)) in given.into_iter().enumerate() {
        let pitch = u8::try_from(key).ok().filter(|key| *key < 128);
        notes.push(Note {
            onset: time(onset).with_context(|| format!("notes[{i}]: onset {onset}"))?,
            pitch: pitch.with_context(|| format!("notes[{i}]: pitch {key} is not 0 to 127"))?,
            duration: time(duration)
                .filter(|duration| *duration >= 0)
                .with_context(|| format!("notes[{i}]: duration {duration}"))?,
        });
    }
    ensure!(
        notes.is_sorted_by_key(|note| note.onset),
        "the notes are not in the order of their onsets"
    );
    let metre = match line.metre.as_deref() {
        None => None,
        Some(text) => Some(Metre::parse(text).with_context(|| format!("metre `{text}` is none"))?),
    };
    let anacrusis = line.anacrusis.unwrap_or(0);
    let bar_line = time(anacrusis).with_context(|| format!("anacrusis {anacrusis}"))?;
    let melody = Melody {
        fold,
        notes,
        metre,
        bar_line,
    };
    Ok((set, melody))
}
