//! The phrase that a project keeps: the one that was answered last, or one out of a file.
//!
//! [`PhraseKeeper`] is a persisted field of the parameters (`#[persist = "phrase"]`). The worker puts
//! in what it has heard; the window and a project that is opened put in phrases from elsewhere, and
//! a [`Command`] tells the audio thread to have the worker fetch them.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use harmonai_core::music::smf;
use harmonai_core::play::phrase::Phrase;
use nice_plug::params::persist::PersistentField;

use super::files::{ReadError, read_bytes};
use crate::link::commands::{Command, CommandSender};
use crate::link::sync::lock;

/// Larger files are no phrases.
const MAX_BYTES: u64 = 16 << 20;

/// Holds the phrase. Clones share one.
#[derive(Clone, Default)]
pub struct PhraseKeeper(Arc<Shared>);

#[derive(Default)]
struct Shared {
    phrase: Mutex<Option<Phrase>>,
    commands: CommandSender,
    /// How often it has become another one.
    changes: AtomicU32,
}

impl PhraseKeeper {
    /// No phrase yet; `commands` go to the audio thread.
    pub fn new(commands: &CommandSender) -> Self {
        Self(Arc::new(Shared {
            commands: commands.clone(),
            ..Shared::default()
        }))
    }

    /// A phrase from elsewhere, to be answered from now on.
    pub fn load(&self, phrase: Phrase) {
        self.put(Some(phrase));
        self.0.commands.send(Command::Load);
    }

    /// What the worker has heard, or forgotten.
    pub fn put(&self, phrase: Option<Phrase>) {
        *lock(&self.0.phrase) = phrase;
        // Relaxed: whoever sees an old number looks again soon.
        self.0.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// A number that is another one once the phrase is. Any thread, wait-free.
    pub fn changes(&self) -> u32 {
        self.0.changes.load(Ordering::Relaxed)
    }

    /// The phrase, if there is one.
    pub fn get(&self) -> Option<Phrase> {
        lock(&self.0.phrase).clone()
    }
}

/// The project's state: only what is whole goes in, so that a broken one costs nothing else.
impl PersistentField<'_, Option<Phrase>> for PhraseKeeper {
    fn set(&self, phrase: Option<Phrase>) {
        // Hosts restore for every undo: what is there already does not begin again.
        if *lock(&self.0.phrase) == phrase {
            return;
        }
        match phrase {
            Some(phrase) => self.load(phrase),
            None => self.put(None),
        }
    }

    fn map<F: Fn(&Option<Phrase>) -> R, R>(&self, f: F) -> R {
        f(&lock(&self.0.phrase))
    }
}

/// The phrase in a MIDI file; or why there is none, and what to do. Blocks: not for the window.
pub fn read(path: &Path) -> Result<Phrase, String> {
    let name = path.display();
    let bytes = read_bytes(path, MAX_BYTES).map_err(|error| match error {
        ReadError::Unreadable(error) => {
            format!("Cannot read {name}: {error}. Choose another MIDI file.")
        }
        ReadError::NotAFile | ReadError::TooLarge(_) => format!(
            "{name} is no MIDI file of a phrase. Choose a file of at most {} MiB.",
            MAX_BYTES >> 20
        ),
    })?;
    let song =
        smf::read(&bytes).map_err(|error| format!("{name}: {error}. Choose another MIDI file."))?;
    Phrase::of_song(&song)
        .ok_or_else(|| format!("{name} has nothing but drums. Choose another MIDI file."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::commands::commands;
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::{Metre, Ticks};

    pub fn phrase(key: i64) -> Phrase {
        let note = Note {
            onset: Ticks::ZERO,
            duration: Ticks::BEAT,
            pitch: Pitch::clamped(key),
            velocity: None,
        };
        Phrase::new(Metre::COMMON, vec![note], Ticks::new(96)).unwrap()
    }

    #[test]
    fn what_comes_from_elsewhere_is_told_and_what_was_heard_is_not() {
        let (sender, mut commands) = commands();
        let mut told = || commands.take().count();
        let keeper = PhraseKeeper::new(&sender);
        keeper.put(Some(phrase(60)));
        assert_eq!((told(), keeper.get()), (0, Some(phrase(60))));
        // An undo that leaves the phrase as it is.
        keeper.set(Some(phrase(60)));
        assert_eq!(told(), 0);
        keeper.set(Some(phrase(62)));
        assert_eq!(told(), 1);
        keeper.load(phrase(64));
        assert_eq!(told(), 1);
        keeper.set(None);
        assert_eq!((told(), keeper.get()), (0, None));
    }

    #[test]
    fn files_that_are_no_phrase_are_named_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, bytes: &[u8], expect: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let error = read(&path).unwrap_err();
            assert!(error.contains(name) && error.contains(expect), "{error}");
        };
        check("text.mid", b"no music", "no Standard MIDI File");
        check("empty.mid", b"", "no Standard MIDI File");
        let gone = read(&folder.path().join("gone.mid")).unwrap_err();
        assert!(gone.contains("Cannot read") && gone.contains("gone.mid"));
        assert!(read(folder.path()).is_err());
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugin-assets/seeds");
        for file in std::fs::read_dir(seeds).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "mid") {
                assert!(read(&path).unwrap().notes().len() > 3, "{}", path.display());
            }
        }
    }
}
