//! Short-lived threads for what takes its time: reading and writing files.
//!
//! Started by the window and by the host's main thread, never by the audio thread. They are joined
//! when the last owner goes: a host may unload this code right after.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::link::sync::lock;

/// The threads under way. Clones share them.
#[derive(Clone, Default)]
pub struct BackgroundTasks(Arc<Threads>);

#[derive(Default)]
struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl BackgroundTasks {
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
        // A task may start another one before it is done.
        loop {
            let handles = std::mem::take(&mut *lock(&self.0));
            if handles.is_empty() {
                return;
            }
            for handle in handles {
                // A task that panicked has shown nothing and changed nothing; there is no more to do.
                let _ = handle.join();
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    #[test]
    fn tasks_of_tasks_are_waited_for_too() {
        let done = Arc::new(AtomicU32::new(0));
        let tasks = BackgroundTasks::default();
        let (inner, count) = (tasks.clone(), done.clone());
        let work = move || {
            let count = count.clone();
            let last = move || {
                thread::sleep(Duration::from_millis(20));
                count.fetch_add(1, Ordering::Relaxed);
            };
            inner.start(last).unwrap();
        };
        tasks.start(work).unwrap();
        tasks.join();
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }
}
