//! Reads models in the background and hands them to the worker.
//!
//! [`ModelLoader`] is a persisted field of the parameters (`#[persist = "model"]`), so that the
//! file's path travels with the project and restoring a project reads the file. Called by the window
//! and by the host's main thread. Files are read on a background thread, so that neither waits, but
//! for [`ModelLoader::settle`].

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use nice_plug::params::persist::PersistentField;

use super::about::About;
use super::library::{self, Installed, Model, Origin};
use super::reference::ModelFile;
use super::styles::StyleList;
use crate::link::sync::lock;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::EngineView;

/// Where the newest network lies for the worker to pick up.
///
/// The worker keeps the version it has seen and asks before each piece of work; a worker that was
/// restarted starts at 0 and so gets the current network again.
#[derive(Default)]
pub struct ModelMailbox(Mutex<Option<(u64, Model)>>);

impl ModelMailbox {
    /// Puts a model there in place of the one before.
    pub fn put(&self, model: Model) {
        let mut held = lock(&self.0);
        let version = held.as_ref().map_or(1, |(version, _)| version + 1);
        *held = Some((version, model));
    }

    /// The model if it is newer than `seen`, which then becomes its version. Start with 0.
    pub fn newer(&self, seen: &mut u64) -> Option<Model> {
        let held = lock(&self.0);
        let (version, model) = held.as_ref()?;
        let newer = *version > *seen;
        *seen = *version;
        newer.then(|| model.clone())
    }
}

/// Reads models in the background and knows which one the project wants. Clones share one state.
#[derive(Clone)]
pub struct ModelLoader {
    shared: Arc<Shared>,
    tasks: BackgroundTasks,
}

struct Shared {
    view: Arc<EngineView>,
    mailbox: Arc<ModelMailbox>,
    state: Mutex<State>,
    styles: StyleList,
    /// Number of the newest request: the result of an older one is dropped.
    newest: AtomicU64,
    /// The user's folder as last read.
    installed: InstalledList,
}

#[derive(Default)]
struct State {
    /// The file the project names; `None` is the bundled model. Kept even where it cannot be read,
    /// so that the project finds it again once it is back.
    file: Option<ModelFile>,
    /// What is there to play; `None` before the first load.
    playing: Option<Origin>,
    /// What it says of itself.
    about: Arc<About>,
    /// What was last said about it in the window, unless there was nothing to say.
    said: String,
}

/// The models of the user's folder, shared by all slots.
pub type InstalledList = Arc<Mutex<Arc<[Installed]>>>;

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
    pub fn new(view: Arc<EngineView>, tasks: BackgroundTasks, installed: InstalledList) -> Self {
        Self {
            shared: Arc::new(Shared {
                view,
                mailbox: Arc::default(),
                state: Mutex::default(),
                styles: StyleList::default(),
                newest: AtomicU64::new(0),
                installed,
            }),
            tasks,
        }
    }

    /// Where the worker finds the newest network.
    pub fn mailbox(&self) -> Arc<ModelMailbox> {
        self.shared.mailbox.clone()
    }

    /// What the model is called; empty before the first load.
    pub fn name(&self) -> String {
        self.about().name.clone()
    }

    /// What the model says of itself.
    pub fn about(&self) -> Arc<About> {
        lock(&self.shared.state).about.clone()
    }

    /// The file that the project names, where another model plays in its stead.
    pub fn missing(&self) -> Option<PathBuf> {
        let state = lock(&self.shared.state);
        let path = state.file.as_ref()?.path();
        let plays = state.playing.as_ref()? == &Origin::File(path.clone());
        (!plays).then_some(path)
    }

    pub fn styles(&self) -> StyleList {
        self.shared.styles.clone()
    }

    /// Makes sure that there is a network and that it is the one the project names. For
    /// `activate()`: blocks until reads under way are done, so that an offline render begins with
    /// the right model.
    pub fn settle(&self) {
        self.tasks.join();
        let (shared, state) = (&self.shared, lock(&self.shared.state));
        if state.playing.is_none() {
            let file = state.file.clone();
            drop(state);
            shared.finish(shared.ticket(), file, Failure::PlayBundled);
        }
    }

    /// The window asks for this file, or the bundled model. Returns at once. The project's path is
    /// changed once the file has proved good; otherwise a message is shown and all stays as it was.
    pub fn request(&self, path: Option<PathBuf>) {
        let file = path.as_deref().map(ModelFile::from);
        self.start(file, Failure::KeepPlaying);
    }

    /// The file the project names.
    pub fn path(&self) -> Option<PathBuf> {
        (lock(&self.shared.state).file.as_ref()).map(ModelFile::path)
    }

    /// Reads the user's folder again, in the background.
    pub fn refresh(&self) {
        let shared = self.shared.clone();
        let read = move || *lock(&shared.installed) = library::list().into();
        if let Err(error) = self.tasks.start(read) {
            let text = format!("Cannot list the models: {error}.");
            self.shared.view.messages().set_trouble(&text);
        }
    }

    /// The user's folder as last read.
    pub fn installed(&self) -> Arc<[Installed]> {
        lock(&self.shared.installed).clone()
    }

    fn start(&self, file: Option<ModelFile>, failure: Failure) {
        let ticket = self.shared.ticket();
        let (shared, wanted) = (self.shared.clone(), file.clone());
        let read = move || shared.finish(ticket, wanted, failure);
        if let Err(error) = self.tasks.start(read) {
            let path = file.map(|file| file.path).unwrap_or_default();
            let text = format!("Cannot start reading {path}: {error}. Try again.");
            self.shared.view.messages().set_trouble(&text);
        }
    }
}

