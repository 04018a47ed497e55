//! The last answers: to be heard again, starred, saved as MIDI files.
//!
//! The worker writes down what it plays, the window reads and stars, and a [`Command`] tells the
//! audio thread to play one again. Starred answers are a persisted field of the parameters
//! (`#[persist = "history"]`) and stay as long as there is another one to fall out.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use harmonai_core::music::note::Note;
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::phrase::Phrase;
use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};

use super::files::{write_new, write_over};
use crate::link::commands::{Command, CommandSender};
use crate::link::sync::lock;

pub const KEPT: usize = 32;
/// Notes that are written down of an answer without end.
const NOTES: usize = 4096;

#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Tells answers apart while the plug-in is loaded.
    pub id: u32,
    /// It stays.
    pub starred: bool,
    /// What a project keeps of it.
    pub take: Take,
}

/// The music of an answer and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Take {
    pub model: String,
    /// Where it began, in ticks.
    start: i64,
    /// Its notes, and where the last one ends.
    pub music: Phrase,
}

/// Holds the answers. Clones share them.
#[derive(Clone, Default)]
pub struct History(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Oldest first.
    answers: Mutex<Answers>,
    commands: CommandSender,
    /// How often something has become another.
    changes: AtomicU64,
}

#[derive(Default)]
struct Answers {
    next: u32,
    all: VecDeque<Answer>,
}

impl Take {
    /// An answer that began at `start`, with its first note.
    pub fn new(model: &str, metre: Metre, start: Ticks, note: Note) -> Option<Self> {
        Some(Self {
            model: model.to_owned(),
            start: start.get(),
            music: Phrase::new(metre, vec![note], note.end()).ok()?,
        })
    }

    pub fn length(&self) -> Ticks {
        self.music.until() - Ticks::new(self.start)
    }

    /// Its notes as they fall when it begins at `at`.
    pub fn notes(&self, at: Ticks) -> impl Iterator<Item = Note> + '_ {
        let by = at - Ticks::new(self.start);
        self.music.notes().iter().map(move |note| Note {
            onset: note.onset + by,
            ..*note
        })
    }

    /// As a MIDI file whose first bar is the one that it begins in.
    fn file(&self, tempo: f64) -> Vec<u8> {
        let metre = self.music.metre();
        let start = Ticks::new(self.start);
        smf::write(&Song {
            tempo,
            metre,
            tracks: vec![Track {
                name: "HarmonAI".into(),
                channel: 0,
                notes: self.notes(metre.position(start)).collect(),
            }],
        })
    }
}

impl History {
    /// No answers yet; `commands` go to the audio thread.
    pub fn new(commands: &CommandSender) -> Self {
        Self(Arc::new(Shared {
            commands: commands.clone(),
            ..Shared::default()
        }))
    }

    /// Writes down a new answer; gives its number. The oldest one that is not starred makes room.
    pub fn add(&self, take: Take) -> u32 {
        let id = lock(&self.0.answers).add(take, false);
        self.changed();
        id
    }

    /// Another note of the answer `id`, if that is still there.
    pub fn note(&self, id: u32, note: Note) {
        let mut answers = lock(&self.0.answers);
        let Some(answer) = answers.all.iter_mut().find(|answer| answer.id == id) else {
            return;
        };
        let music = &mut answer.take.music;
        // Swing may move a note onto the one before it: such a one is played, not written down.
        if music.notes().len() < NOTES && music.push(note).is_ok() {
            self.changed();
        }
    }

    pub fn get(&self, id: u32) -> Option<Answer> {
        let answers = lock(&self.0.answers);
        answers.all.iter().find(|answer| answer.id == id).cloned()
    }

    fn changed(&self) {
        // Relaxed: whoever sees an old number looks again soon.
        self.0.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// A number that is another one once an answer is. Any thread, wait-free.
    pub fn changes(&self) -> u64 {
        self.0.changes.load(Ordering::Relaxed)
    }

    /// All answers, oldest first.
    pub fn answers(&self) -> Vec<Answer> {
        lock(&self.0.answers).all.iter().cloned().collect()
    }

    /// Stars an answer, or takes the star back.
    pub fn star(&self, id: u32, starred: bool) {
        let mut answers = lock(&self.0.answers);
        if let Some(answer) = answers.all.iter_mut().find(|answer| answer.id == id) {
            answer.starred = starred;
            self.changed();
        }
    }

    /// The player wants to hear that answer again.
    pub fn play(&self, id: u32) {
        if let Some(answer) = self.get(id) {
            let length = answer.take.length();
            self.0.commands.send(Command::Recall { id, length });
        }
    }

    /// Saves the answer as a MIDI file of a new name in `folder`. Blocks: not for the window.
    pub fn save(&self, id: u32, tempo: f64, folder: &Path) -> Result<PathBuf, String> {
        let names = (1..).map(|number: u32| format!("HarmonAI answer {number}.mid"));
        write_new(folder, names, &self.file(id, tempo)?).map_err(|error| unsaved(folder, &error))
    }

    /// Saves the answer as that MIDI file, in place of what was there. Blocks: not for the window.
    pub fn save_as(&self, id: u32, tempo: f64, path: &Path) -> Result<(), String> {
        write_over(path, &self.file(id, tempo)?).map_err(|error| unsaved(path, &error))
    }

    fn file(&self, id: u32, tempo: f64) -> Result<Vec<u8>, String> {
        let gone = || "That answer is no longer there.".to_owned();
        Ok(self.get(id).ok_or_else(gone)?.take.file(tempo))
    }
}

impl Answers {
    fn add(&mut self, take: Take, starred: bool) -> u32 {
        if self.all.len() >= KEPT {
            // Where all are starred, the oldest star falls.
            let oldest = self.all.iter().position(|answer| !answer.starred);
            self.all.remove(oldest.unwrap_or(0));
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.all.push_back(Answer { id, starred, take });
        id
    }

    fn starred(&self) -> impl Iterator<Item = &Take> {
        let starred = self.all.iter().filter(|answer| answer.starred);
        starred.map(|answer| &answer.take)
    }
}

/// Where answers are saved: in the user's music.
pub fn folder() -> Option<PathBuf> {
    let user = directories::UserDirs::new()?;
    let music = user.audio_dir().unwrap_or(user.home_dir());
    Some(music.join("HarmonAI"))
}

fn unsaved(place: &Path, error: &io::Error) -> String {
    let place = place.display();
    format!(
        "Cannot save the answer in {place}: {error}. Make room there, or keep it in the project."
    )
}

/// The project's state: the starred answers.
impl PersistentField<'_, Vec<Take>> for History {
    fn set(&self, takes: Vec<Take>) {
        let mut answers = lock(&self.0.answers);
        // Hosts restore for every undo: what is there already keeps its number.
        if answers.starred().eq(&takes) {
            return;
        }
        answers.all.retain(|answer| !answer.starred);
        for take in takes.into_iter().take(KEPT) {
            answers.add(take, true);
        }
        self.changed();
    }

