//! The editor that nice-plug opens and closes, on the host's main thread.

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

use super::driver::{App, Driver};
use super::handle::{Handle, Links, Report};
#[cfg(target_os = "linux")]
use super::libraries;
use crate::project::window_state::{MIN_SIZE, WindowState};

/// Whether there can be a window at all: on Linux baseview's are X11's.
pub fn is_possible() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some_and(|name| !name.is_empty())
}

pub struct WindowEditor<A> {
    title: String,
    state: WindowState,
    app: Arc<Mutex<A>>,
    links: Arc<Links>,
}

impl<A: App> WindowEditor<A> {
    /// Not open yet. `state` holds its size.
    pub fn new(title: &str, state: WindowState, report: Report, app: A) -> Self {
        let links = Links {
            report,
            wants_keys: AtomicBool::new(false),
            keys: Mutex::default(),
        };
        Self {
            title: title.to_owned(),
            state,
            app: Arc::new(Mutex::new(app)),
            links: Arc::new(links),
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
        let window = baseview::Window::create_with_host(settings, build, host.map(adapt));
        let window = window.inspect_err(|error| {
            (self.links.report)(&format!("The window cannot be opened: {error}"));
        })?;
        let handle = Handle {
            state: self.state.clone(),
            links: self.links.clone(),
            waker: window.waker(),
        };
        Ok(SpawnedEditor { handle, window })
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

/// nice-plug's host as baseview wants it.
fn adapt(host: HostMethods) -> baseview::host::Host {
    struct Callbacks(Box<dyn HostCallbacks>);
    impl baseview::host::HostCallbacks for Callbacks {
        fn request_resize(&mut self, size: WindowSize) -> Result<(), HandlerError> {
            let (pixels, scale) = (size.physical.into(), size.scale_factor);
            let result = self.0.request_resize(pixels, scale);
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
