//! The editor: the knobs, what HarmonAI is doing, the notes, and which model plays.
//!
//! Here is everything that the user sees and touches, drawn with egui on the window's own thread.
//! It reads the [`EngineView`] and the parameters and asks the
//! [`ModelLoader`](crate::project::models::ModelLoader) for models. It never waits for the engine,
//! touches files only in [`BackgroundTasks`], and must not panic. The operating system's window,
//! its events and OpenGL are in [`window`](crate::window).

mod answers;
mod browser;
mod context;
mod controls;
mod current_phrase;
mod dialogs;
mod header;
mod import;
mod last_folders;
mod notice;
mod roll;
mod status;
mod style;
mod tips;
mod widgets;

use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Frame, Ui, UiBuilder, Vec2};
use nice_plug::context::gui::GuiContext;

use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineSnapshot, EngineView};
use crate::params::HarmonAiParams;
use crate::standalone::transport::OwnTransport;
use crate::window::{App, WindowEditor};
use answers::Answers;
use browser::Browser;
use context::EditorContext;
use current_phrase::CurrentPhrase;
use notice::Notice;
use roll::Roll;
use status::Status;
use widgets::ParamGestures;

/// Time between two frames while the transport is stopped.
const STOPPED: Duration = Duration::from_millis(100);

/// In which the two classes of the plug-in differ.
#[derive(Clone, Copy)]
pub struct Class {
    pub title: &'static str,
    pub has_audio: bool,
}

/// The editor that a host opens and closes.
pub fn editor(
    class: Class,
    params: Arc<HarmonAiParams>,
    engine: Arc<EngineView>,
    tasks: BackgroundTasks,
    transport: OwnTransport,
) -> WindowEditor<EditorApp> {
    let (state, messages) = (params.window.clone(), engine.clone());
    let report = Box::new(move |text: &str| messages.messages().set_trouble(text));
    let app = EditorApp::new(class, params, engine, tasks, transport);
    WindowEditor::new(class.title, state, report, app)
}

/// What the editor keeps from one frame to the next.
pub struct EditorApp {
    class: Class,
    params: Arc<HarmonAiParams>,
    engine: Arc<EngineView>,
    /// The way to the host; `None` until the window is built. Until then knobs show but do not
    /// turn.
    gui: Option<GuiContext>,
    /// The last state that could be read whole.
    snapshot: EngineSnapshot,
    current: CurrentPhrase,
    status: Status,
    roll: Roll,
    browser: Browser,
    answers: Answers,
    notice: Notice,
    tasks: BackgroundTasks,
    /// The standalone app's; in a host it stays absent.
    transport: OwnTransport,
    /// Apart from the other tasks: dialogs stay open for as long as the user likes.
    dialogs: BackgroundTasks,
}

impl EditorApp {
    fn new(
        class: Class,
        params: Arc<HarmonAiParams>,
        engine: Arc<EngineView>,
        tasks: BackgroundTasks,
        transport: OwnTransport,
    ) -> Self {
        Self {
            class,
            params,
            engine,
            gui: None,
            snapshot: EngineSnapshot::default(),
            current: CurrentPhrase::default(),
            status: Status::default(),
            roll: Roll::default(),
            browser: Browser::default(),
            answers: Answers::default(),
            notice: Notice::default(),
            tasks,
            transport,
            dialogs: BackgroundTasks::default(),
        }
    }

    /// One frame: status and notes above, the last answers, the controls below.
    fn draw(&mut self, ui: &mut Ui) {
        if let Some(snapshot) = self.engine.snapshot() {
            self.snapshot = snapshot;
        }
        self.engine.watch();
        self.current.update(&self.params.phrases);
        let context = EditorContext {
            gestures: ParamGestures::new(self.gui.as_ref()),
            params: &self.params,
            engine: &self.engine,
            snapshot: &self.snapshot,
            has_audio: self.class.has_audio,
            tasks: &self.tasks,
            transport: &self.transport,
            dialogs: &self.dialogs,
            current: &self.current,
        };
        let panel = Frame::NONE
            .fill(style::palette(ui).background)
            .inner_margin(style::MARGIN);
        CentralPanel::default().frame(panel).show(ui, |ui| {
            header::bar(ui, self.class.title, &context, &mut self.browser);
            self.status.bar(ui, &context);
            let below = answers::HEIGHT + controls::HEIGHT + 2.0 * style::GAP;
            let size = ui.available_size() - Vec2::new(0.0, below);
            let place = self.roll.draw(ui, size, &context);
            self.notice.draw(ui, place, &context);
            let rest = ui.available_rect_before_wrap();
            let (above, below) =
                rest.split_top_bottom_at_y(rest.top() + answers::HEIGHT + style::GAP);
            // The controls first, so that tab reaches them before the buttons of the answers.
            ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
                controls::panel(ui, &context);
            });
            ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
                self.answers.strip(ui, &context);
            });
        });
        self.browser.draw(ui, &context);
        import::drops(ui, &context);
        // While the transport rolls, a frame for every refresh of the screen.
        let wait = if self.snapshot.playing {
            Duration::ZERO
        } else {
            STOPPED
        };
        ui.ctx().request_repaint_after(wait);
    }
}

impl App for EditorApp {
    fn build(&mut self, egui: &egui::Context, gui: GuiContext) {
        style::apply(egui);
        self.gui = Some(gui);
        self.params.models.chosen().refresh();
    }

    fn ui(&mut self, ui: &mut Ui) {
        self.draw(ui);
    }

    fn closed(&mut self) {
        self.gui = None;
        self.transport.window_closed();
    }
}

#[cfg(test)]
mod tests;
