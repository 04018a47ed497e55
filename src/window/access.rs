//! What screen readers read of the window, and what they do in it: egui's AccessKit tree to the
//! system and the system's wishes back.
//!
//! The driver makes it, on the window's thread, before the window is shown. On Windows and macOS the
//! window's own procedure or view is extended for it, and restored when it is dropped. Neither has
//! been run by us: it is kept as thin as can be, and type-checked. On Linux there is none: AccessKit's thread
//! for D-Bus would outlive a plug-in that is unloaded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use baseview::{WindowContext, WindowWaker};
use egui::accesskit::{ActionHandler, ActionRequest, ActivationHandler, TreeUpdate};

use crate::project::models::lock;

/// A window's way to the system's screen readers.
pub struct Access {
    wishes: Arc<Wishes>,
    adapter: Option<Adapter>,
}

/// What screen readers want. Any thread.
struct Wishes {
    /// Does anybody read?
    read: AtomicBool,
    actions: Mutex<Vec<ActionRequest>>,
    waker: WindowWaker,
}

/// The system asks for the tree, and hands over what is to be done.
struct Reader(Arc<Wishes>);

impl ActivationHandler for Reader {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        // The next picture brings it.
        self.0.read.store(true, Ordering::Release);
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
    /// The window's, where the system has such a thing.
    pub fn new(window: &WindowContext) -> Self {
        let wishes = Arc::new(Wishes {
            read: AtomicBool::new(false),
            actions: Mutex::default(),
            waker: window.waker(),
        });
        Self {
            adapter: adapter(window, &wishes),
            wishes,
        }
    }

    /// Has egui make a tree if anybody reads it; what is to be done in it.
    pub fn take(&self, egui: &egui::Context) -> Vec<ActionRequest> {
        if self.wishes.read.load(Ordering::Acquire) {
            egui.enable_accesskit();
        }
        std::mem::take(&mut *lock(&self.wishes.actions))
    }

    /// The tree has changed. What is given back is to be raised once nothing is borrowed: the system
    /// may ask back at once.
    pub fn update(&mut self, tree: TreeUpdate) -> Option<News> {
        self.adapter.as_mut()?.update_if_active(|| tree)
    }
}

#[cfg(target_os = "windows")]
use accesskit_windows::{QueuedEvents as News, SubclassingAdapter as Adapter};

#[cfg(target_os = "windows")]
fn adapter(window: &WindowContext, wishes: &Arc<Wishes>) -> Option<Adapter> {
    use accesskit_windows::HWND;
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    let RawWindowHandle::Win32(handle) = window.window_handle().ok()?.as_raw() else {
        return None;
    };
    let handle = HWND(handle.hwnd.get() as *mut std::ffi::c_void);
    // It panics in a window that is already shown; the driver catches that, and there is none then.
    let reader = || Reader(wishes.clone());
    Some(Adapter::new(handle, reader(), reader()))
}

#[cfg(target_os = "macos")]
use accesskit_macos::{QueuedEvents as News, SubclassingAdapter as Adapter};

#[cfg(target_os = "macos")]
fn adapter(window: &WindowContext, wishes: &Arc<Wishes>) -> Option<Adapter> {
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    let RawWindowHandle::AppKit(handle) = window.window_handle().ok()?.as_raw() else {
        return None;
    };
    let reader = || Reader(wishes.clone());
    // SAFETY: the window's own view, alive as long as the driver that keeps this; on the main thread,
    // where baseview makes its windows.
    Some(unsafe { Adapter::new(handle.ns_view.as_ptr(), reader(), reader()) })
}

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
use nobody::{Adapter, News};

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
fn adapter(_: &WindowContext, wishes: &Arc<Wishes>) -> Option<Adapter> {
    nobody::adapter(Reader(wishes.clone()))
}

/// Where nobody reads.
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
mod nobody {
    use super::{ActionHandler, ActivationHandler, TreeUpdate};

    pub enum Adapter {}
    pub enum News {}

    pub fn adapter(_: impl ActivationHandler + ActionHandler) -> Option<Adapter> {
        None
    }

    impl Adapter {
        pub fn update_if_active(&mut self, _: impl FnOnce() -> TreeUpdate) -> Option<News> {
            match *self {}
        }
    }

    impl News {
        pub fn raise(self) {
            match self {}
        }
    }
}
