//! What baseview calls: gathers the input, has egui draw, and brings the frame to the screen.
//!
//! Runs on the window's own thread (X11) or on the host's main thread (Windows, macOS). A panic
//! below, in drawing code or in a graphics driver, is caught: it closes the window and does not
//! reach the host.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use baseview::dpi::LogicalSize;
use baseview::{
    Event, EventStatus, HandlerError, MouseCursor, MouseEvent, WindowContext, WindowEvent,
    WindowHandler, WindowSize,
};
use egui::{FullOutput, OutputCommand};
use nice_plug::context::gui::GuiContext;

use super::access::Access;
use super::clipboard::Clipboard;
use super::cursor::cursor;
use super::graphics::Graphics;
use super::handle::Links;
use super::input::Input;
use super::monitor::Monitor;
use crate::link::sync::{lock, panic_message};
use crate::project::window_state::WindowState;

/// How many frames in a row may fail before the window closes.
const FAILURES: u32 = 10;
/// How soon a frame that failed is tried again.
const RETRY: Duration = Duration::from_millis(200);

/// What is drawn in the window. Called on the window's thread.
pub trait App: Send + 'static {
    /// The window is open, and nothing is drawn yet. Called again when it is opened again.
    fn build(&mut self, egui: &egui::Context, gui: GuiContext);
    /// Draws a frame.
    fn ui(&mut self, ui: &mut egui::Ui);
    /// The window is gone.
    fn closed(&mut self);
}

/// A window, from its opening to its closing.
pub struct Driver<A: App> {
    app: Arc<Mutex<A>>,
    window: WindowContext,
    state: WindowState,
    links: Arc<Links>,
    egui: egui::Context,
    monitor: Option<Monitor>,
    // Borrowed briefly, and never during a call that baseview may answer with a call of its own.
    input: RefCell<Input>,
    screen: RefCell<Screen>,
    cursor: Cell<MouseCursor>,
    failures: Cell<u32>,
    clicked: Cell<bool>,
    start: Instant,
    /// Whether a click takes the keyboard: not in a host's window on X11.
    click_takes_focus: bool,
}

struct Screen {
    access: Access,
    graphics: Graphics,
    clipboard: Clipboard,
}

/// What a frame requests of the window, to be done once nothing is borrowed any more.
struct Requests {
    size: Option<LogicalSize<f32>>,
    focus: bool,
    cursor: MouseCursor,
}

impl<A: App> Driver<A> {
    /// Gets everything ready, or says why there can be no window.
    pub fn new(
        window: WindowContext,
        app: Arc<Mutex<A>>,
        gui: GuiContext,
        state: WindowState,
        links: Arc<Links>,
        embedded: bool,
    ) -> Result<Self, HandlerError> {
        let monitor = Monitor::of(&window);
        let make = || {
            let graphics = Graphics::new(&window)?;
            let egui = egui::Context::default();
            let size = window.size();
            egui.set_zoom_factor(state.zoom());
            let waker = window.waker();
            egui.set_request_repaint_callback(move |request| {
                waker.request_redraw_after(request.delay)
            });
            state.resized(size.logical, size.scale_factor);
            let input = Input::new(size, state.zoom(), graphics.max_texture_side());
            let access = Access::new(&window);
            lock(&app).build(&egui, gui);
            Ok::<_, String>((access, graphics, egui, input))
        };
        let made = caught(make).unwrap_or_else(Err);
        let (access, graphics, egui, input) = made.map_err(|error| failure(&error))?;
        let driver = Self {
            app,
            window,
            state,
            links,
            egui,
            monitor,
            input: RefCell::new(input),
            screen: RefCell::new(Screen {
                access,
                graphics,
                clipboard: Clipboard::default(),
            }),
            cursor: Cell::new(MouseCursor::Default),
            failures: Cell::new(0),
            clicked: Cell::new(false),
            start: Instant::now(),
            click_takes_focus: !(embedded && cfg!(target_os = "linux")),
        };
        driver.measure_monitor();
        driver.state.set_open(true);
        Ok(driver)
    }

    /// Whether egui uses keys. Otherwise they are the host's.
    fn wants_keys(&self) -> bool {
        self.egui.egui_wants_keyboard_input()
            || self.egui.memory(|memory| memory.focused()).is_some()
    }

    fn frame(&self) -> Result<Requests, String> {
        let raw = {
            let mut input = self.input.borrow_mut();
            let keys = std::mem::take(&mut *lock(&self.links.keys));
            keys.into_iter().for_each(|key| input.push(key));
            let actions = self.screen.borrow().access.take(&self.egui);
            for action in actions {
                input.push(egui::Event::AccessKitActionRequest(action));
            }
            // The zoom that egui draws with: a new one takes effect in the next frame.
            input.resize(self.window.size(), self.egui.zoom_factor());
            input.take(self.start.elapsed().as_secs_f64())
        };
        let output = self.egui.run_ui(raw, |ui| lock(&self.app).ui(ui));
        let wants_keys = self.wants_keys();
        self.links.wants_keys.store(wants_keys, Ordering::Relaxed);
        let requests = Requests {
            size: self.zoomed(),
            focus: self.clicked.take() && wants_keys,
            cursor: cursor(output.platform_output.cursor_icon),
        };
        self.show(output)?;
        Ok(requests)
    }

