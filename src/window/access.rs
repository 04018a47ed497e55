//! Screen readers: egui's AccessKit tree goes to the system, the system's requests come back.
//!
//! The driver makes it, on the window's thread, before the window is shown. On Windows and macOS
//! the window's own procedure or view is extended for it, and restored when it is dropped. Neither
//! has been run by us: the code is kept thin and is type-checked. On Linux there is none:
//! AccessKit's thread for D-Bus would outlive a plug-in that is unloaded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use baseview::{WindowContext, WindowWaker};
use egui::accesskit::{ActionHandler, ActionRequest, ActivationHandler, TreeUpdate};

use crate::link::sync::lock;

/// A window's way to the system's screen readers.
pub struct Access {
    requests: Arc<Requests>,
    adapter: Option<Adapter>,
}

/// What screen readers request. Any thread.
struct Requests {
    /// Whether there is a screen reader.
    active: AtomicBool,
    actions: Mutex<Vec<ActionRequest>>,
    waker: WindowWaker,
}

/// The system asks it for the tree, and hands it what is to be done.
struct Reader(Arc<Requests>);

impl ActivationHandler for Reader {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        // The next frame brings it.
        self.0.active.store(true, Ordering::Release);
        self.0.waker.request_redraw();
        None
    }
}

impl ActionHandler for Reader {
    fn do_action(&mut self, request: ActionRequest) {
        lock(&self.0.actions).push(request);
        self.0.waker.request_redraw();
    }
}

impl Access {
    pub fn new(window: &WindowContext) -> Self {
        let requests = Arc::new(Requests {
            active: AtomicBool::new(false),
            actions: Mutex::default(),
            waker: window.waker(),
        });
        Self {
            adapter: adapter(window, &requests),
            requests,
        }
    }

    /// Has egui make a tree if there is a screen reader; returns what is to be done in it.
    pub fn take(&self, egui: &egui::Context) -> Vec<ActionRequest> {
        if self.requests.active.load(Ordering::Acquire) {
            egui.enable_accesskit();
        }
        std::mem::take(&mut *lock(&self.requests.actions))
    }

    /// The tree has changed. The events returned must be raised once nothing is borrowed: the
    /// system may call back at once.
    pub fn update(&mut self, tree: TreeUpdate) -> Option<Events> {
        self.adapter.as_mut()?.update_if_active(|| tree)
    }
}

#[cfg(target_os = "windows")]
use accesskit_windows::{QueuedEvents as Events, SubclassingAdapter as Adapter};

#[cfg(target_os = "windows")]
fn adapter(window: &WindowContext, requests: &Arc<Requests>) -> Option<Adapter> {
    use accesskit_windows::HWND;
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    let RawWindowHandle::Win32(handle) = window.window_handle().ok()?.as_raw() else {
        return None;
    };
    let handle = HWND(handle.hwnd.get() as *mut std::ffi::c_void);
    // It panics in a window that is already shown: the driver catches that, and goes without.
    let reader = || Reader(requests.clone());
    Some(Adapter::new(handle, reader(), reader()))
}

#[cfg(target_os = "macos")]
use accesskit_macos::{QueuedEvents as Events, SubclassingAdapter as Adapter};

#[cfg(target_os = "macos")]
fn adapter(window: &WindowContext, requests: &Arc<Requests>) -> Option<Adapter> {
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    let RawWindowHandle::AppKit(handle) = window.window_handle().ok()?.as_raw() else {
        return None;
    };
    let reader = || Reader(requests.clone());
    // SAFETY: the window's own view, alive as long as the driver that keeps this; on the main
    // thread, where baseview makes its windows.
    Some(unsafe { Adapter::new(handle.ns_view.as_ptr(), reader(), reader()) })
}

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
use none::{Adapter, Events};

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
fn adapter(_: &WindowContext, requests: &Arc<Requests>) -> Option<Adapter> {
    none::adapter(Reader(requests.clone()))
}

/// On Linux.
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
mod none {
    use super::{ActionHandler, ActivationHandler, TreeUpdate};

    pub enum Adapter {}
    pub enum Events {}

    pub fn adapter(_: impl ActivationHandler + ActionHandler) -> Option<Adapter> {
        None
    }

    impl Adapter {
        pub fn update_if_active(&mut self, _: impl FnOnce() -> TreeUpdate) -> Option<Events> {
            match *self {}
        }
    }

    impl Events {
        pub fn raise(self) {
            match self {}
        }
    }
}
