//! The last answers, in a list that opens over the roll: to be heard again, starred, saved.

use std::sync::Arc;

use egui::{Align, Align2, Button, Layout, RichText, ScrollArea, Ui, Window as Popup, vec2};

use super::style;
use crate::display::Display;
use crate::errands::Errands;
use crate::history::{self, Answer};
use crate::params::HarmonAiParams;

/// The list, open or not.
#[derive(Default)]
pub struct Answers {
    open: bool,
}

impl Answers {
    /// The button that opens the list, and the list.
    pub fn button(
        &mut self,
        ui: &mut Ui,
        params: &Arc<HarmonAiParams>,
        display: &Arc<Display>,
        errands: &Errands,
    ) {
        let text = format!("Answers {}", params.history.count());
        let tip = "The last answers: hear them again, keep them, save them as MIDI files";
        let button = Button::selectable(self.open, text).min_size(vec2(84.0, 24.0));
        if ui.add(button).on_hover_text(tip).clicked() {
            self.open = !self.open;
        }
        Popup::new("Answers")
            .open(&mut self.open)
            .default_size(vec2(560.0, 200.0))
            .anchor(Align2::LEFT_BOTTOM, vec2(14.0, -48.0))
            .show(ui.ctx(), |ui| {
                let answers = params.history.answers();
                if answers.is_empty() {
                    ui.label(RichText::new("Nothing has been answered yet").color(style::DIM));
                }
                ScrollArea::vertical().show(ui, |ui| {
                    for answer in answers.iter().rev() {
                        row(ui, answer, params, display, errands);
                    }
                });
            });
    }
}

fn row(
    ui: &mut Ui,
    answer: &Answer,
    params: &Arc<HarmonAiParams>,
    display: &Arc<Display>,
    errands: &Errands,
) {
    let (id, history) = (answer.id, &params.history);
    ui.horizontal(|ui| {
        let tip = "Starred answers stay, and are kept in the project";
        let star = Button::selectable(answer.starred, "Keep");
        if ui.add(star).on_hover_text(tip).clicked() {
            history.star(id, !answer.starred);
        }
        // What there is room for between the buttons.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let tip = "Saves it as a MIDI file in your music folder";
            if ui.button("Save .mid").on_hover_text(tip).clicked() {
                save(id, params, display, errands);
            }
            let tip = "Makes it the phrase that is answered";
            if ui.button("To phrase").on_hover_text(tip).clicked() {
                params.phrases.load(answer.take.music.clone());
            }
            let tip = "Plays it again on the next beat, while the transport rolls";
            if ui.button("Play").on_hover_text(tip).clicked() {
                history.play(id);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let about = RichText::new(about(answer)).color(style::TEXT);
                ui.add(egui::Label::new(about).truncate());
            });
        });
    });
}

fn about(answer: &Answer) -> String {
    let (music, model) = (&answer.take.music, &answer.take.model);
    let bars = answer.take.length().beats().get() / music.metre().bar().beats().get();
    let notes = match music.notes().len() {
        1 => "1 note".to_owned(),
        count => format!("{count} notes"),
    };
    let (number, metre) = (answer.id + 1, music.metre());
    format!("{number}  {notes}, {bars:.1} bars of {metre}  {model}")
}

/// Saves in the background and says where, or why not.
fn save(id: u32, params: &Arc<HarmonAiParams>, display: &Arc<Display>, errands: &Errands) {
    let (params, said) = (params.clone(), display.clone());
    let tempo = display.moment().map_or(120.0, |moment| moment.tempo);
    let started = errands.start(move || {
        let saved = match history::folder() {
            Some(folder) => params.history.save(id, tempo, &folder),
            None => Err("Cannot save the answer: there is no home folder.".to_owned()),
        };
        said.set_message(&match saved {
            Ok(path) => format!("Saved {}.", path.display()),
            Err(error) => error,
        });
    });
    if let Err(error) = started {
        display.set_message(&format!("Cannot save the answer: {error}. Try again."));
    }
}
