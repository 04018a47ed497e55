//! Keeps nice-plug's background thread away from the window, where it would panic: VST3 on Linux.
//!
//! # The race
//!
//! Seen in nice-plug 0.4.2; `tests/tests/window.rs` brings it about within a second where this
//! module is left out.
//!
//! A knob that the audio thread turns (`process()` with parameter changes) becomes a
//! `Task::ParameterValueChanged` (`wrapper/vst3/inner.rs`, `set_normalized_value_by_hash`).
//! `schedule_gui` gives it to the host's run loop only if the editor counts as open and the host
//! has a run loop; otherwise to a thread of nice-plug's own, `bg-worker` (`event_loop/linux.rs`),
//! which all instances of a class share. There `execute` calls `editor_window.borrow()`. The main
//! thread holds `borrow_mut()` of the same cell in `attached()`, for as long as a window takes to
//! open, and in `removed()`: *already mutably borrowed*. And if it gets through while a window is
//! open, `Fragile::get()` panics, because this is not the thread that opened it. The thread is
//! gone, and the host goes with it when the last instance is released: `WorkerThread::drop` expects
//! both the message and the thread to have arrived (`event_loop/background_thread.rs`).
//!
//! Two more faults lie in the same places. The thread *ends* when it takes a task of an instance
//! that has been released (`Ok(Message::Task) .. None => return`), with the same end for the host.
//! And it holds an `Arc` of the instance while it does a task, so that it may be the one to drop
//! the last instance, and joins itself.
//!
//! At the root it would be mended by running these tasks on the main thread only, or by
//! `try_borrow` and `try_get` in `execute`, and by `continue` in place of `return`.
//!
//! # The way round it
//!
//! Nothing waits for these notices: the window reads the parameters itself. So the thread is given
//! something else to do, which is to wait, and its queue is filled with tasks that do nothing: from
//! the first activation, before there is an audio thread that could post anything, until the last
//! instance of the class goes. Notices that find no room are dropped, and nothing misses them (in
//! debug builds nice-plug logs each). So it is done where there is no screen too, against the
//! second fault: a knob turned just before an instance goes.
//!
//! A task keeps the instance alive through which it was posted, and a task of an instance that is
//! gone ends the thread. So all tasks are posted through a [`SentinelInstance`]: one that no host
//! sees, and that lives until the end of the last real instance.
//!
//! In CLAP there is no hold: there the tasks run on the main thread. All calls are made on the
//! host's main thread, except [`Task::run`].
//!
//! # What cannot be helped from outside
//!
//! Each run loop that a host hands over with `setFrame` is leaked with its queue and two file
//! descriptors (some 230 KiB an opening): `RunLoopEventHandler` owns a reference to itself. So is
//! the keymap of xkbcommon, by baseview 0.4.2, with every window on X11 (54 KiB, `platform/x11`,
//! found by valgrind).

mod sentinel;
mod task;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::link::sync::lock;
pub use sentinel::{SentinelInstance, SentinelSetup};
use task::PATIENCE;
pub use task::{Post, Task};

/// How many tasks nice-plug's queue takes.
const CAPACITY: usize = 4096;
/// How often it tries to have the queue to itself. Tests do not end before it has.
const ATTEMPTS: u32 = if cfg!(test) { 100_000 } else { 50 };

/// The hold on the background thread of one class, shared by all instances of the class in the
/// process, as that thread is.
pub struct Hold {
    /// Locked while the hold is taken or given up: tests have hosts on several threads at once.
    gate: Mutex<()>,
    state: Mutex<HoldState>,
    changed: Condvar,
}

struct HoldState {
    instances: usize,
    /// Whether the thread is here, waiting.
    here: bool,
    /// Whether it must go.
    leave: bool,
    /// How often it has reported that all tasks before the report are done.
    reports: u64,
    sentinel: Option<SentinelInstance>,
}

impl Hold {
    /// For a class without instances.
    #[allow(clippy::new_without_default, reason = "made for statics alone")]
    pub const fn new() -> Self {
        Self {
            gate: Mutex::new(()),
            state: Mutex::new(HoldState {
                instances: 0,
                here: false,
                leave: false,
                reports: 0,
                sentinel: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// Where the background thread waits.
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

    /// The background thread has done all that came before.
    fn report(&self) {
        lock(&self.state).reports += 1;
        self.changed.notify_all();
    }

    /// Waits for the background thread, `PATIENCE` at most. Returns whether it did what was
    /// awaited.
    fn wait(&self, done: impl Fn(&HoldState) -> bool) -> bool {
        let state = lock(&self.state);
        let waited = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !done(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Posts until the queue takes the task, `PATIENCE` at most. Returns whether it did.
    fn post(&'static self, post: &Post, work: fn(&'static Self)) -> bool {
        let start = Instant::now();
        loop {
            let refused = Arc::new(AtomicBool::new(false));
            post(Task::new(&refused, move || work(self)));
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
        for attempt in 1..=ATTEMPTS {
            lock(&self.state).leave = false;
            let here = self.post(post, Self::stay) && self.wait(|state| state.here);
            if !here || fill(post) == CAPACITY || attempt == ATTEMPTS {
                return;
            }
            // A task of another instance has come in between. Once that instance is gone the task
            // would end the thread: it is let through, while there is no window that it could harm.
            self.release(post);
        }
    }

    /// Lets the thread go, and waits until it has done all that it had to do for the hold.
    fn release(&'static self, post: &Post) {
        lock(&self.state).leave = true;
        self.changed.notify_all();
        self.wait(|state| !state.here);
        let before = lock(&self.state).reports;
        if self.post(post, Self::report) {
            self.wait(|state| state.reports > before);
        }
    }
}

/// Fills the queue with tasks that do nothing. Returns how many found room.
fn fill(post: &Post) -> usize {
    let refused = Arc::new(AtomicBool::new(false));
    let full = |_: &usize| {
        post(Task::new(&refused, || {}));
        refused.load(Ordering::Acquire)
    };
    (0..CAPACITY).find(full).unwrap_or(CAPACITY)
}

/// An instance's share in the hold of its class, which ends with the last share.
pub struct Share {
    hold: &'static Hold,
    make: fn() -> Option<SentinelInstance>,
}

impl Share {
    /// For a new instance; `make` makes the sentinel of the class.
    pub fn new(hold: &'static Hold, make: fn() -> Option<SentinelInstance>) -> Self {
        // A hold that is being given up is given up first.
        let _gate = lock(&hold.gate);
        lock(&hold.state).instances += 1;
        Self { hold, make }
    }

    /// The instance is being activated by a VST3 host: from now on the thread is held.
    pub fn take_hold(&self) {
        // On other systems these tasks run on the main thread.
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
            state.sentinel.as_ref().map(SentinelInstance::post)
        };
        // Made without the lock: the sentinel is an instance, and comes by here itself.
        if let Some(post) = post.or_else(|| self.make_sentinel()) {
            hold.seize(&post);
        }
    }

    fn make_sentinel(&self) -> Option<Post> {
        let sentinel = (self.make)()?;
        let post = sentinel.post();
        lock(&self.hold.state).sentinel = Some(sentinel);
        Some(post)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _gate = lock(&self.hold.gate);
        let sentinel = {
            let mut state = lock(&self.hold.state);
            state.instances = state.instances.saturating_sub(1);
            if state.instances > 0 {
                return;
            }
            state.sentinel.take()
        };
        if let Some(sentinel) = sentinel {
            self.hold.release(&sentinel.post());
            sentinel.end();
        }
    }
}

#[cfg(test)]
mod tests;
