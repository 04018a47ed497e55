//! Short-lived threads for what takes its time: reading and writing files.
//!
//! Started by the window and by the host's main thread, never by the audio thread. They are joined
//! when the last owner goes: a host may unload this code right after.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::library::lock;

/// The threads under way. Clones share them.
#[derive(Clone, Default)]
pub struct Errands(Arc<Threads>);

#[derive(Default)]
struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl Errands {
    /// Does `work` on a thread of its own.
    pub fn start(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let handle = thread::Builder::new()
            .name("harmonai-files".to_owned())
            .spawn(work)?;
        let mut handles = lock(&self.0.0);
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle);
        Ok(())
    }

    /// Waits until all that was started is done.
    pub fn join(&self) {
        self.0.join();
    }
}

impl Threads {
    fn join(&self) {
        let handles = std::mem::take(&mut *lock(&self.0));
        for handle in handles {
            // A panic on an errand has shown nothing and changed nothing; there is no more to do.
            let _ = handle.join();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.join();
    }
}
