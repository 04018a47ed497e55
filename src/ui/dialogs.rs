//! The system's file dialogs. Each on a thread of its own, which waits for the user; the remembered
//! folder is where it opens.
//!
//! On Linux they come from the desktop (its portal, or zenity). Where there is neither, as in a bare
//! window manager, an answer is saved in the music folder instead, and a path can be typed in the
//! list of models.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rfd::FileDialog;

use super::arrivals::{self, MIDI};
use super::shared::Shared;
use crate::project::history::{self, History};
use crate::ui::last_folders::Remembered;

/// Nobody closes a dialog so soon: there was none.
const TOO_SOON: Duration = Duration::from_millis(300);

/// Asks where to save an answer, and saves it.
pub fn save(id: u32, shared: &Shared<'_>) {
    let (history, display) = (shared.params.history.clone(), shared.display.clone());
    let tempo = shared.moment.tempo;
    shared.start(shared.dialogs, "save the answer", move || {
        let mut dialog = FileDialog::new()
            .set_title("Save the answer")
            .set_file_name(format!("HarmonAI answer {}.mid", id + 1))
            .add_filter("MIDI file", &["mid"]);
        if let Some(folder) = Remembered::read().saved {
            dialog = dialog.set_directory(folder);
        }
        let asked = Instant::now();
        let done = match dialog.save_file() {
            Some(path) => chosen(&history, id, tempo, path),
            None if asked.elapsed() < TOO_SOON => without(&history, id, tempo),
            None => return,
        };
        match done {
            Ok(good) => display.messages().set_good(&good),
            Err(error) => display.messages().set_trouble(&error),
        }
    });
}

fn chosen(history: &History, id: u32, tempo: f64, path: PathBuf) -> Result<String, String> {
    history.save_as(id, tempo, &path)?;
    Remembered::change(|all| all.saved = path.parent().map(Into::into));
    Ok(format!("Saved {}.", path.display()))
}

/// Saves an answer where no dialog is to be had.
fn without(history: &History, id: u32, tempo: f64) -> Result<String, String> {
    let folder = history::folder().ok_or("Cannot save the answer: there is no home folder.")?;
    let path = history.save(id, tempo, &folder)?.display().to_string();
    Ok(format!("Saved {path} (no file dialog is available here)."))
}

/// Asks for a model or a phrase, and takes it in.
pub fn load(shared: &Shared<'_>, title: &'static str) {
    let (params, display) = (shared.params.clone(), shared.display.clone());
    shared.start(shared.dialogs, "choose a file", move || {
        let known: Vec<&str> = ["safetensors"].into_iter().chain(MIDI).collect();
        let mut dialog = FileDialog::new()
            .set_title(title)
            .add_filter("Models and MIDI files", &known);
        if let Some(folder) = Remembered::read().loaded {
            dialog = dialog.set_directory(folder);
        }
        let asked = Instant::now();
        match dialog.pick_file() {
            Some(path) => {
                Remembered::change(|all| all.loaded = path.parent().map(Into::into));
                arrivals::take_now(path, &params, &display);
            }
            None if asked.elapsed() < TOO_SOON => display.messages().set_trouble(
                "No file dialog is available here. Type the file's path in the list of models, or \
                 drop the file on this window.",
            ),
            None => {}
        }
    });
}
