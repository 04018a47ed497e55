//! Reads models in the background and hands them to the worker.
//!
//! [`ModelLoader`] is a persisted field of the parameters (`#[persist = "model"]`), so that the
//! file's path travels with the project and restoring a project reads the file. Called by the window
//! and by the host's main thread; files are read on a short-lived thread, so that neither waits.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use harmonai_core::network::Network;
use nice_plug::params::persist::PersistentField;

use super::{Fault, Installed, LibraryError, Origin, StyleNames};
use crate::display::Display;

/// Where the newest network lies for the worker to pick up.
///
/// The worker keeps the version it has seen and asks before each piece of work; a worker that was
/// restarted starts at 0 and so gets the current network again.
#[derive(Default)]
pub struct Slot(Mutex<Option<(u64, Arc<Network>)>>);

impl Slot {
    /// Puts a network there in place of the one before.
    pub fn put(&self, network: Arc<Network>) {
        let mut held = lock(&self.0);
        let version = held.as_ref().map_or(1, |(version, _)| version + 1);
        *held = Some((version, network));
    }

    /// The network if it is newer than `seen`, which then becomes its version. Start with 0.
    pub fn newer(&self, seen: &mut u64) -> Option<Arc<Network>> {
        let held = lock(&self.0);
        let (version, network) = held.as_ref()?;
        let newer = *version > *seen;
        *seen = *version;
        newer.then(|| network.clone())
    }
}

/// A lock whose holder panicked still guards whole values here: each is replaced in one go.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads models in the background and knows which one the project wants. Clones share one state.
#[derive(Clone)]
pub struct ModelLoader {
    shared: Arc<Shared>,
    threads: Arc<Threads>,
}

struct Shared {
    display: Arc<Display>,
    slot: Arc<Slot>,
    /// The file the project names; `None` is the bundled model. Kept even where it cannot be read,
    /// so that the project finds it again once it is back.
    path: Mutex<Option<String>>,
    /// What plays now; `None` before the first load.
    playing: Mutex<Option<Origin>>,
    /// Those of what plays now.
    styles: StyleNames,
    /// Number of the newest request: the result of an older one is dropped.
    newest: AtomicU64,
    /// The user's folder as last read.
    installed: Mutex<Vec<Installed>>,
}

/// Joined when the last loader goes: a host may unload this code right after.
#[derive(Default)]
struct Threads(Mutex<Vec<JoinHandle<()>>>);

/// What to do where a file cannot be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The project's own model is gone: play the bundled one.
    PlayBundled,
    /// A choice in the window went wrong: play on as before.
    KeepPlaying,
}

impl ModelLoader {
    /// A loader that has read nothing yet, so that a host's plug-in scan stays quick.
    pub fn new(display: Arc<Display>) -> Self {
        Self {
            shared: Arc::new(Shared {
                display,
                slot: Arc::default(),
                path: Mutex::default(),
                playing: Mutex::default(),
                styles: StyleNames::default(),
                newest: AtomicU64::new(0),
                installed: Mutex::default(),
            }),
            threads: Arc::default(),
        }
    }

    /// Where the worker finds the newest network.
    pub fn slot(&self) -> Arc<Slot> {
        self.shared.slot.clone()
    }

    /// What the styles of the model that plays are called.
    pub fn styles(&self) -> StyleNames {
        self.shared.styles.clone()
    }

    /// Makes sure that there is a network and that it is the one the project names. For
    /// `activate()`: blocks until reads under way are done, so that an offline render begins with
    /// the right model.
    pub fn settle(&self) {
        self.threads.join();
        if lock(&self.shared.playing).is_none() {
            let path = self.path();
            self.shared
                .finish(self.shared.ticket(), path, Failure::PlayBundled);
        }
    }

    /// The window's wish: this file, or the bundled model. Returns at once. The project's path is
    /// changed once the file has proved good; otherwise a message is shown and all stays as it was.
    pub fn request(&self, path: Option<PathBuf>) {
        self.start(path, Failure::KeepPlaying);
    }