/// The project's state: the file's path and hash go in and out of it.
impl PersistentField<'_, Option<ModelFile>> for ModelLoader {
    /// A project is restored: its model is read, unless it is the one that plays (hosts restore
    /// for every undo).
    fn set(&self, file: Option<ModelFile>) {
        let path = file.as_ref().map(ModelFile::path);
        let origin = path.map_or(Origin::Bundled, Origin::File);
        // Held until the request has its number, so that no older result can slip in between.
        let mut state = lock(&self.shared.state);
        state.file.clone_from(&file);
        if state.playing.as_ref() == Some(&origin) {
            // Whatever is still being read is no longer wanted.
            self.shared.ticket();
        } else {
            self.start(file, Failure::PlayBundled);
        }
    }

    fn map<F: Fn(&Option<ModelFile>) -> R, R>(&self, f: F) -> R {
        f(&lock(&self.shared.state).file)
    }
}

impl Shared {
    fn ticket(&self) -> u64 {
        // Relaxed: only the number itself counts; results are compared under the lock of `state`.
        self.newest.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Reads the file and puts the network in the mailbox, unless a newer request has come.
    fn finish(&self, ticket: u64, file: Option<ModelFile>, failure: Failure) {
        let (opened, message) = match (failure, &file) {
            (Failure::PlayBundled, file) => {
                let (model, message) = library::open(file.as_ref());
                (Some(model), message)
            }
            (Failure::KeepPlaying, None) => (Some(library::bundled()), None),
            (Failure::KeepPlaying, Some(file)) => match library::load(&file.path()) {
                Ok(model) => (Some(model), None),
                Err(error) => (None, Some(format!("{error} Nothing has changed."))),
            },
        };
        let state = &mut *lock(&self.state);
        // Relaxed: see `ticket`.
        if self.newest.load(Ordering::Relaxed) != ticket {
            return;
        }
        self.say(&mut state.said, message.unwrap_or_default());
        let Some(model) = opened else { return };
        if failure == Failure::KeepPlaying {
            state.file = file;
        }
        if let Some(named) = &mut state.file
            && model.origin == Origin::File(named.path())
        {
            named.sha256.clone_from(&model.sha256);
        }
        let header = model.network.header();
        state.about = About::new(&model.name, header).into();
        self.styles.put(header.style_names());
        state.playing = Some(model.origin.clone());
        self.mailbox.put(model);
    }

    /// Shows a message; nothing takes back what was said here before, and nothing else.
    fn say(&self, said: &mut String, message: String) {
        if !message.is_empty() || *said == self.view.messages().trouble() {
            self.view.messages().set_trouble(&message);
        }
        *said = message;
    }
}
