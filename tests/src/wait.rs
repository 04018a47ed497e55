//! Waiting for what another thread, process or server does, however slow the machine is.
//!
//! A test waits for the event it is about, and only a hang ends the waiting.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than anything takes on the most loaded machine: only a hang reaches it.
pub const HANG: Duration = Duration::from_secs(300);

/// How long is slept between two looks.
const LOOK: Duration = Duration::from_millis(1);

/// Waits until `see` returns something and hands it over; `None` where it hangs.
pub fn patiently<T>(mut see: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(seen) = see() {
            return Some(seen);
        }
        if start.elapsed() > HANG {
            return None;
        }
        sleep(LOOK);
    }
}

/// The same for a test, which fails where it hangs, and says what it waited for.
#[track_caller]
pub fn until<T>(what: &str, see: impl FnMut() -> Option<T>) -> T {
    match patiently(see) {
        Some(seen) => seen,
        // PANIC: a test that hangs has failed.
        None => panic!("waited {} s in vain: {what}", HANG.as_secs()),
    }
}
