//! The row that chooses the model: the bundled one, an installed one, or any file.

use std::path::{Path, PathBuf};

use egui::{Align, Button, ComboBox, Key, Layout, RichText, TextEdit, Ui, vec2};

use super::style;
use crate::library::{self, ModelLoader};

/// Height of the row.
pub const HEIGHT: f32 = 24.0;

/// What has been typed.
#[derive(Default)]
pub struct Models {
    path: String,
}

impl Models {
    /// Draws the row.
    pub fn row(&mut self, ui: &mut Ui, loader: &ModelLoader) {
        ui.horizontal(|ui| {
            ui.label(RichText::new("Model").color(style::DIM));
            chooser(ui, loader);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let path = clean(&self.path);
                let button = Button::new("Load").min_size(vec2(64.0, HEIGHT));
                let clicked = ui.add_enabled(path.is_some(), button).clicked();
                let field = TextEdit::singleline(&mut self.path)
                    .hint_text("… or the path of a model file")
                    .align(egui::Align2::LEFT_CENTER);
                let size = vec2(ui.available_width().max(40.0), HEIGHT);
                let field = ui.add_sized(size, field);
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                if (clicked || entered) && path.is_some() {
                    loader.request(path);
                }
            });
        });
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
        .width(170.0)
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
