//! The strip of the last answers, as small rolls: to play again, keep, save, or use as the phrase.

use egui::{
    Align, Align2, Button, FontId, Frame, Label, Layout, Margin, Rect, RichText, ScrollArea, Sense,
    Stroke, Ui, UiBuilder, vec2,
};

use super::context::EditorContext;
use super::{dialogs, roll, style};
use crate::project::history::Answer;
use harmonai_core::play::phrase::Phrase;

/// Height of the strip.
pub const HEIGHT: f32 = 92.0;
/// Width of an answer.
const WIDTH: f32 = 158.0;
/// Width of one of its buttons.
const BUTTON: f32 = 37.0;

#[derive(Default)]
pub struct Answers {
    /// Oldest first, as of the change `seen`.
    all: Vec<Answer>,
    seen: Option<u64>,
    scroll: Scroll,
}

/// Where the strip is scrolled to, and what that hides.
#[derive(Default)]
struct Scroll {
    /// Number of the newest answer, if there was one.
    newest: Option<u32>,
    /// Answers that came while the user was busy here are hidden to the left.
    unseen: bool,
    /// The user has asked to see them.
    wanted: bool,
    offset: f32,
    max_offset: f32,
    /// From one card to the next.
    step: f32,
}

impl Scroll {
    /// Where to scroll to now that these are the answers, if anywhere. While the user is `busy` in
    /// the strip nothing moves under the mouse; otherwise the newest answers are shown.
    fn follow(&mut self, all: &[Answer], busy: bool) -> Option<f32> {
        let newest = all.last()?.id;
        let before = self.newest.replace(newest)?;
        let new = all.iter().filter(|answer| answer.id > before).count() as f32;
        self.unseen |= new > 0.0;
        if std::mem::take(&mut self.wanted) || !busy {
            return std::mem::take(&mut self.unseen).then_some(0.0);
        }
        (new > 0.0).then(|| (self.offset.min(self.max_offset) + new * self.step).max(0.0))
    }
}

impl Answers {
    /// Draws the strip, newest first.
    pub fn strip(&mut self, ui: &mut Ui, context: &EditorContext) {
        let changes = context.params.history.changes();
        if self.seen != Some(changes) {
            self.all = context.params.history.answers();
            self.seen = Some(changes);
        }
        let size = vec2(ui.available_width(), HEIGHT);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_size(size);
            if let Some(phrase) = &context.current.phrase {
                phrase_card(ui, phrase);
            }
            if self.all.is_empty() {
                let text = "Answers will appear here: to play again, keep and save";
                let text = RichText::new(text).color(style::palette(ui).dim);
                let rest = vec2(ui.available_width(), HEIGHT);
                ui.add_sized(rest, Label::new(text).truncate());
                return;
            }
            // An ordinary wheel scrolls it too.
            ui.style_mut().always_scroll_the_only_direction = true;
            let place = ui.available_rect_before_wrap();
            // Also while something is dragged from here to elsewhere.
            let pressed = ui.input(|input| input.pointer.press_origin());
            let busy = ui.rect_contains_pointer(place)
                || pressed.is_some_and(|origin| place.contains(origin));
            let mut area = ScrollArea::horizontal();
            if let Some(offset) = self.scroll.follow(&self.all, busy) {
                area = area.horizontal_scroll_offset(offset);
            }
            let output = area.show(ui, |ui| {
                let mut width = 0.0;
                for answer in self.all.iter().rev() {
                    // By id, a focused button keeps the focus when a new answer comes in before it.
                    let card = ui.push_id(answer.id, |ui| card(ui, answer, context));
                    width = card.response.rect.width();
                }
                width + ui.spacing().item_spacing.x
            });
            self.scroll.step = output.inner;
            self.scroll.offset = output.state.clamped_offset().x;
            self.scroll.max_offset = output.content_size.x - output.inner_rect.width();
            self.scroll.unseen &= self.scroll.offset >= 1.0;
            if self.scroll.unseen && newer(ui, place) {
                self.scroll.wanted = true;
            }
        });
    }
}

/// The phrase that the next answer will be based on.
fn phrase_card(ui: &mut Ui, phrase: &Phrase) {
    let colours = style::palette(ui);
    let frame = Frame::NONE
        .fill(colours.background)
        .stroke(Stroke::new(1.0, colours.raised));
    framed(ui, frame, |ui| {
        let (rect, small) = ui.allocate_exact_size(vec2(WIDTH, 46.0), Sense::hover());
        roll::miniature(ui, rect, phrase.notes(), colours.phrase);
        let text = format!("The phrase: {}", counted(phrase));
        let label = Label::new(RichText::new(text).size(11.0).color(colours.text));
        ui.add_sized(vec2(WIDTH, 20.0), label);
        small.on_hover_text(PHRASE);
    });
}

const PHRASE: &str =
    "The phrase that is answered: the last one that you played, loaded or chose with Use";

fn card(ui: &mut Ui, answer: &Answer, context: &EditorContext) {
    let colours = style::palette(ui);
    let frame = Frame::NONE.fill(style::blend(colours.background, colours.raised, 0.6));
    framed(ui, frame, |ui| {
        let (rect, roll) = ui.allocate_exact_size(vec2(WIDTH, 46.0), Sense::click());
        roll::miniature(ui, rect, answer.take.music.notes(), colours.answer);
        let (at, number) = (rect.left_top() + vec2(4.0, 2.0), answer.id + 1);
        let font = FontId::proportional(10.0);
        (ui.painter()).text(at, Align2::LEFT_TOP, number, font, colours.dim);
        let about = about(answer);
        let roll = roll.on_hover_text(format!("{about}\nClick to play it again"));
        roll.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Answer {about}"))
        });
        if roll.clicked() {
            context.params.history.play(answer.id);
        }
        ui.horizontal(|ui| buttons(ui, answer, context));
    });
}

/// A button over the left edge, which scrolls to the new answers.
fn newer(ui: &mut Ui, place: Rect) -> bool {
    let rect = Rect::from_min_size(place.left_top() + vec2(2.0, 12.0), vec2(58.0, style::ROW));
    let colours = style::palette(ui);
    let text = RichText::new("‹ New").color(colours.background).strong();
    let mut over = ui.new_child(UiBuilder::new().max_rect(rect));
    let button = Button::new(text).fill(colours.answer).min_size(rect.size());
    let button = over.add(button).on_hover_text("A new answer is here");
    button.accessible_name("Show the new answer").clicked()
}

/// A card of the strip: a small roll and what is below it.
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

fn buttons(ui: &mut Ui, answer: &Answer, context: &EditorContext) {
    let (id, history) = (answer.id, &context.params.history);
    let number = id + 1;
    let mut button = |text: &str, on: bool, name: &str, tip: &str| {
        let button = Button::selectable(on, RichText::new(text).size(11.0))
            .frame_when_inactive(true)
            .min_size(vec2(BUTTON, 20.0));
        let (button, name) = (ui.add(button), format!("{name} answer {number}"));
        button.on_hover_text(tip).accessible_name(name).clicked()
    };
    let play = "Plays it again from the next beat, if the transport is running";
    if button("Play", false, "Play", play) {
        history.play(id);
    }
    let tip = "Keeps it in this strip and in the project";
    if button("Keep", answer.starred, "Keep", tip) {
        history.star(id, !answer.starred);
    }
    if button("Save", false, "Save", "Saves it as a MIDI file") {
        dialogs::save(id, context);
    }
    let tip = "Makes it the phrase to answer";
    if button("Use", false, "Make the phrase of", tip) {
        context.params.phrases.load(answer.take.music.clone());
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
