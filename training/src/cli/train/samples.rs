//! What a network plays after each epoch: its answers to the same few phrases, as MIDI files.
//!
//! The phrases are beginnings of validation melodies (of training melodies, where there are no
//! others), the same ones all through a run. Called by the run's [`super::journal`]. Main thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use harmonai_core::model::network::Network;
use harmonai_core::music::note::Note;
use harmonai_core::music::smf::{self, Song};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::{Continuation, Settings};

use crate::cli::model;
use crate::data::corpus::{Corpus, Split};
use crate::evaluate::answer::{self, answer_start, four_bars, reply, tracks};
use crate::evaluate::statistics::excerpt::{Excerpt, choose};
use crate::files::{self, read_bytes};

/// The folder in the run folder.
const FOLDER: &str = "samples";
/// No answer's file is larger.
const LARGEST: u64 = 1 << 20;
/// How many phrases.
const PHRASES: usize = 3;
/// Which phrases, and which answers to them: the same in every run.
const SEED: u64 = 1;

/// The phrases of a run and the files of their answers.
pub struct Samples {
    run: PathBuf,
    pub phrases: Vec<Phrase>,
}

/// The beginning of a melody.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// What the melody is called, and where it comes from.
    pub title: String,
    pub metre: Metre,
    /// From the first bar on.
    pub notes: Vec<Note>,
}

/// A phrase and what a network played after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// As it was heard.
    pub phrase: Vec<Note>,
    /// May be empty: a network that knows little may see an end at once.
    pub answer: Vec<Note>,
}

impl Phrase {
    fn new(excerpt: Excerpt) -> Self {
        let (metre, source, mut phrase) = (excerpt.metre, excerpt.source, excerpt.phrase);
        // A melody that begins late in its piece begins in the first bar of its file.
        let first = phrase.first().map_or(Ticks::ZERO, |note| note.onset);
        let shift = first.floor_to(metre.bar());
        phrase.iter_mut().for_each(|note| note.onset -= shift);
        let title = match excerpt.title.trim() {
            "" => format!("a melody of {source}"),
            title => format!("{title} ({source})"),
        };
        Self {
            title,
            metre,
            notes: phrase,
        }
    }

    /// Where the answer begins.
    pub fn turn(&self) -> Ticks {
        answer_start(&self.notes, self.metre)
    }

    /// Where it is over.
    pub fn end(&self) -> Ticks {
        self.turn() + four_bars(self.metre)
    }
}

impl Samples {
    /// Chooses the phrases of the run in the folder `run`.
    pub fn new(run: &Path, corpus: &Corpus) -> Self {
        let of = |part| choose(&corpus.of(part).collect::<Vec<_>>(), PHRASES, SEED);
        // Of tunes that are not learnt, as long as there are any.
        let mut excerpts = of(Split::Valid);
        excerpts.extend(of(Split::Test));
        excerpts.truncate(PHRASES);
        if excerpts.is_empty() {
            excerpts = of(Split::Train);
        }
        Self {
            run: run.to_owned(),
            phrases: excerpts.into_iter().map(Phrase::new).collect(),
        }
    }

    /// The file of an epoch and a phrase (counted from 0), as a path within the run folder.
    pub fn name(epoch: u32, nth: usize) -> String {
        format!("{FOLDER}/epoch-{epoch:02}-{}.mid", nth + 1)
    }

    /// Takes away what was being written when the program was ended.
    pub fn sweep(&self) {
        files::sweep(&self.run.join(FOLDER));
    }

    /// Whether every answer of an epoch is there.
    pub fn are_there(&self, epoch: u32) -> bool {
        let mut files = (0..self.phrases.len()).map(|nth| self.run.join(Self::name(epoch, nth)));
        files.all(|file| file.is_file())
    }

