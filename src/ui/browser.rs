//! The list of models (the bundled one, those in the user's folder, any file) and the card of the
//! one that is selected.

use std::path::PathBuf;

use egui::{Button, Grid, Key, Label, RichText, ScrollArea, TextEdit, Ui, Window, vec2};

use super::context::EditorContext;
use super::{dialogs, import, style};
use crate::project::models::{self, About, Installed};

/// Height of list and card.
const HEIGHT: f32 = 330.0;

#[derive(Default)]
pub struct Browser {
    pub open: bool,
    /// The file whose card is shown; `None` is the bundled model.
    selected: Option<PathBuf>,
    /// The path as far as it is typed.
    path: String,
}

impl Browser {
    /// Opens the list at the model that plays, or closes it.
    pub fn toggle(&mut self, context: &EditorContext) {
        self.open = !self.open;
        if self.open {
            let loader = context.params.models.chosen();
            self.selected = loader.path();
            loader.refresh();
        }
    }

    /// Draws the list if it is open.
    pub fn draw(&mut self, ui: &mut Ui, context: &EditorContext) {
        let mut open = self.open;
        let window = ui.ctx().content_rect();
        Window::new("Models")
            .open(&mut open)
            .collapsible(false)
            .resizable(false)
            .default_pos(window.left_top() + vec2(40.0, 52.0))
            .default_width(640.0)
            .show(ui.ctx(), |ui| {
                let installed = context.params.models.chosen().installed();
                ui.horizontal_top(|ui| {
                    ui.set_max_height(HEIGHT);
                    ui.vertical(|ui| {
                        ui.set_width(210.0);
                        self.list(ui, &installed, context);
                    });
                    ui.separator();
                    ui.vertical(|ui| {
                        ui.set_width(390.0);
                        self.card(ui, &installed, context);
                    });
                });
                ui.separator();
                self.files(ui, context);
            });
        self.open = open && !ui.input(|input| input.key_pressed(Key::Escape));
    }

    fn list(&mut self, ui: &mut Ui, installed: &[Installed], context: &EditorContext) {
        let playing = context.params.models.chosen().path();
        let mut line = |ui: &mut Ui, path: Option<&PathBuf>, name: &str, broken: bool| {
            let plays = playing.as_ref() == path;
            let mark = if plays { "  (plays)" } else { "" };
            let mut text = RichText::new(format!("{name}{mark}"));
            if broken {
                text = text.color(style::palette(ui).dim).strikethrough();
            }
            let chosen = self.selected.as_ref() == path;
            let button = Button::selectable(chosen, text).truncate();
            let button = button.min_size(vec2(200.0, style::ROW));
            if ui.add(button).accessible_name(name).clicked() {
                self.selected = path.cloned();
            }
        };
        ScrollArea::vertical()
            .id_salt("models")
            .max_height(HEIGHT)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                line(ui, None, "Bundled", false);
                for model in installed {
                    let broken = model.problem.is_some();
                    line(ui, Some(&model.path), &model.about.name, broken);
                }
                // A file from elsewhere.
                if let Some(path) = &playing
                    && installed.iter().all(|model| model.path != *path)
                {
                    line(ui, Some(path), &models::file_name(path), false);
                }
            });
    }

    fn card(&mut self, ui: &mut Ui, installed: &[Installed], context: &EditorContext) {
        let loader = context.params.models.chosen();
        let selected = |model: &&Installed| Some(&model.path) == self.selected.as_ref();
        let listed = installed.iter().find(selected);
        let about = match (&self.selected, listed) {
            (_, Some(model)) => &model.about,
            (None, _) => models::bundled_about(),
            (path, _) if *path == loader.path() => &loader.about(),
            (Some(path), _) => &models::nameless(path),
        };
        ui.heading(&about.name);
        let card = ScrollArea::vertical().id_salt("card");
        card.max_height(HEIGHT - 70.0).show(ui, |ui| {
            if let Some(problem) = listed.and_then(|model| model.problem.as_ref()) {
                let text = RichText::new(problem).color(style::palette(ui).warning);
                ui.add(Label::new(text).wrap());
            }
            facts(ui, about);
        });
        let plays = self.selected == loader.path();
        let usable = !plays && listed.is_none_or(|model| model.problem.is_none());
        let slot = &context.params.style.slot;
        let text = format!("Play this model (slot {slot})");
        let button = Button::new(text).min_size(vec2(180.0, 28.0));
        if ui.add_enabled(usable, button).clicked() {
            loader.request(self.selected.clone());
        }
    }

    /// The row that loads files from elsewhere.
    fn files(&mut self, ui: &mut Ui, context: &EditorContext) {
        ui.horizontal(|ui| {
            let tip = "A model, or a MIDI file with a phrase to answer";
            if ui.button("Open a file…").on_hover_text(tip).clicked() {
                dialogs::load(context, "A model, or a MIDI file with a phrase");
            }
            let folder = models::folder().map_or_else(String::new, |dir| dir.display().to_string());
            let again = ui.button("Look again").on_hover_text(folder);
            if again.clicked() {
                context.params.models.chosen().refresh();
            }
            let path = import::clean(&self.path);
            let field = TextEdit::singleline(&mut self.path)
                .hint_text("… or type a path here")
                .desired_width(ui.available_width() - 70.0);
            let field = ui.add(field);
            let field = field.accessible_name("Path of a model or MIDI file");
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let load = ui.add_enabled(path.is_some(), Button::new("Load"));
            if let Some(path) = path.filter(|_| load.clicked() || entered) {
                import::start(path, context);
            }
        });
    }
}

const SCORE: &str = "How hard this model finds it to predict pitch and rhythm of music that it \
                     has not learnt from: fewer bits are better. Measured when it was trained";

/// The lines of the card that are known.
fn facts(ui: &mut Ui, about: &About) {
    let colours = style::palette(ui);
    // The origin and the licence of a source follow its first semicolon: they are in the tip.
    let brief = |line: &String| line.split(';').next().unwrap_or_default().to_owned();
    let data: Vec<String> = about.data.iter().map(brief).collect();
    Grid::new("card").num_columns(2).show(ui, |ui| {
        for (name, text, whole) in [
            ("On new music", &about.score, SCORE),
            ("Made", &about.made, ""),
            ("Styles", &about.styles, ""),
            ("Learnt from", &data.join("\n"), &about.data.join("\n")),
            ("Training", &about.training, ""),
            ("Network", &about.network, ""),
            ("Licence", &about.licence, ""),
        ] {
            if text.is_empty() {
                continue;
            }
            ui.label(RichText::new(name).color(colours.dim));
            ui.scope(|ui| {
                ui.set_max_width(280.0);
                let text = ui.add(Label::new(text).wrap());
                if !whole.is_empty() {
                    text.on_hover_text(whole);
                }
            });
            ui.end_row();
        }
    });
}
