//! An open window as nice-plug holds it: what the host does to it.
//!
//! The host's main thread, but for the notices of changed parameters, which may come from any.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use baseview::WindowWaker;
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};

use super::state::WindowState;
use super::{Links, keys};
use crate::project::models::lock;

/// Baseview's window, and that there is one. It closes when this is dropped.
pub struct Pane {
    // Dropped first: the window is open until it is gone.
    window: baseview::Window,
    _open: Open,
}

/// As long as it is there the window counts as open.
struct Open(WindowState);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.set_open(false);
    }
}

impl Pane {
    pub(super) fn new(window: baseview::Window, state: WindowState) -> Self {
        state.set_open(true);
        Self {
            window,
            _open: Open(state),
        }
    }
}

/// What a host can do to an open window.
pub struct Handle {
    state: WindowState,
    links: Arc<Links>,
    waker: WindowWaker,
}

impl Handle {
    pub(super) fn new(state: WindowState, links: Arc<Links>, waker: WindowWaker) -> Self {
        Self {
            state,
            links,
            waker,
        }
    }
}

impl EditorHandle for Handle {
    type Window = Pane;
    type Error = baseview::Error;

    fn run_until_closed(pane: Pane) -> Result<(), baseview::Error> {
        pane.window.run_until_closed()
    }

    fn set_parent(&self, parent: ParentWindowHandle, pane: &Pane) -> Result<(), baseview::Error> {
        pane.window.set_parent(&parent)
    }

    fn show(&self, pane: &Pane) -> Result<(), baseview::Error> {
        pane.window.show()?;
        // Baseview does not always draw a window that was hidden.
        self.waker.request_redraw();
        Ok(())
    }

    fn hide(&self, pane: &Pane) -> Result<(), baseview::Error> {
        pane.window.hide()
    }

    fn set_size(&self, size: NativeSize<u32>, pane: &Pane) -> Result<(), baseview::Error> {
        let size = baseview::dpi::NativeSize::new(size.width, size.height);
        pane.window.resize(size)
    }

    fn host_main_thread_callback(&self, pane: &Pane) {
        pane.window.host_main_thread_callback();
    }

    fn adjust_size(&self, size: NativeSize<u32>, _: &Pane) -> Option<NativeSize<u32>> {
        let least = self.state.least();
        Some(NativeSize::new(
            size.width.max(least.width),
            size.height.max(least.height),
        ))
    }

    fn set_fallback_scale_factor(&self, scale: f64, pane: &Pane) -> Result<(), baseview::Error> {
        pane.window.suggest_fallback_scale_factor(scale)
    }

    fn on_virtual_key_from_host(
        &self,
        code: VirtualKeyCode,
        pressed: bool,
        held: Modifiers,
    ) -> bool {
        let Some(key) = keys::host_key(code) else {
            return false;
        };
        if !self.links.wants_keys.load(Ordering::Relaxed) {
            return false;
        }
        lock(&self.links.keys).push(egui::Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: keys::host_modifiers(held),
        });
        self.waker.request_redraw();
        true
    }

    fn state_changed(&self) {
        self.waker.request_redraw();
    }

    // The window looks for itself, some ten times a second or more: a notice would only wake it.
    fn param_value_changed(&self, _: &str, _: f32) {}

    fn param_modulation_changed(&self, _: &str, _: f32) {}
}
