//! What baseview calls: it gathers the input, has egui draw, and brings the picture to the screen.
//!
//! Everything here runs on the window's own thread (X11) or on the host's main thread (Windows,
//! macOS). A panic below it, in drawing code or in a driver, is caught: it closes the window and
//! does not reach the host.

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
use egui::{FullOutput, OutputCommand, ViewportCommand, ViewportId};
use nice_plug::context::gui::GuiContext;

use super::access::Access;
use super::clipboard::Clipboard;
use super::cursor::cursor;
use super::graphics::Graphics;
use super::input::Input;
use super::monitor::Monitor;
use super::state::WindowState;
use super::{App, Links};
use crate::project::models::lock;

/// So many pictures in a row may fail before the window closes.
const FAILURES: u32 = 10;
/// How soon a picture that failed is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// A window, from its opening to its closing.
pub struct Driver<A: App> {
    app: Arc<Mutex<A>>,
    window: WindowContext,
    state: WindowState,
    links: Arc<Links>,
    egui: egui::Context,
    monitor: Option<Monitor>,
    // Borrowed in short, and never while a call goes out that baseview may answer with another.
    input: RefCell<Input>,
    screen: RefCell<Screen>,
    cursor: Cell<MouseCursor>,
    failures: Cell<u32>,
    clicked: Cell<bool>,
    start: Instant,
    /// Within a host's window on X11, where a click is no reason to take the keyboard.
    shy: bool,
}

struct Screen {
    access: Access,
    graphics: Graphics,
    clipboard: Clipboard,
}

/// What a picture asks of the window, once nothing is borrowed any more.
#[derive(Default)]
struct Wishes {
    size: Option<LogicalSize<f32>>,
    close: bool,
    focus: bool,
    cursor: MouseCursor,
}

