//! The last answers, as small rolls in a strip: to be heard again, kept, saved, made the phrase.

use egui::{
    Align, Align2, Button, FontId, Frame, Label, Layout, Margin, Rect, RichText, ScrollArea, Sense,
    Stroke, Ui, UiBuilder, vec2,
};

use super::shared::Shared;
use super::{dialogs, roll, style};
use crate::project::history::Answer;
use harmonai_core::play::phrase::Phrase;

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
    sight: Sight,
}

/// What of the strip is in sight.
#[derive(Default)]
struct Sight {
    /// Number of the newest answer, if there was one.
    newest: Option<u32>,
    /// Answers that came while the user was busy here, out of sight to the left.
    unseen: bool,
    /// The user wants to see them.
    wanted: bool,
    /// How far it is scrolled, and how far it can be.
    offset: f32,
    most: f32,
    /// From one card to the next.
    step: f32,
}

impl Sight {
    /// Where it is to be scrolled to, if not by the user, now that these are the answers. While the
    /// user is `busy` in it nothing moves under the mouse; else the newest are to be seen.
    fn follow(&mut self, all: &[Answer], busy: bool) -> Option<f32> {
        let newest = all.last()?.id;
        let before = self.newest.replace(newest)?;
        let new = all.iter().filter(|answer| answer.id > before).count() as f32;
        self.unseen |= new > 0.0;
        if std::mem::take(&mut self.wanted) || !busy {
            return std::mem::take(&mut self.unseen).then_some(0.0);
        }
        (new > 0.0).then(|| (self.offset.min(self.most) + new * self.step).max(0.0))
    }
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
            let place = ui.available_rect_before_wrap();
            // Also while it is dragged from here to elsewhere.
            let pressed = ui.input(|input| input.pointer.press_origin());
            let busy = ui.rect_contains_pointer(place)
                || pressed.is_some_and(|origin| place.contains(origin));
            let mut area = ScrollArea::horizontal();
            if let Some(offset) = self.sight.follow(&self.all, busy) {
                area = area.horizontal_scroll_offset(offset);
            }
            let output = area.show(ui, |ui| {
                let mut width = 0.0;
                for answer in self.all.iter().rev() {
                    // What has the keyboard keeps it when another one comes in before it.
                    let card = ui.push_id(answer.id, |ui| card(ui, answer, shared));
                    width = card.response.rect.width();
                }
                width + ui.spacing().item_spacing.x
            });
            self.sight.step = output.inner;
            self.sight.offset = output.state.clamped_offset().x;
            self.sight.most = output.content_size.x - output.inner_rect.width();
            self.sight.unseen &= self.sight.offset >= 1.0;
            if self.sight.unseen && newer(ui, place) {
                self.sight.wanted = true;
            }
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

/// A button over the left edge, to where the new answers are.
fn newer(ui: &mut Ui, place: Rect) -> bool {
    let rect = Rect::from_min_size(place.left_top() + vec2(2.0, 12.0), vec2(58.0, style::ROW));
    let colours = style::palette(ui);
    let text = RichText::new("‹ New").color(colours.background).strong();
    let mut over = ui.new_child(UiBuilder::new().max_rect(rect));
    let button = Button::new(text).fill(colours.answer).min_size(rect.size());
    let button = over.add(button).on_hover_text("A new answer is here");
    button.accessible_name("Show the new answer").clicked()
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
