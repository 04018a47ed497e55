//! What nice-plug's background thread is given to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the background thread is waited for at most, to come, to go, or to let something go.
/// However loaded the machine, only a thread that hangs or is gone takes so long. Tests have time.
pub const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 300 } else { 10 });

/// Posts a task to the background thread, if its queue has room.
pub type Post = Arc<dyn Fn(Task) + Send + Sync>;

/// Work for the background thread, which notices if it is dropped without being done: then the
/// queue had no room.
pub struct Task {
    work: Option<Box<dyn FnOnce() + Send>>,
    refused: Arc<AtomicBool>,
}

impl Task {
    pub(super) fn new(refused: &Arc<AtomicBool>, work: impl FnOnce() + Send + 'static) -> Self {
        Self {
            work: Some(Box::new(work)),
            refused: refused.clone(),
        }
    }

    /// Called by the background thread.
    pub fn run(mut self) {
        if let Some(work) = self.work.take() {
            work();
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.work.is_some() {
            // Release: paired with the acquiring load of whoever posted it.
            self.refused.store(true, Ordering::Release);
        }
    }
}
