//! What all parts of the window work with.

use std::sync::Arc;

use super::current_phrase::Heard;
use super::widgets::Hand;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineSnapshot, EngineView};
use crate::params::HarmonAiParams;

/// The plug-in as the window sees it while it draws one picture.
pub struct Shared<'a> {
    /// The way to the host's parameters.
    pub hand: Hand<'a>,
    /// The parameters, and what a project keeps beside them.
    pub params: &'a Arc<HarmonAiParams>,
    /// What the engine shows.
    pub display: &'a Arc<EngineView>,
    /// Whether there is a way for sound to go out, for the preview voice.
    pub sounds: bool,
    /// For reading and writing files.
    pub errands: &'a BackgroundTasks,
    /// For dialogs, which stay open for as long as the user likes.
    pub dialogs: &'a BackgroundTasks,
    /// The phrase that is answered.
    pub heard: &'a Heard,
    /// The engine's state.
    pub moment: &'a EngineSnapshot,
}

impl Shared<'_> {
    /// Starts something that takes its time, and says so if it cannot be started. `what` is what the
    /// user wanted.
    pub fn start(&self, on: &BackgroundTasks, what: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = on.start(work) {
            self.display
                .messages()
                .set_trouble(&format!("Cannot {what}: {error}. Try again."));
        }
    }
}
