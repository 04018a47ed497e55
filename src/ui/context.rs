//! What every part of the editor works with.

use std::sync::Arc;

use harmonai_core::music::key::Key;
use harmonai_core::music::names::Names;
use harmonai_core::play::constraints::pitch::PhraseProfile;
use harmonai_core::play::phrase::Phrase;
use nice_plug::context::gui::GuiContext;

use super::widgets::ParamGestures;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineSnapshot, EngineView};
use crate::params::HarmonAiParams;
use crate::project::phrase::PhraseKeeper;
use crate::standalone::transport::OwnTransport;

/// In which the two classes of the plug-in differ.
#[derive(Clone, Copy)]
pub struct Class {
    pub title: &'static str,
    /// Whether the plug-in has an audio output, for the preview voice.
    pub has_audio: bool,
}

/// The plug-in as the editor sees it.
pub struct EditorContext {
    pub class: Class,
    pub params: Arc<HarmonAiParams>,
    pub engine: Arc<EngineView>,
    /// The way to the host; `None` until the window is built. Until then knobs show but do not
    /// turn.
    pub gui: Option<GuiContext>,
    /// The last state that could be read whole.
    pub snapshot: EngineSnapshot,
    pub current: CurrentPhrase,
    /// For reading and writing files.
    pub tasks: BackgroundTasks,
    /// For file dialogs, which stay open for as long as the user likes.
    pub dialogs: BackgroundTasks,
    /// The standalone app's; in a host it stays absent.
    pub transport: OwnTransport,
}

impl EditorContext {
    pub fn gestures(&self) -> ParamGestures<'_> {
        ParamGestures::new(self.gui.as_ref())
    }

    /// Looks at the engine and the phrase, once a frame.
    pub fn update(&mut self) {
        if let Some(snapshot) = self.engine.snapshot() {
            self.snapshot = snapshot;
        }
        self.engine.watch();
        self.current.update(&self.params.phrases);
    }

    /// Starts work that takes time, and reports it if it cannot be started. `what` is what the user
    /// asked for.
    pub fn start(&self, on: &BackgroundTasks, what: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = on.start(work) {
            let text = format!("Cannot {what}: {error}. Try again.");
            self.engine.messages().set_trouble(&text);
        }
    }
}

/// The phrase that is being answered, its key and the names of its notes: worked out again whenever
/// it changes.
#[derive(Default)]
pub struct CurrentPhrase {
    seen: Option<u32>,
    pub phrase: Option<Phrase>,
    pub profile: PhraseProfile,
    pub names: Names,
}

impl CurrentPhrase {
    fn update(&mut self, phrases: &PhraseKeeper) {
        let changes = phrases.changes();
        if self.seen == Some(changes) {
            return;
        }
        let phrase = phrases.get();
        (self.profile, self.names) = phrase.as_ref().map_or_else(Default::default, |phrase| {
            let (notes, metre) = (phrase.notes(), phrase.metre());
            (PhraseProfile::new(notes, metre), Names::of(notes, metre))
        });
        (self.seen, self.phrase) = (Some(changes), phrase);
    }

    pub fn key(&self) -> Option<Key> {
        self.names.key()
    }
}
