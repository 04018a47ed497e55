//! An open window as nice-plug holds it, and what the host does to it.
//!
//! Called on the host's main thread, except for the notices of changed parameters, which may come
//! from any thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use baseview::WindowWaker;
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};

use super::keys;
use super::links::Links;
use crate::link::sync::lock;
use crate::project::window_state::WindowState;

/// Baseview's window, which closes when this is dropped.
pub struct OpenWindow {
    // Dropped first: the window counts as open until it is gone.
    window: baseview::Window,
    _open: Open,
}

/// The window counts as open as long as this exists.
struct Open(WindowState);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.set_open(false);
    }
}

impl OpenWindow {
    pub(super) fn new(window: baseview::Window, state: WindowState) -> Self {
        state.set_open(true);
        Self {
            window,
            _open: Open(state),
        }
    }
}

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
    type Window = OpenWindow;
    type Error = baseview::Error;

    fn run_until_closed(window: OpenWindow) -> Result<(), baseview::Error> {
        window.window.run_until_closed()
    }

    fn set_parent(
        &self,
        parent: ParentWindowHandle,
        window: &OpenWindow,
    ) -> Result<(), baseview::Error> {
        window.window.set_parent(&parent)
    }

    fn show(&self, window: &OpenWindow) -> Result<(), baseview::Error> {
        window.window.show()?;
        // Baseview does not always draw a window that was hidden.
        self.waker.request_redraw();
        Ok(())
    }

    fn hide(&self, window: &OpenWindow) -> Result<(), baseview::Error> {
        window.window.hide()
    }

    fn set_size(&self, size: NativeSize<u32>, window: &OpenWindow) -> Result<(), baseview::Error> {
        let size = baseview::dpi::NativeSize::new(size.width, size.height);
        window.window.resize(size)
    }

    fn host_main_thread_callback(&self, window: &OpenWindow) {
        window.window.host_main_thread_callback();
    }

    fn adjust_size(&self, size: NativeSize<u32>, _: &OpenWindow) -> Option<NativeSize<u32>> {
        let least = self.state.least();
        Some(NativeSize::new(
            size.width.max(least.width),
            size.height.max(least.height),
        ))
    }

    fn set_fallback_scale_factor(
        &self,
        scale: f64,
        window: &OpenWindow,
    ) -> Result<(), baseview::Error> {
        window.window.suggest_fallback_scale_factor(scale)
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

    // The window reads the parameters itself, ten times a second or more: a notice would only wake
    // it.
    fn param_value_changed(&self, _: &str, _: f32) {}

    fn param_modulation_changed(&self, _: &str, _: f32) {}
}
