//! What the worker shares with the rest of the plug-in.

use std::sync::Arc;

use crate::link::view::EngineView;
use crate::project::history::History;
use crate::project::models::{ModelMailbox, SLOTS};
use crate::project::phrase::PhraseKeeper;

/// What the worker shares with the rest of the plug-in.
#[derive(Clone)]
pub struct WorkerContext {
    pub mailboxes: [Arc<ModelMailbox>; SLOTS],
    /// Where it leaves the phrase, and finds one from elsewhere.
    pub phrases: PhraseKeeper,
    /// Where it writes down what it plays.
    pub history: History,
    /// Where it says what has gone wrong.
    pub view: Arc<EngineView>,
}