    /// Finds out how large the monitor is: the window may have been moved to another one.
    fn measure_monitor(&self) {
        let pixels = self.monitor.as_ref().and_then(Monitor::pixels);
        self.state.set_monitor(pixels);
    }

    /// The size for a new zoom, if there is one.
    fn zoomed(&self) -> Option<LogicalSize<f32>> {
        let zoom = self.egui.zoom_factor();
        if zoom == self.state.zoom() {
            return None;
        }
        self.measure_monitor();
        let fit = self.state.allowed(zoom);
        if fit != zoom {
            self.egui.set_zoom_factor(fit);
        }
        self.state.set_zoom(fit);
        Some(self.state.logical())
    }

    fn show(&self, mut output: FullOutput) -> Result<(), String> {
        let tree = output.platform_output.accesskit_update.take();
        let events = tree.and_then(|tree| self.screen.borrow_mut().access.update(tree));
        if let Some(events) = events {
            events.raise();
        }
        let screen = &mut *self.screen.borrow_mut();
        // Taken first: in builds with debug assertions it panics when it is dropped unused.
        (screen.graphics).change(std::mem::take(&mut output.textures_delta));
        for command in output.platform_output.commands.drain(..) {
            // Images are not copied and links not opened: nothing in the window asks for that.
            if let OutputCommand::CopyText(text) = command
                && !screen.clipboard.put(text)
            {
                (self.links.report)("Cannot copy: there is no clipboard.");
            }
        }
        let (size, scale) = (self.window.size().physical, output.pixels_per_point);
        let shapes = self.egui.tessellate(output.shapes, scale);
        (screen.graphics).paint([size.width, size.height], scale, &shapes)
    }

    fn apply(&self, requests: Requests) {
        if let Some(size) = requests.size
            && let Err(error) = self.window.resize(size)
        {
            let text = format!("The window cannot be made large enough for the zoom: {error}");
            (self.links.report)(&text);
        }
        if requests.focus {
            self.take_focus();
        }
        if self.cursor.replace(requests.cursor) != requests.cursor {
            // A pointer of the wrong shape does no harm.
            let _ = self.window.set_mouse_cursor(requests.cursor);
        }
    }

    fn take_focus(&self) {
        if !self.window.has_focus() {
            // If the system refuses, the keys stay with the host.
            let _ = self.window.focus();
        }
    }

    fn failed(&self, error: &str) -> Result<(), HandlerError> {
        self.failures.set(self.failures.get() + 1);
        if self.failures.get() < FAILURES {
            self.window.waker().request_redraw_after(RETRY);
            return Ok(());
        }
        (self.links.report)(&format!("The window cannot draw: {error}"));
        Err(failure(error))
    }

    fn handle(&self, event: Event) -> EventStatus {
        let mut status = EventStatus::Ignored;
        match event {
            Event::Mouse(event) => {
                let pressed = matches!(event, MouseEvent::ButtonPressed { .. });
                if pressed && self.click_takes_focus {
                    self.take_focus();
                }
                if pressed {
                    self.measure_monitor();
                }
                self.clicked.set(self.clicked.get() || pressed);
                status = self.input.borrow_mut().mouse(event);
                let over = self.egui.egui_wants_pointer_input();
                if status == EventStatus::Ignored && over {
                    status = EventStatus::Captured;
                }
            }
            Event::Keyboard(event) => {
                if self.wants_keys() {
                    status = EventStatus::Captured;
                }
                let mut screen = self.screen.borrow_mut();
                let paste = || screen.clipboard.text();
                self.input.borrow_mut().key(&event, paste);
            }
            Event::Window(WindowEvent::Focused) => self.input.borrow_mut().focus(true),
            Event::Window(WindowEvent::Unfocused) => self.input.borrow_mut().focus(false),
            _ => return status,
        }
        self.window.request_redraw();
        status
    }
}

impl<A: App> WindowHandler for Driver<A> {
    fn draw(&self) -> Result<(), HandlerError> {
        match caught(|| self.frame()) {
            Ok(Ok(requests)) => {
                self.failures.set(0);
                self.apply(requests);
                Ok(())
            }
            Ok(Err(error)) => self.failed(&error),
            Err(error) => {
                (self.links.report)(&format!("The window had to be closed: {error}"));
                Err(failure(&error))
            }
        }
    }

    fn resized(&self, size: WindowSize) -> Result<(), HandlerError> {
        self.state.resized(size.logical, size.scale_factor);
        self.window.request_redraw();
        Ok(())
    }

    fn on_event(&self, event: Event) -> EventStatus {
        caught(|| self.handle(event)).unwrap_or_else(|error| {
            (self.links.report)(&format!("The window missed an event: {error}"));
            EventStatus::Ignored
        })
    }
}

impl<A: App> Drop for Driver<A> {
    fn drop(&mut self) {
        self.state.set_open(false);
        self.links.wants_keys.store(false, Ordering::Relaxed);
        // There is no window left to report a failure in.
        let _ = caught(|| lock(&self.app).closed());
    }
}

/// Does something that may panic, and returns what it panicked with.
fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_message(&*panic).to_owned())
}

fn failure(text: &str) -> HandlerError {
    HandlerError::from_boxed(text.into())
}