    /// The file the project names.
    pub fn path(&self) -> Option<PathBuf> {
        lock(&self.shared.path).as_ref().map(PathBuf::from)
    }

    /// Reads the user's folder again, in the background.
    pub fn refresh(&self) {
        let shared = self.shared.clone();
        let started = self
            .threads
            .start(move || *lock(&shared.installed) = super::list());
        if let Err(error) = started {
            self.shared
                .display
                .set_message(&format!("Cannot list the models: {error}."));
        }
    }

    /// The user's folder as last read.
    pub fn installed(&self) -> Vec<Installed> {
        lock(&self.shared.installed).clone()
    }

    fn start(&self, path: Option<PathBuf>, failure: Failure) {
        let ticket = self.shared.ticket();
        let shared = self.shared.clone();
        let wanted = path.clone();
        let started = self
            .threads
            .start(move || shared.finish(ticket, wanted, failure));
        if let Err(error) = started {
            let path = path.unwrap_or_default();
            let error = LibraryError {
                path,
                fault: Fault::NoThread(error),
            };
            self.shared.display.set_message(&error.to_string());
        }
    }
}

/// The project's state: the path goes in and out of it as text.
impl PersistentField<'_, Option<String>> for ModelLoader {
    /// A project is restored: its model is read, unless it is the one that plays (hosts restore
    /// for every undo).
    fn set(&self, path: Option<String>) {
        let origin = path
            .as_ref()
            .map_or(Origin::Bundled, |path| Origin::File(path.into()));
        // Held until the request has its number, so that no older result can slip in between.
        let playing = lock(&self.shared.playing);
        lock(&self.shared.path).clone_from(&path);
        if playing.as_ref() == Some(&origin) {
            // Whatever is still being read is no longer wanted.
            self.shared.ticket();
        } else {
            self.start(path.map(PathBuf::from), Failure::PlayBundled);
        }
    }

    fn map<F: Fn(&Option<String>) -> R, R>(&self, f: F) -> R {
        f(&lock(&self.shared.path))
    }
}

impl Shared {
    fn ticket(&self) -> u64 {
        // Relaxed: only the number itself counts; results are compared under the lock of `playing`.
        self.newest.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Reads the file and puts the network in the slot, unless a newer request has come.
    fn finish(&self, ticket: u64, path: Option<PathBuf>, failure: Failure) {
        let (opened, message) = match failure {
            Failure::PlayBundled => {
                let (model, message) = super::open(path.as_deref());
                (Some(model), message)
            }
            Failure::KeepPlaying => match path
                .as_deref()
                .map_or_else(|| Ok(super::bundled()), super::load)
            {
                Ok(model) => (Some(model), None),
                Err(error) => (None, Some(format!("{error} Nothing has changed."))),
            },
        };
        let mut playing = lock(&self.playing);
        // Relaxed: see `ticket`.
        if self.newest.load(Ordering::Relaxed) != ticket {
            return;
        }
        self.display.set_message(&message.unwrap_or_default());
        let Some(model) = opened else { return };
        if failure == Failure::KeepPlaying {
            *lock(&self.path) = path.map(|path| path.to_string_lossy().into_owned());
        }
        self.display.set_model(&model.name);
        self.styles.put(model.network.header().style_names());
        *playing = Some(model.origin);
        self.slot.put(model.network);
    }
}

impl Threads {
    fn start(&self, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let handle = thread::Builder::new()
            .name("harmonai-models".to_owned())
            .spawn(work)?;
        let mut handles = lock(&self.0);
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle);
        Ok(())
    }

    fn join(&self) {
        let handles = std::mem::take(&mut *lock(&self.0));
        for handle in handles {
            // A panic while reading has shown nothing and changed nothing; there is no more to do.
            let _ = handle.join();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.join();
    }
}
