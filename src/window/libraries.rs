//! The system's graphics libraries, kept loaded: Linux.
//!
//! Baseview loads them for each window and unloads them with it. They do not stand that: a thread
//! of theirs, or of another plug-in's window, that ends a moment later calls into code that is gone;
//! and what they have allocated for good they allocate again each time. Called by the host's main
//! thread before a window is opened.

use std::ffi::CStr;
use std::sync::Once;

const NAMES: [&CStr; 6] = [
    c"libX11.so.6",
    c"libX11-xcb.so.1",
    c"libxcb.so.1",
    c"libxkbcommon-x11.so.0",
    c"libGL.so.1",
    c"libEGL.so.1",
];

/// From now on they stay to the process's end. What is not there is not loaded.
pub fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in NAMES {
            // SAFETY: the libraries that baseview is about to load anyway; the handle is let go of
            // on purpose.
            unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NODELETE) };
        }
    });
}