impl<A: App> Driver<A> {
    /// Gets everything ready; or says why there can be no window.
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
            egui.set_request_repaint_callback(move |wish| waker.request_redraw_after(wish.delay));
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
            shy: embedded && cfg!(target_os = "linux"),
        };
        driver.measure();
        Ok(driver)
    }

    /// Does egui do something with keys? Otherwise they are the host's.
    fn wants_keys(&self) -> bool {
        self.egui.egui_wants_keyboard_input()
            || self.egui.memory(|memory| memory.focused()).is_some()
    }

    fn picture(&self) -> Result<Wishes, String> {
        let raw = {
            let mut input = self.input.borrow_mut();
            let keys = std::mem::take(&mut *lock(&self.links.keys));
            keys.into_iter().for_each(|key| input.push(key));
            let actions = self.screen.borrow().access.take(&self.egui);
            for action in actions {
                input.push(egui::Event::AccessKitActionRequest(action));
            }
            // The zoom that egui draws with; a new one takes hold at the next picture.
            input.resize(self.window.size(), self.egui.zoom_factor());
            input.take(self.start.elapsed().as_secs_f64())
        };
        let output = self.egui.run_ui(raw, |ui| lock(&self.app).ui(ui));
        let wants_keys = self.wants_keys();
        self.links.wants_keys.store(wants_keys, Ordering::Relaxed);
        let mut wishes = self.wishes(&output);
        wishes.focus |= self.clicked.take() && wants_keys;
        self.show(output)?;
        Ok(wishes)
    }

    fn wishes(&self, output: &FullOutput) -> Wishes {
        let mut wishes = Wishes {
            size: self.zoomed(),
            cursor: cursor(output.platform_output.cursor_icon),
            ..Wishes::default()
        };
        let Some(viewport) = output.viewport_output.get(&ViewportId::ROOT) else {
            wishes.close = true;
            return wishes;
        };
        let zoom = self.state.zoom();
        for command in &viewport.commands {
            match command {
                ViewportCommand::Close => wishes.close = true,
                ViewportCommand::Focus => wishes.focus = true,
                ViewportCommand::InnerSize(size) => {
                    wishes.size = Some(LogicalSize::new(size.x * zoom, size.y * zoom));
                }
                _ => {}
            }
        }
        wishes
    }

    /// How much room there is: the window may have been moved.
    fn measure(&self) {
        let pixels = self.monitor.as_ref().and_then(Monitor::pixels);
        self.state.set_monitor(pixels);
    }

    /// The size that goes with a new zoom.
    fn zoomed(&self) -> Option<LogicalSize<f32>> {
        let zoom = self.egui.zoom_factor();
        if zoom == self.state.zoom() {
            return None;
        }
        self.measure();
        let fit = self.state.allowed(zoom);
        if fit != zoom {
            self.egui.set_zoom_factor(fit);
        }
        self.state.set_zoom(fit);
        Some(self.state.logical())
    }

    fn show(&self, mut output: FullOutput) -> Result<(), String> {
        let tree = output.platform_output.accesskit_update.take();
        let news = tree.and_then(|tree| self.screen.borrow_mut().access.update(tree));
        if let Some(news) = news {
            news.raise();
        }
        let Screen {
            graphics,
            clipboard,
            ..
        } = &mut *self.screen.borrow_mut();
        // First of all: it panics where it is dropped unused, in builds with debug assertions.
        graphics.change(std::mem::take(&mut output.textures_delta));
        for command in output.platform_output.commands.drain(..) {
            // Pictures are not copied and links not opened: nothing in the window asks for it.
            if let OutputCommand::CopyText(text) = command
                && !clipboard.put(text)
            {
                self.links
                    .report("Cannot copy: the clipboard is not to be had.");
            }
        }
        let size = self.window.size().physical;
        let shapes = self.egui.tessellate(output.shapes, output.pixels_per_point);
        graphics.paint([size.width, size.height], output.pixels_per_point, &shapes)
    }

    fn grant(&self, wishes: Wishes) {
        if let Some(size) = wishes.size
            && let Err(error) = self.window.resize(size)
        {
            let text = format!("The window cannot be made as large as the zoom wants: {error}");
            self.links.report(&text);
        }
        if wishes.focus {
            self.take_focus();
        }
        if self.cursor.replace(wishes.cursor) != wishes.cursor {
            // A pointer of another shape is no loss.
            let _ = self.window.set_mouse_cursor(wishes.cursor);
        }
        if wishes.close {
            self.window.request_close();
        }
    }

    fn take_focus(&self) {
        if !self.window.has_focus() {
            // Where the system refuses, the keys stay with the host.
            let _ = self.window.focus();
        }
    }

    fn failed(&self, error: &str) -> Result<(), HandlerError> {
        self.failures.set(self.failures.get() + 1);
        if self.failures.get() < FAILURES {
            self.window.waker().request_redraw_after(AGAIN);
            return Ok(());
        }
        self.links
            .report(&format!("The window cannot draw: {error}"));
        Err(failure(error))
    }

    fn happened(&self, event: Event) -> EventStatus {
        let mut status = EventStatus::Ignored;
        match event {
            Event::Mouse(event) => {
                let pressed = matches!(event, MouseEvent::ButtonPressed { .. });
                if pressed && !self.shy {
                    self.take_focus();
                }
                if pressed {
                    self.measure();
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
        match caught(|| self.picture()) {
            Ok(Ok(wishes)) => {
                self.failures.set(0);
                self.grant(wishes);
                Ok(())
            }
            Ok(Err(error)) => self.failed(&error),
            Err(error) => {
                self.links
                    .report(&format!("The window had to be closed: {error}"));
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
        caught(|| self.happened(event)).unwrap_or_else(|error| {
            self.links
                .report(&format!("The window missed something: {error}"));
            EventStatus::Ignored
        })
    }
}

impl<A: App> Drop for Driver<A> {
    fn drop(&mut self) {
        self.links.wants_keys.store(false, Ordering::Relaxed);
        // Nothing of it is left to say what went wrong to.
        let _ = caught(|| lock(&self.app).closed());
    }
}

/// Does something that may panic, and says what it panicked with.
fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "it does not say why".to_owned())
    })
}

fn failure(text: &str) -> HandlerError {
    HandlerError::from_boxed(text.into())
}
