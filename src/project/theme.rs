//! How the window looks: dark or light. A project keeps it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nice_plug::params::persist::PersistentField;

/// Holds the choice (`#[persist = "light"]`). Clones share it; any thread, wait-free.
#[derive(Clone, Default)]
pub struct Theme(Arc<AtomicBool>);

impl Theme {
    pub fn is_light(&self) -> bool {
        // Relaxed, here and below: the flag by itself says it all.
        self.0.load(Ordering::Relaxed)
    }

    pub fn set_light(&self, light: bool) {
        self.0.store(light, Ordering::Relaxed);
    }
}

impl PersistentField<'_, bool> for Theme {
    fn set(&self, light: bool) {
        self.set_light(light);
    }

    fn map<F: Fn(&bool) -> R, R>(&self, f: F) -> R {
        f(&self.is_light())
    }
}
