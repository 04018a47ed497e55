//! The last answers, as small rolls in a strip: to be heard again, kept, saved, made the phrase.

use egui::{
    Align, Align2, Button, FontId, Frame, Label, Layout, Margin, RichText, ScrollArea, Sense,
    Stroke, Ui, vec2,
};

use super::shared::Shared;
use super::{dialogs, roll, style};
use crate::history::Answer;
use harmonai_core::phrase::Phrase;

/// Height of the strip.
pub const HEIGHT: f32 = 92.0;
/// Width of an answer in it.
const WIDTH: f32 = 158.0;
/// Of its buttons.
const BUTTON: f32 = 37.0;

/// What the strip remembers between two pictures.
#[derive(Default)]
pub struct Answers {
    /// Oldest first, as they were at that change.
    all: Vec<Answer>,
    seen: Option<u64>,
}

impl Answers {
    /// Draws the strip, newest first.
    pub fn strip(&mut self, ui: &mut Ui, shared: &Shared<'_>) {
        let changes = shared.params.history.changes();
        if self.seen != Some(changes) {
            self.all = shared.params.history.answers();
            self.seen = Some(changes);
        }
        let size = vec2(ui.available_width(), HEIGHT);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_size(size);
            if let Some(phrase) = &shared.heard.phrase {
                heard(ui, phrase);
            }
            if self.all.is_empty() {
                let text = "The answers will be here, to be heard again, kept and saved";
                let text = RichText::new(text).color(style::palette(ui).dim);
                let rest = vec2(ui.available_width(), HEIGHT);
                ui.add_sized(rest, Label::new(text).truncate());
                return;
            }
            // So that an ordinary wheel scrolls it.
            ui.style_mut().always_scroll_the_only_direction = true;
            ScrollArea::horizontal().show(ui, |ui| {
                for answer in self.all.iter().rev() {
                    card(ui, answer, shared);
                }
            });
        });
    }
}

/// The phrase that the next answer is to.
fn heard(ui: &mut Ui, phrase: &Phrase) {
    let colours = style::palette(ui);
    let frame = Frame::NONE
        .fill(colours.background)
        .stroke(Stroke::new(1.0, colours.raised));
    framed(ui, frame, |ui| {
        let (rect, small) = ui.allocate_exact_size(vec2(WIDTH, 46.0), Sense::hover());
        roll::small(ui.painter(), rect, phrase.notes(), colours.phrase, colours);
        let text = format!("The phrase: {}", counted(phrase));
        let label = Label::new(RichText::new(text).size(11.0).color(colours.text));
        ui.add_sized(vec2(WIDTH, 20.0), label);
        small.on_hover_text("What is answered: what you played last, loaded or chose by Use");
    });
}

fn card(ui: &mut Ui, answer: &Answer, shared: &Shared<'_>) {
    let colours = style::palette(ui);
    let frame = Frame::NONE.fill(style::blend(colours.background, colours.raised, 0.6));
    framed(ui, frame, |ui| {
        let (rect, roll) = ui.allocate_exact_size(vec2(WIDTH, 46.0), Sense::click());
        let notes = answer.take.music.notes();
        roll::small(ui.painter(), rect, notes, colours.answer, colours);
        let (at, number) = (rect.left_top() + vec2(4.0, 2.0), answer.id + 1);
        let font = FontId::proportional(10.0);
        (ui.painter()).text(at, Align2::LEFT_TOP, number, font, colours.dim);
        let about = about(answer);
        let roll = roll.on_hover_text(format!("{about}\nClick to hear it again"));
        roll.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Answer {about}"))
        });
        if roll.clicked() {
            shared.params.history.play(answer.id);
        }
        ui.horizontal(|ui| buttons(ui, answer, shared));
    });
}

/// A card of the strip: a small roll and what stands below it.
fn framed(ui: &mut Ui, frame: Frame, contents: impl FnOnce(&mut Ui)) {
    let frame = frame.corner_radius(4).inner_margin(Margin::same(4));
    frame.show(ui, |ui| {
        ui.set_width(WIDTH);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = vec2(3.0, 3.0);
            contents(ui);
        });
    });
}

fn buttons(ui: &mut Ui, answer: &Answer, shared: &Shared<'_>) {
    let (id, history) = (answer.id, &shared.params.history);
    let number = id + 1;
    let mut button = |text: &str, on: bool, name: &str, tip: &str| {
        let button = Button::selectable(on, RichText::new(text).size(11.0))
            .frame_when_inactive(true)
            .min_size(vec2(BUTTON, 20.0));
        let button = ui.add(button).on_hover_text(tip);
        button
            .accessible_name(format!("{name} answer {number}"))
            .clicked()
    };
    let play = "Plays it again on the next beat, while the transport rolls";
    if button("Play", false, "Play", play) {
        history.play(id);
    }
    let tip = "Kept answers stay here, and in the project";
    if button("Keep", answer.starred, "Keep", tip) {
        history.star(id, !answer.starred);
    }
    if button("Save", false, "Save", "Saves it as a MIDI file") {
        dialogs::save(id, shared);
    }
    let tip = "Makes it the phrase that is answered";
    if button("Use", false, "Make the phrase of", tip) {
        shared.params.phrases.load(answer.take.music.clone());
    }
}

fn about(answer: &Answer) -> String {
    let (music, model) = (&answer.take.music, &answer.take.model);
    let bars = answer.take.length().beats().get() / music.metre().bar().beats().get();
    let notes = counted(music);
    let (number, metre) = (answer.id + 1, music.metre());
    format!("{number}: {notes}, {bars:.1} bars of {metre}, {model}")
}

fn counted(music: &Phrase) -> String {
    match music.notes().len() {
        1 => "1 note".to_owned(),
        count => format!("{count} notes"),
    }
}