    /// Lets the network of a checkpoint answer every phrase, as `generate` does with its knobs
    /// as they stand at first.
    pub fn write(&self, epoch: u32, checkpoint: &Path) -> Result<()> {
        if self.phrases.is_empty() {
            return Ok(());
        }
        let folder = self.run.join(FOLDER);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let (checkpoint, _) = model::load(checkpoint)?;
        let mut continuation = Continuation::new(Arc::new(Network::new(checkpoint)));
        for (nth, phrase) in self.phrases.iter().enumerate() {
            let span = phrase.turn()..phrase.end();
            let settings = Settings::default();
            let (heard, metre) = (&phrase.notes, phrase.metre);
            let answer = reply(&mut continuation, heard, metre, span, true, SEED, &settings);
            let song = Song {
                tempo: 120.0,
                metre,
                tracks: tracks(heard.clone(), answer),
            };
            let file = self.run.join(Self::name(epoch, nth));
            files::write_whole(&file, &smf::write(&song))?;
        }
        Ok(())
    }

    /// What the file of an epoch holds, if it is there and whole.
    pub fn read(&self, epoch: u32, nth: usize) -> Option<Played> {
        let bytes = read_bytes(&self.run.join(Self::name(epoch, nth)), LARGEST).ok()?;
        let song = smf::read(&bytes).ok()?;
        let track = |name| {
            let track = song.tracks.iter().find(|track| track.name == name);
            track.map_or_else(Vec::new, |track| track.notes.clone())
        };
        Some(Played {
            phrase: track(answer::PHRASE),
            answer: track(answer::ANSWER),
        })
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::model::checkpoint::Checkpoint;
    use harmonai_core::model::config::{Cell, Config};

    use super::*;

    /// Melodies of 40 quarters that begin in the third bar.
    fn corpus(split: &str) -> Corpus {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tunes.jsonl");
        let line = |k: i64| {
            let notes: Vec<[i64; 3]> = (0..40)
                .map(|i| [216 + i * 24, 60 + (i * i + k) % 11, 24])
                .collect();
            format!(r#"{{"notes":{notes:?},"coll":"x","split":"{split}"}}"#)
        };
        let lines: Vec<String> = (0..5).map(line).collect();
        fs::write(&path, lines.join("\n")).unwrap();
        Corpus::read(&[path]).unwrap()
    }

    #[test]
    fn a_file_holds_phrase_and_answer_at_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path();
        let config = Config::new(Cell::Gru, 1, 8, 4, vec![]).unwrap();
        let checkpoint = run.join("last.safetensors");
        fs::write(&checkpoint, Checkpoint::noise(config, 1).write()).unwrap();
        for split in ["valid", "train"] {
            let samples = Samples::new(run, &corpus(split));
            assert_eq!(samples.phrases.len(), PHRASES);
            assert!(!samples.are_there(1));
            samples.write(1, &checkpoint).unwrap();
            assert!(samples.are_there(1) && !samples.are_there(2));
            let mut notes = 0;
            for (nth, phrase) in samples.phrases.iter().enumerate() {
                // An upbeat of three quarters, four bars and their answer's four.
                assert_eq!(phrase.notes[0].onset, Ticks::new(24));
                let (turn, end) = (phrase.turn(), phrase.end());
                assert_eq!((turn, end), (Ticks::new(5 * 96), Ticks::new(9 * 96)));
                let played = samples.read(1, nth).unwrap();
                let places = |notes: &[Note]| -> Vec<_> {
                    notes.iter().map(|note| (note.onset, note.pitch)).collect()
                };
                assert_eq!(places(&played.phrase), places(&phrase.notes));
                for note in &played.answer {
                    assert!(note.onset >= turn && note.end() <= end, "{note:?}");
                }
                notes += played.answer.len();
                // The same network, the same answer.
                let before = fs::read(run.join(Samples::name(1, nth))).unwrap();
                samples.write(1, &checkpoint).unwrap();
                assert_eq!(before, fs::read(run.join(Samples::name(1, nth))).unwrap());
            }
            assert!(notes > 0);
            fs::remove_dir_all(run.join(FOLDER)).unwrap();
        }
    }
}
