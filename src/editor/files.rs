//! The row of files: the model of the slot that plays (the bundled one, an installed one, or any
//! file), and phrases out of MIDI files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Align, Button, ComboBox, Key, Layout, TextEdit, Ui, vec2};

use super::widgets::{self, Hand};
use crate::display::Display;
use crate::errands::Errands;
use crate::library::{self, ModelLoader};
use crate::params::HarmonAiParams;
use crate::phrases;

/// Height of the row.
pub const HEIGHT: f32 = 24.0;

/// What has been typed.
#[derive(Default)]
pub struct Files {
    path: String,
}

impl Files {
    /// Draws the row.
    pub fn row(
        &mut self,
        ui: &mut Ui,
        hand: &Hand<'_>,
        params: &Arc<HarmonAiParams>,
        display: &Arc<Display>,
        errands: &Errands,
    ) {
        let loader = params.models.chosen();
        ui.horizontal(|ui| {
            widgets::number(ui, hand, &params.style.slot);
            chooser(ui, loader);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let path = clean(&self.path);
                let button = Button::new("Load").min_size(vec2(64.0, HEIGHT));
                let clicked = ui.add_enabled(path.is_some(), button).clicked();
                let field = TextEdit::singleline(&mut self.path)
                    .hint_text("… or the path of a model file, or of a MIDI file with a phrase")
                    .align(egui::Align2::LEFT_CENTER);
                let size = vec2(ui.available_width().max(40.0), HEIGHT);
                let field = ui.add_sized(size, field);
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                if (clicked || entered)
                    && let Some(path) = path
                {
                    if is_music(&path) {
                        load_phrase(path, params, display, errands);
                    } else {
                        loader.request(Some(path));
                    }
                }
            });
        });
    }
}

fn is_music(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["mid", "midi", "smf"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

/// Reads a phrase in the background; if there is none in the file, says why.
fn load_phrase(
    path: PathBuf,
    params: &Arc<HarmonAiParams>,
    display: &Arc<Display>,
    errands: &Errands,
) {
    let (params, said) = (params.clone(), display.clone());
    let started = errands.start(move || match phrases::read(&path) {
        Ok(phrase) => {
            let (notes, name) = (phrase.notes().len(), path.display());
            said.set_message(&format!(
                "The phrase is now the {notes} notes of {name}. Generate answers it; Freeze keeps it."
            ));
            params.phrases.load(phrase);
        }
        Err(error) => said.set_message(&error),
    });
    if let Err(error) = started {
        display.set_message(&format!("Cannot read the phrase: {error}. Try again."));
    }
}

fn chooser(ui: &mut Ui, loader: &ModelLoader) {
    let current = loader.path();
    let installed = loader.installed();
    let name = match &current {
        None => "Bundled".to_owned(),
        Some(path) => installed
            .iter()
            .find(|model| model.path == *path)
            .map_or_else(|| file_name(path), |model| model.name.clone()),
    };
    let shown = ComboBox::from_id_salt("model")
        .width(150.0)
        .selected_text(name)
        .truncate();
    shown.show_ui(ui, |ui| {
        if ui.selectable_label(current.is_none(), "Bundled").clicked() {
            loader.request(None);
        }
        for model in &installed {
            let chosen = current.as_ref() == Some(&model.path);
            let label = Button::selectable(chosen, &model.name);
            let label = ui.add_enabled(model.problem.is_none(), label);
            let label = label.on_hover_text(model.path.display().to_string());
            let problem = model.problem.as_deref().unwrap_or_default();
            if label.on_disabled_hover_text(problem).clicked() {
                loader.request(Some(model.path.clone()));
            }
        }
        ui.separator();
        let folder = library::folder().map_or_else(String::new, |dir| dir.display().to_string());
        if ui
            .button("Look for models again")
            .on_hover_text(folder)
            .clicked()
        {
            loader.refresh();
        }
    });
}

fn file_name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// A path as file managers copy it: perhaps quoted, perhaps from the home folder on.
fn clean(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    let text = text.trim_matches(['"', '\'']);
    let home = text.strip_prefix("~/").zip(directories::BaseDirs::new());
    match home {
        Some((rest, dirs)) => Some(dirs.home_dir().join(rest)),
        None => (!text.is_empty()).then(|| PathBuf::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_are_understood() {
        fn check(text: &str, expect: Option<&str>) {
            assert_eq!(clean(text), expect.map(PathBuf::from), "{text}");
        }
        check("", None);
        check("  \n", None);
        check("\"\"", None);
        check(
            " '/music/my model.safetensors'\n",
            Some("/music/my model.safetensors"),
        );
        check("file:///music/a.safetensors", Some("/music/a.safetensors"));
        let home = directories::BaseDirs::new()
            .unwrap()
            .home_dir()
            .join("a.safetensors");
        check("~/a.safetensors", home.to_str());
    }
}
