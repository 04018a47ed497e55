//! What the threads share beside queues: a lock that outlives a panic, and what a panic said. Never
//! on the audio thread.

use std::any::Any;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock whose holder panicked still guards whole values here: each is replaced in one go.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic that was caught said.
pub fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}
