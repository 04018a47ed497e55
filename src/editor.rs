//! The window: the knobs, what HarmonAI is doing, the notes, and which model plays.
//!
//! Drawn on the window's own thread. It reads the [`Display`] and the parameters and asks the
//! [`ModelLoader`](crate::library::ModelLoader) for models; it never waits for the engine, and
//! nothing in it may panic: that would take the host down.

mod answers;
mod files;
mod roll;
mod rows;
mod status;
mod style;
mod widgets;

use std::sync::Arc;
use std::time::Duration;

use egui::{Align, CentralPanel, Frame as Panel, Layout, RichText, Ui, Vec2};
use nice_plug::context::gui::GuiContext;

use crate::display::{Display, Moment};
use crate::errands::Errands;
use crate::params::{HarmonAiParams, ModeChoice};
use crate::window::hold::Share;
use crate::window::{App, WindowEditor};
use answers::Answers;
use files::Files;
use roll::Roll;
use widgets::Hand;

/// What Memory does, in the player's words.
const MEMORY: &str = "How much the answer quotes and varies the phrase you just played: 0 % goes \
                      its own way, 100 % comes back to your turns as music does";
/// What Style does, likewise.
const STYLE: &str = "The music in whose manner it answers, of the kinds that the model has learnt";
/// What Voices does, likewise.
const VOICES: &str = "What it takes for your phrase: the tune above its accompaniment, or \
                      everything that you play";
/// What Variation does.
const VARIATION: &str = "Four answers to the same phrase, each the same every time";
/// Time between two pictures.
const ROLLING: Duration = Duration::from_millis(25);
/// The same while the transport stands.
const STANDING: Duration = Duration::from_millis(100);

/// The editor that a host opens and closes.
pub fn editor(
    title: &str,
    params: Arc<HarmonAiParams>,
    display: Arc<Display>,
    errands: Errands,
    hold: Share,
) -> WindowEditor<Window> {
    let (state, messages) = (params.window.clone(), display.clone());
    let report = Box::new(move |text: &str| messages.set_message(text));
    let window = Window::new(title, params, display, errands);
    WindowEditor::new(title, state, hold, report, window)
}

/// What the window remembers between two pictures.
pub struct Window {
    title: String,
    params: Arc<HarmonAiParams>,
    display: Arc<Display>,
    /// The way to the host; `None` until the window is built. Then knobs show but do not turn.
    gui: Option<GuiContext>,
    /// The last state that could be read whole.
    moment: Moment,
    roll: Roll,
    files: Files,
    answers: Answers,
    errands: Errands,
}

