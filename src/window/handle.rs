//! An open window as nice-plug holds it, and what the host does to it.
//!
//! Called on the host's main thread, except for the notices of changed parameters, which may come
//! from any thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use baseview::{Error, Window, WindowWaker};
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};

use super::keys;
use crate::link::sync::lock;
use crate::project::window_state::WindowState;

/// Tells the user what went wrong with the window.
pub type Report = Box<dyn Fn(&str) + Send + Sync>;

/// What the host's side of a window and the window's own side share.
pub struct Links {
    pub report: Report,
    /// Whether egui wants keys.
    pub wants_keys: AtomicBool,
    /// Keys that came through the host.
    pub keys: Mutex<Vec<egui::Event>>,
}

pub struct Handle {
    pub(super) state: WindowState,
    pub(super) links: Arc<Links>,
    pub(super) waker: WindowWaker,
}

impl EditorHandle for Handle {
    type Window = Window;
    type Error = Error;

    fn run_until_closed(window: Window) -> Result<(), Error> {
        window.run_until_closed()
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Window) -> Result<(), Error> {
        window.set_parent(&parent)
    }

    fn show(&self, window: &Window) -> Result<(), Error> {
        window.show()?;
        // Baseview does not always draw a window that was hidden.
        self.waker.request_redraw();
        Ok(())
    }

    fn hide(&self, window: &Window) -> Result<(), Error> {
        window.hide()
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Window) -> Result<(), Error> {
        window.resize(baseview::dpi::NativeSize::new(size.width, size.height))
    }

    fn host_main_thread_callback(&self, window: &Window) {
        window.host_main_thread_callback();
    }

    fn adjust_size(&self, size: NativeSize<u32>, _: &Window) -> Option<NativeSize<u32>> {
        let least = self.state.least();
        let (width, height) = (size.width.max(least.width), size.height.max(least.height));
        Some(NativeSize::new(width, height))
    }

    fn set_fallback_scale_factor(&self, scale: f64, window: &Window) -> Result<(), Error> {
        window.suggest_fallback_scale_factor(scale)
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
