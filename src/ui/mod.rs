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
pub use context::Class;
use context::{CurrentPhrase, EditorContext};
use notice::Notice;
use roll::Roll;
use status::Status;

/// Time between two frames while the transport is stopped.
const STOPPED: Duration = Duration::from_millis(100);

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
    context: EditorContext,
    status: Status,
    roll: Roll,
    browser: Browser,
    answers: Answers,
    notice: Notice,
}

impl EditorApp {
    fn new(
        class: Class,
        params: Arc<HarmonAiParams>,
        engine: Arc<EngineView>,
        tasks: BackgroundTasks,
        transport: OwnTransport,
    ) -> Self {
        let context = EditorContext {
            class,
            params,
            engine,
            gui: None,
            snapshot: EngineSnapshot::default(),
            current: CurrentPhrase::default(),
            tasks,
            dialogs: BackgroundTasks::default(),
            transport,
        };
        Self {
            context,
            status: Status::default(),
            roll: Roll::default(),
            browser: Browser::default(),
            answers: Answers::default(),
            notice: Notice::default(),
        }
    }

    /// One frame: status and notes above, the last answers, the controls below.
    fn draw(&mut self, ui: &mut Ui) {
        self.context.update();
        let context = &self.context;
        let panel = Frame::NONE
            .fill(style::palette(ui).background)
            .inner_margin(style::MARGIN);
        CentralPanel::default().frame(panel).show(ui, |ui| {
            header::bar(ui, context, &mut self.browser);
            self.status.bar(ui, context);
            let below = answers::HEIGHT + controls::HEIGHT + 2.0 * style::GAP;
            let size = ui.available_size() - Vec2::new(0.0, below);
            let place = self.roll.draw(ui, size, context);
            self.notice.draw(ui, place, context);
            let rest = ui.available_rect_before_wrap();
            let (above, below) =
                rest.split_top_bottom_at_y(rest.top() + answers::HEIGHT + style::GAP);
            // The controls first, so that tab reaches them before the buttons of the answers.
            ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
                controls::panel(ui, context);
            });
            ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
                self.answers.strip(ui, context);
            });
        });
        self.browser.draw(ui, context);
        import::drops(ui, context);
        // While the transport rolls, a frame for every refresh of the screen.
        let wait = if context.snapshot.playing {
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
        self.context.gui = Some(gui);
        self.context.params.models.chosen().refresh();
    }

    fn ui(&mut self, ui: &mut Ui) {
        self.draw(ui);
    }

    fn closed(&mut self) {
        self.context.gui = None;
        self.context.transport.window_closed();
    }
}

#[cfg(test)]
mod tests;
