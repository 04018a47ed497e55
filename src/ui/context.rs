//! What every part of the editor works with while one frame is drawn.

use std::sync::Arc;

use super::current_phrase::CurrentPhrase;
use super::widgets::ParamGestures;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineSnapshot, EngineView};
use crate::params::HarmonAiParams;
use crate::standalone::transport::OwnTransport;

/// The plug-in as the editor sees it in one frame.
pub struct EditorContext<'a> {
    pub gestures: ParamGestures<'a>,
    pub params: &'a Arc<HarmonAiParams>,
    pub engine: &'a Arc<EngineView>,
    pub snapshot: &'a EngineSnapshot,
    /// Whether the plug-in has an audio output, for the preview voice.
    pub has_audio: bool,
    /// For reading and writing files.
    pub tasks: &'a BackgroundTasks,
    /// The standalone app's; in a host it stays absent.
    pub transport: &'a OwnTransport,
    /// For file dialogs, which stay open for as long as the user likes.
    pub dialogs: &'a BackgroundTasks,
    pub current: &'a CurrentPhrase,
}

impl EditorContext<'_> {
    /// Starts work that takes time, and reports it if it cannot be started. `what` is what the user
    /// asked for.
    pub fn start(&self, on: &BackgroundTasks, what: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = on.start(work) {
            self.engine
                .messages()
                .set_trouble(&format!("Cannot {what}: {error}. Try again."));
        }
    }
}
