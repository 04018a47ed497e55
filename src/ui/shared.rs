//! What all parts of the window work with.

use std::sync::Arc;

use super::heard::Heard;
use super::widgets::Hand;
use crate::link::tasks::Errands;
use crate::link::view::{Display, Moment};
use crate::params::HarmonAiParams;

/// The plug-in as the window sees it while it draws one picture.
pub struct Shared<'a> {
    /// The way to the host's parameters.
    pub hand: Hand<'a>,
    /// The parameters, and what a project keeps beside them.
    pub params: &'a Arc<HarmonAiParams>,
    /// What the engine shows.
    pub display: &'a Arc<Display>,
    /// Whether there is a way for sound to go out, for the preview voice.
    pub sounds: bool,
    /// For reading and writing files.
    pub errands: &'a Errands,
    /// For dialogs, which stay open for as long as the user likes.
    pub dialogs: &'a Errands,
    /// The phrase that is answered.
    pub heard: &'a Heard,
    /// The engine's state.
    pub moment: &'a Moment,
}

impl Shared<'_> {
    /// Starts something that takes its time, and says so if it cannot be started. `what` is what the
    /// user wanted.
    pub fn start(&self, on: &Errands, what: &str, work: impl FnOnce() + Send + 'static) {
        if let Err(error) = on.start(work) {
            self.display
                .messages()
                .set_trouble(&format!("Cannot {what}: {error}. Try again."));
        }
    }
}
