//! Keeps nice-plug's background thread away from the window, where it would panic: VST3 on Linux.
//!
//! The audio thread has that thread tell the window of every knob that a host turns. It does so
//! while the main thread opens or closes the window, or from a thread that the window is not to be
//! touched from; either way it panics, and the panic takes the host down when the last instance
//! goes (ARCHITECTURE.md, *A race in nice-plug*). Nobody waits for these notices: the window looks
//! for itself. So the thread is given something else to do, which is to wait, and its queue is filled
//! with nothing: from the first activation, before there is an audio thread that could post anything,
//! until the last instance goes. Where there is no screen there is no window, but a notice that comes
//! just before an instance goes would end that thread all the same (see below).
//!
//! A task keeps the instance alive that it was posted through, and a task of an instance that is gone
//! ends the thread. So all of it is posted through a [`Keeper`]: an instance that no host sees, and
//! that is there until the last real instance's end.
//!
//! All calls are the host's main thread's, but for [`Task::run`].

mod keeper;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::project::models::lock;
pub use keeper::{Keeper, Making, Post};

/// How many tasks nice-plug's queue takes.
const CAPACITY: usize = 4096;
/// How long the main thread waits at most for the other to come or go.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it is tried to have the queue to oneself.
const TRIES: u32 = 50;

/// One class's background thread. All instances of the class in the process share it, as they share
/// that thread.
pub struct Hold {
    /// Held while the hold is taken or given up: tests have hosts on several threads at once.
    gate: Mutex<()>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    instances: usize,
    /// Is the thread here, waiting?
    here: bool,
    /// Is it to go?
    leave: bool,
    /// So many times it has said that it has done what it was told before.
    done: u64,
    keeper: Option<Keeper>,
}

/// What nice-plug's background thread does for the hold.
pub struct Task(Work);

enum Work {
    /// It waits until it is let go.
    Stay(&'static Hold, Ticket),
    /// It does nothing: while this is in the queue, nothing else is.
    Pass(Ticket),
    /// It says that all before it is done.
    Tell(&'static Hold, Ticket),
}

/// Dropped before it is used: the queue had no room.
struct Ticket {
    used: bool,
    refused: Arc<AtomicBool>,
}

impl Ticket {
    fn new(refused: &Arc<AtomicBool>) -> Self {
        Self {
            used: false,
            refused: refused.clone(),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.used {
            self.refused.store(true, Ordering::Release);
        }
    }
}

impl Task {
    /// What the background thread calls.
    pub fn run(self) {
        match self.0 {
            Work::Stay(hold, mut ticket) => {
                ticket.used = true;
                hold.stay();
            }
            Work::Pass(mut ticket) => ticket.used = true,
            Work::Tell(hold, mut ticket) => {
                ticket.used = true;
                lock(&hold.state).done += 1;
                hold.changed.notify_all();
            }
        }
    }
}

impl Hold {
    /// For a class without instances.
    #[allow(clippy::new_without_default, reason = "it is a static's")]
    pub const fn new() -> Self {
        Self {
            gate: Mutex::new(()),
            state: Mutex::new(State {
                instances: 0,
                here: false,
                leave: false,
                done: 0,
                keeper: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// The background thread's wait.
    fn stay(&self) {
        let mut state = lock(&self.state);
        state.here = true;
        self.changed.notify_all();
        while !state.leave {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.here = false;
        self.changed.notify_all();
    }

    /// Waits for the background thread to do something, for so long at most; whether it did.
    fn wait(&self, patience: Duration, done: impl Fn(&State) -> bool) -> bool {
        let state = lock(&self.state);
        let waited = self
            .changed
            .wait_timeout_while(state, patience, |state| !done(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Posts until the queue takes it; whether it did.
    fn post(&'static self, post: &Post, work: impl Fn(Ticket) -> Work) -> bool {
        let start = Instant::now();
        loop {
            let refused = Arc::new(AtomicBool::new(false));
            post(Task(work(Ticket::new(&refused))));
            if !refused.load(Ordering::Acquire) {
                return true;
            }
            if start.elapsed() > PATIENCE {
                return false;
            }
            std::thread::yield_now();
        }
    }

    /// Gets the thread here, with nothing else in its queue.
    fn seize(&'static self, post: &Post) {
        for attempt in 0..TRIES {
            lock(&self.state).leave = false;
            let here = self.post(post, |ticket| Work::Stay(self, ticket))
                && self.wait(PATIENCE, |state| state.here);
            if !here || fill(post) == CAPACITY || attempt + 1 == TRIES {
                return;
            }
            // Somebody else's task has come in between. Once that instance is gone it would be the
            // thread's end: it is let through, while there is no window that it could harm.
            self.release(post);
        }
    }

    /// Lets the thread go, and waits until it has done all that it had to do for the hold.
    fn release(&'static self, post: &Post) {
        lock(&self.state).leave = true;
        self.changed.notify_all();
        self.wait(PATIENCE, |state| !state.here);
        let before = lock(&self.state).done;
        if self.post(post, |ticket| Work::Tell(self, ticket)) {
            self.wait(PATIENCE, |state| state.done > before);
        }
    }
}

/// Fills the queue; how many found room.
fn fill(post: &Post) -> usize {
    let refused = Arc::new(AtomicBool::new(false));
    let full = |_: &usize| {
        post(Task(Work::Pass(Ticket::new(&refused))));
        refused.load(Ordering::Acquire)
    };
    (0..CAPACITY).find(full).unwrap_or(CAPACITY)
}

/// An instance's share in its class's hold; it ends with the last.
pub struct Share {
    hold: &'static Hold,
    make: fn() -> Option<Keeper>,
}

impl Share {
    /// A new instance's share; `make` makes the class's keeper.
    pub fn new(hold: &'static Hold, make: fn() -> Option<Keeper>) -> Self {
        // One that is given up is given up first.
        let _gate = lock(&hold.gate);
        lock(&hold.state).instances += 1;
        Self { hold, make }
    }

    /// The instance is being activated by a VST3 host: from now on the thread is kept.
    pub fn take_hold(&self) {
        // Elsewhere these tasks are the main thread's.
        if cfg!(target_os = "linux") {
            self.take();
        }
    }

    fn take(&self) {
        let hold = self.hold;
        let _gate = lock(&hold.gate);
        let post = {
            let state = lock(&hold.state);
            if state.here {
                return;
            }
            state.keeper.as_ref().map(Keeper::post)
        };
        // Made without the lock: it is an instance, and comes by here itself.
        if let Some(post) = post.or_else(|| self.keeper()) {
            hold.seize(&post);
        }
    }

    fn keeper(&self) -> Option<Post> {
        let keeper = (self.make)()?;
        let post = keeper.post();
        lock(&self.hold.state).keeper = Some(keeper);
        Some(post)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _gate = lock(&self.hold.gate);
        let keeper = {
            let mut state = lock(&self.hold.state);
            state.instances = state.instances.saturating_sub(1);
            if state.instances > 0 {
                return;
            }
            state.keeper.take()
        };
        if let Some(keeper) = keeper {
            self.hold.release(&keeper.post());
            keeper.end();
        }
    }
}

#[cfg(test)]
mod tests;
