//! The window in which an [`App`] draws with egui: between nice-plug's editor, baseview's window and
//! OpenGL.
//!
//! [`WindowEditor`] is what nice-plug opens on the host's main thread; the
//! [driver] runs where baseview calls it. Nothing in here panics, whatever the
//! system refuses: no window, no picture, no clipboard is a message and not the host's end.

mod access;
mod clipboard;
mod cursor;
mod driver;
mod graphics;
mod handle;
pub mod hold;
mod input;
mod keys;
#[cfg(target_os = "linux")]
mod libraries;
mod monitor;
mod state;

use std::error::Error;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use baseview::dpi::Size;
use baseview::gl::GlConfig;
use baseview::{HandlerError, WindowSettings, WindowSize};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::NativeSize;
use nice_plug::editor::{
    Editor, HostCallbacks, HostMainThreadCaller, HostMethods, ParentWindowHandle, ResizeHint,
    SpawnedEditor,
};

use driver::Driver;
pub use handle::{Handle, Pane};
pub use state::{Kept, MIN_SIZE, WindowState, ZOOMS};

/// What is drawn in the window. Its methods are called on the window's thread.
pub trait App: Send + 'static {
    /// The window is there, and nothing drawn yet. Also when it is opened again.
    fn build(&mut self, egui: &egui::Context, gui: GuiContext);
    /// Draws a picture.
    fn ui(&mut self, ui: &mut egui::Ui);
    /// The window is gone.
    fn closed(&mut self);
}

/// Whether there can be a window at all: on Linux baseview's are X11's.
pub fn is_possible() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some_and(|name| !name.is_empty())
}

/// Tells the user what went wrong with the window.
pub type Report = Box<dyn Fn(&str) + Send + Sync>;

/// What the host's side of a window and the window's own have in common.
struct Links {
    report: Report,
    /// Does egui want keys?
    wants_keys: AtomicBool,
    /// Keys that came by way of the host.
    keys: Mutex<Vec<egui::Event>>,
}

impl Links {
    fn report(&self, text: &str) {
        (self.report)(text);
    }
}

/// The editor that a host opens and closes.
pub struct WindowEditor<A> {
    title: String,
    state: WindowState,
    app: Arc<Mutex<A>>,
    links: Arc<Links>,
}

impl<A: App> WindowEditor<A> {
    /// An editor that is not open. Its size is `state`'s.
    pub fn new(title: &str, state: WindowState, report: Report, app: A) -> Self {
        Self {
            title: title.to_owned(),
            state,
            app: Arc::new(Mutex::new(app)),
            links: Arc::new(Links {
                report,
                wants_keys: AtomicBool::new(false),
                keys: Mutex::default(),
            }),
        }
    }
}

impl<A: App> Editor for WindowEditor<A> {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Handle>, Box<dyn Error>> {
        #[cfg(target_os = "linux")]
        libraries::keep();
        let least: Size = MIN_SIZE.into();
        let settings = WindowSettings::new()
            .with_title(&self.title)
            .with_size(self.state.logical())
            .with_min_size(least)
            .with_resizable(true)
            .with_wait_for_parent(wait_for_parent)
            .with_fallback_scale_factor(fallback_scale_factor)
            .with_parent(parent.as_ref())
            .with_gl_config(GlConfig::default());
        let embedded = parent.is_some() || wait_for_parent;
        let (app, state, links) = (self.app.clone(), self.state.clone(), self.links.clone());
        let build = move |window| Driver::new(window, app, gui, state, links, embedded);
        let window = baseview::Window::create_with_host(settings, build, host.map(adapt))
            .inspect_err(|error| {
                self.links
                    .report(&format!("The window cannot be opened: {error}"));
            })?;
        let handle = Handle::new(self.state.clone(), self.links.clone(), window.waker());
        Ok(SpawnedEditor {
            handle,
            window: Pane::new(window, self.state.clone()),
        })
    }

    fn size(&self) -> NativeSize<u32> {
        self.state.native()
    }

    fn resize_hint(&self) -> ResizeHint {
        ResizeHint::RESIZABLE.with_min_logical_size(MIN_SIZE)
    }

    unsafe fn assume_standalone_in_process(&self) {
        // SAFETY: the same is asked of this function's caller.
        unsafe { baseview::assume_standalone_in_process() };
    }
}

/// The host as baseview wants it.
fn adapt(host: HostMethods) -> baseview::host::Host {
    struct Callbacks(Box<dyn HostCallbacks>);
    impl baseview::host::HostCallbacks for Callbacks {
        fn request_resize(&mut self, size: WindowSize) -> Result<(), HandlerError> {
            let result = self
                .0
                .request_resize(size.physical.into(), size.scale_factor);
            result.map_err(HandlerError::from_boxed)
        }

        fn destroyed(&mut self) {
            self.0.destroyed();
        }
    }
    struct Caller(Box<dyn HostMainThreadCaller>);
    impl baseview::host::HostMainThreadCaller for Caller {
        fn call_main_thread(&mut self) {
            self.0.call_main_thread();
        }
    }
    baseview::host::Host::new()
        .with_callbacks(Callbacks(host.callbacks))
        .with_main_thread(Caller(host.main_thread_caller))
}
