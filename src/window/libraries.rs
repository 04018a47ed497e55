//! Keeps the system's graphics libraries loaded: on Linux.
//!
//! baseview loads them for each window and unloads them with it. They do not bear that: a thread of
//! theirs, or of another plug-in's window, that ends a moment later calls into code that is gone,
//! and what they allocate for good they allocate again each time. Called on the host's main thread
//! before a window is opened.

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

/// From now on they stay until the process ends. A library that is missing is skipped.
pub fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in NAMES {
            // SAFETY: baseview is about to load these libraries anyway; the handle is leaked on
            // purpose.
            unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NODELETE) };
        }
    });
}