impl Window {
    fn new(
        title: &str,
        params: Arc<HarmonAiParams>,
        display: Arc<Display>,
        errands: Errands,
    ) -> Self {
        Self {
            title: title.to_owned(),
            params,
            display,
            gui: None,
            moment: Moment::default(),
            roll: Roll::default(),
            files: Files::default(),
            answers: Answers::default(),
            errands,
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        if let Some(moment) = self.display.moment() {
            self.moment = moment;
        }
        let panel = Panel::NONE
            .fill(style::BACKGROUND)
            .inner_margin(style::MARGIN);
        CentralPanel::default().frame(panel).show(ui, |ui| {
            self.header(ui);
            ui.add_space(style::GAP);
            self.controls(ui);
            ui.add_space(style::GAP);
            let hand = Hand::new(self.gui.as_ref());
            for row in [rows::bounds, rows::groove, rows::session] {
                row(ui, &hand, &self.params);
                ui.add_space(style::GAP);
            }
            status::bar(ui, &self.moment, &self.display);
            ui.add_space(style::GAP);
            let below = files::HEIGHT + style::GAP;
            let size = ui.available_size() - Vec2::new(0.0, below);
            self.roll.draw(ui, size, &self.moment, &self.display);
            ui.add_space(style::GAP);
            ui.horizontal(|ui| {
                self.answers
                    .button(ui, &self.params, &self.display, &self.errands);
                self.files
                    .row(ui, &hand, &self.params, &self.display, &self.errands);
            });
        });
        let wait = if self.moment.playing {
            ROLLING
        } else {
            STANDING
        };
        ui.ctx().request_repaint_after(wait);
    }

    /// Title, the model's name, and what there is to say.
    fn header(&self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.label(
                RichText::new(&self.title)
                    .size(24.0)
                    .strong()
                    .color(style::BRIGHT),
            );
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let model = self.params.models.chosen().name();
                let model = if model.is_empty() {
                    "not loaded yet".to_owned()
                } else {
                    model
                };
                ui.add(egui::Label::new(RichText::new(model).color(style::ANSWER)).truncate());
                ui.label(RichText::new("Model").color(style::DIM));
            });
        });
        let message = self.display.message();
        // The place for two lines is kept when empty, so that nothing below jumps.
        let size = Vec2::new(ui.available_width().max(0.0), 34.0);
        let (place, _) = ui.allocate_exact_size(size, egui::Sense::hover());
        if !message.is_empty() {
            let text = RichText::new(&message).size(13.0).color(style::WARNING);
            let mut line = ui.new_child(egui::UiBuilder::new().max_rect(place));
            line.set_clip_rect(place);
            line.add(egui::Label::new(text).wrap())
                .on_hover_text(message);
        }
    }

    /// All other parameters: the two that matter most large, the rest beside them.
    fn controls(&self, ui: &mut Ui) {
        let hand = Hand::new(self.gui.as_ref());
        let (play, style, output) = (&self.params.play, &self.params.style, &self.params.output);
        ui.horizontal_top(|ui| {
            widgets::knob(ui, &hand, &style.temperature, style::ANSWER);
            widgets::knob(ui, &hand, &play.length, style::PHRASE);
            ui.add_space(style::GAP);
            let width = (ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0;
            widgets::group(ui, width, "Play", |ui| {
                widgets::choice(ui, &hand, &play.mode, "Mode: what makes it answer");
                // Only one of them says when the answer comes.
                match play.mode.value() {
                    ModeChoice::CallResponse => {
                        widgets::slider(ui, &hand, &play.listen, "Listen");
                    }
                    ModeChoice::AfterSilence => {
                        widgets::slider(ui, &hand, &play.silence, "Silence");
                    }
                    ModeChoice::Manual => note(ui, "Press Generate for an answer"),
                    ModeChoice::Jam => note(ui, "Play, and it plays along"),
                }
                widgets::choice(ui, &hand, &play.voices, VOICES);
                ui.horizontal(|ui| {
                    widgets::number(ui, &hand, &play.seed);
                    widgets::choice(ui, &hand, &play.variation, VARIATION);
                });
            });
            widgets::group(ui, width, "Style", |ui| {
                let known = self.params.models.styles().all().len();
                widgets::listed_choice(ui, &hand, &style.style, known).on_hover_text(STYLE);
                widgets::slider(ui, &hand, &style.rhythm_temperature, "Rhythm");
                widgets::slider(ui, &hand, &style.top_p, "Top-p");
                widgets::slider(ui, &hand, &style.memory, "Memory").on_hover_text(MEMORY);
            });
            widgets::group(ui, width, "Output", |ui| {
                widgets::named_choice(ui, &hand, &output.thru);
                widgets::toggle(ui, &hand, &play.freeze);
                widgets::toggle(ui, &hand, &output.preview);
                widgets::toggle(ui, &hand, &output.bypass);
            });
        });
    }
}

/// A word in place of a slider, as high as that.
fn note(ui: &mut Ui, text: &str) {
    let size = Vec2::new(ui.available_width(), 24.0);
    ui.add_sized(
        size,
        egui::Label::new(RichText::new(text).color(style::DIM)),
    );
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
    }
}

#[cfg(test)]
mod tests;