    fn map<F: Fn(&Vec<Take>) -> R, R>(&self, f: F) -> R {
        f(&lock(&self.0.answers).starred().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use crate::link::commands::commands;
    use harmonai_core::music::note::Pitch;

    fn note(onset: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(key),
            velocity: None,
        }
    }

    fn take(key: i64) -> Take {
        Take::new("Folk", Metre::COMMON, Ticks::new(216), note(222, key)).unwrap()
    }

    fn keys(history: &History) -> Vec<u8> {
        let first = |answer: &Answer| answer.take.music.notes()[0].pitch.get();
        history.answers().iter().map(first).collect()
    }

    #[test]
    fn the_last_answers_are_kept_and_the_starred_ones_of_before() {
        let history = History::default();
        let ids: Vec<_> = (0..30).map(|key| history.add(take(key))).collect();
        history.star(ids[3], true);
        history.star(ids[5], true);
        history.star(ids[5], false);
        for key in 30..80 {
            history.add(take(key));
        }
        let found = keys(&history);
        assert_eq!((found.len(), found[0], found[1]), (KEPT, 3, 49));
        // Only stars.
        for answer in history.answers() {
            history.star(answer.id, true);
        }
        history.add(take(90));
        assert_eq!((keys(&history).len(), keys(&history)[0]), (KEPT, 49));
    }

    #[test]
    fn an_answer_grows_and_is_played_elsewhere() {
        let (sender, mut commands) = commands();
        let history = History::new(&sender);
        let id = history.add(take(60));
        history.note(id, note(240, 62));
        history.note(id, note(240, 64));
        let answer = history.get(id).unwrap().take;
        assert_eq!(answer.length(), Ticks::new(36));
        let there: Vec<_> = answer.notes(Ticks::ZERO).collect();
        assert_eq!(there, [note(6, 60), note(24, 62)]);
        history.play(77);
        assert_eq!(commands.take().next(), None);
        history.play(id);
        let length = Ticks::new(36);
        assert!(commands.take().eq([Command::Recall { id, length }]));
    }

    #[test]
    fn a_project_keeps_the_starred_ones() {
        let history = History::default();
        let id = history.add(take(60));
        history.add(take(62));
        history.star(id, true);
        let text = history.map(|takes| serde_json::to_string(takes).unwrap());
        let other = History::default();
        other.add(take(70));
        other.set(serde_json::from_str(&text).unwrap());
        assert_eq!(keys(&other), [70, 60]);
        let ids: Vec<_> = other.answers().iter().map(|answer| answer.id).collect();
        other.set(serde_json::from_str(&text).unwrap());
        let again: Vec<_> = other.answers().iter().map(|answer| answer.id).collect();
        assert_eq!(ids, again, "an undo that changes nothing here");
        other.set(vec![]);
        assert_eq!(keys(&other), [70]);
    }

    #[test]
    fn saved_answers_begin_in_their_bar_and_overwrite_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::default();
        let id = history.add(take(60));
        let first = history.save(id, 90.0, folder.path()).unwrap();
        let second = history.save(id, 90.0, folder.path()).unwrap();
        assert_ne!(first, second);
        let song = smf::read(&fs::read(second).unwrap()).unwrap();
        assert_eq!(song.tracks[0].notes[0].onset, Ticks::new(30));
        assert!((song.tempo - 90.0).abs() < 1e-3);
        let chosen = folder.path().join("mine.mid");
        fs::write(&chosen, b"an older one").unwrap();
        history.save_as(id, 90.0, &chosen).unwrap();
        assert_eq!(fs::read(&chosen).unwrap(), fs::read(&first).unwrap());
        let nowhere = folder.path().join("gone/mine.mid");
        let error = history.save_as(id, 90.0, &nowhere).unwrap_err();
        assert!(error.contains("gone"), "{error}");
        let error = history.save(id, 90.0, &first).unwrap_err();
        assert!(error.contains("Cannot save"), "{error}");
        assert!(history.save(99, 90.0, folder.path()).is_err());
    }
}
