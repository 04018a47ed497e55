//! The window: the knobs, what HarmonAI is doing, the notes, and which model plays.
//!
//! Drawn on the window's own thread. It reads the [`Display`] and the parameters and asks the
//! [`ModelLoader`](crate::project::models::ModelLoader) for models; it never waits for the engine, and
//! nothing in it may panic: that would take the host down.

mod answers;
mod arrivals;
mod browser;
mod controls;
mod dialogs;
mod header;
mod heard;
pub mod last_folders;
mod notice;
mod roll;
mod shared;
mod status;
mod style;
mod tips;
mod widgets;

use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Frame as Panel, Ui, UiBuilder, Vec2};
use nice_plug::context::gui::GuiContext;

use crate::link::tasks::Errands;
use crate::link::view::{Display, Moment};
use crate::params::HarmonAiParams;
use crate::window::{App, WindowEditor};
use answers::Answers;
use browser::Browser;
use heard::Heard;
use notice::Notice;
use roll::Roll;
use shared::Shared;
use status::Status;
use widgets::Hand;

/// Time between two pictures while the transport stands.
const STANDING: Duration = Duration::from_millis(100);

/// Which of the plug-ins it is.
#[derive(Clone, Copy)]
pub struct Class {
    /// What it is called.
    pub title: &'static str,
    /// Whether it has a way for sound to go out.
    pub sounds: bool,
}

/// The editor that a host opens and closes.
pub fn editor(
    class: Class,
    params: Arc<HarmonAiParams>,
    display: Arc<Display>,
    errands: Errands,
) -> WindowEditor<Window> {
    let (state, messages) = (params.window.clone(), display.clone());
    let report = Box::new(move |text: &str| messages.messages().set_trouble(text));
    let window = Window::new(class, params, display, errands);
    WindowEditor::new(class.title, state, report, window)
}

/// What the window remembers between two pictures.
pub struct Window {
    class: Class,
    params: Arc<HarmonAiParams>,
    display: Arc<Display>,
    /// The way to the host; `None` until the window is built. Then knobs show but do not turn.
    gui: Option<GuiContext>,
    /// The last state that could be read whole.
    moment: Moment,
    heard: Heard,
    status: Status,
    roll: Roll,
    browser: Browser,
    answers: Answers,
    notice: Notice,
    errands: Errands,
    /// Dialogs stay open for as long as the user likes, and nothing else waits for them.
    dialogs: Errands,
}

impl Window {
    fn new(
        class: Class,
        params: Arc<HarmonAiParams>,
        display: Arc<Display>,
        errands: Errands,
    ) -> Self {
        Self {
            class,
            params,
            display,
            gui: None,
            moment: Moment::default(),
            heard: Heard::default(),
            status: Status::default(),
            roll: Roll::default(),
            browser: Browser::default(),
            answers: Answers::default(),
            notice: Notice::default(),
            errands,
            dialogs: Errands::default(),
        }
    }

    /// One picture: what it is doing and the notes above, the last answers, the controls below.
    fn draw(&mut self, ui: &mut Ui) {
        if let Some(moment) = self.display.moment() {
            self.moment = moment;
        }
        self.display.watch();
        self.heard.look(&self.params.phrases);
        let shared = Shared {
            hand: Hand::new(self.gui.as_ref()),
            params: &self.params,
            display: &self.display,
            sounds: self.class.sounds,
            errands: &self.errands,
            dialogs: &self.dialogs,
            heard: &self.heard,
            moment: &self.moment,
        };
        let panel = Panel::NONE
            .fill(style::palette(ui).background)
            .inner_margin(style::MARGIN);
        CentralPanel::default().frame(panel).show(ui, |ui| {
            header::bar(ui, self.class.title, &shared, &mut self.browser);
            self.status.bar(ui, &shared);
            let below = answers::HEIGHT + controls::HEIGHT + 2.0 * style::GAP;
            let size = ui.available_size() - Vec2::new(0.0, below);
            let place = self.roll.draw(ui, size, &shared);
            self.notice.draw(ui, place, &shared);
            let rest = ui.available_rect_before_wrap();
            let (above, below) =
                rest.split_top_bottom_at_y(rest.top() + answers::HEIGHT + style::GAP);
            // The controls first: tab reaches them before all those answers.
            ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
                controls::panel(ui, &shared);
            });
            ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
                self.answers.strip(ui, &shared);
            });
        });
        self.browser.draw(ui, &shared);
        arrivals::drops(ui, &shared);
        // While it rolls, as often as the screen shows pictures.
        let wait = if self.moment.playing {
            Duration::ZERO
        } else {
            STANDING
        };
        ui.ctx().request_repaint_after(wait);
    }
}

impl App for Window {
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
        self.params.transport.window_closed();
    }
}

#[cfg(test)]
mod tests;
