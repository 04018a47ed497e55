//! Whether the host renders the block that it asks for offline, in the format that says so with
//! each block: VST3.
//!
//! nice-plug does not hand that on. So the VST3 object notes it here before it calls nice-plug, and
//! the plug-in reads it in the `process()` that nice-plug calls: the same call, on the audio thread.
//! Object and plug-in get to know each other's flag on the thread that makes both.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// For the plug-in that is being made on this thread, until it takes it.
    static OFFERED: Cell<Option<OfflineFlag>> = const { Cell::new(None) };
}

/// Shared by an object and the plug-in in it.
#[derive(Clone, Default)]
pub struct OfflineFlag(Arc<AtomicBool>);

impl OfflineFlag {
    /// What `make` makes, and the flag that the first plug-in made by it has taken.
    pub fn offer<T>(make: impl FnOnce() -> T) -> (T, Self) {
        let flag = Self::default();
        OFFERED.set(Some(flag.clone()));
        let made = make();
        OFFERED.set(None);
        (made, flag)
    }

    /// For a new plug-in: the flag that is offered to it, or one that nobody sets.
    pub fn taken() -> Self {
        OFFERED.take().unwrap_or_default()
    }

    pub fn set(&self, offline: bool) {
        // Relaxed, here and below: set and read by one thread, within one call.
        self.0.store(offline, Ordering::Relaxed);
    }

    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plug_in_in_the_object_takes_its_flag() {
        let (plugins, flag) = OfflineFlag::offer(|| [(); 2].map(|()| OfflineFlag::taken()));
        let later = OfflineFlag::taken();
        flag.set(true);
        assert_eq!(plugins.map(|plugin| plugin.get()), [true, false]);
        assert!(!later.get());
        let ((), _) = OfflineFlag::offer(|| ());
        assert!(OFFERED.take().is_none(), "what nobody took is gone");
    }
}
