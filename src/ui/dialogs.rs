//! The system's file dialogs. Each runs on a thread of its own, which waits for the user, and opens
//! in the folder that was used last.
//!
//! On Linux they come from the desktop (its portal, or zenity). Where there is neither, as in a
//! bare window manager, an answer is saved in the music folder instead, and the path of a file to
//! load can be typed in the list of models.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rfd::FileDialog;

use super::context::EditorContext;
use super::import::{self, MIDI};
use super::last_folders::LastFolders;
use crate::project::history::{self, History};

/// No user closes a dialog this soon: there was none.
const TOO_SOON: Duration = Duration::from_millis(300);

/// Asks where to save an answer, and saves it there.
pub fn save(id: u32, context: &EditorContext) {
    let (history, engine) = (context.params.history.clone(), context.engine.clone());
    let tempo = context.snapshot.tempo;
    context.start(&context.dialogs, "save the answer", move || {
        let mut dialog = FileDialog::new()
            .set_title("Save the answer")
            .set_file_name(format!("HarmonAI answer {}.mid", id + 1))
            .add_filter("MIDI file", &["mid"]);
        if let Some(folder) = LastFolders::read().saved {
            dialog = dialog.set_directory(folder);
        }
        let asked = Instant::now();
        let done = match dialog.save_file() {
            Some(path) => save_as(&history, id, tempo, path),
            None if asked.elapsed() < TOO_SOON => save_without_dialog(&history, id, tempo),
            None => return,
        };
        match done {
            Ok(good) => engine.messages().set_good(&good),
            Err(error) => engine.messages().set_trouble(&error),
        }
    });
}

fn save_as(history: &History, id: u32, tempo: f64, path: PathBuf) -> Result<String, String> {
    history.save_as(id, tempo, &path)?;
    LastFolders::change(|folders| folders.saved = path.parent().map(Into::into));
    Ok(format!("Saved {}.", path.display()))
}

/// Saves an answer where the system has no file dialogs.
fn save_without_dialog(history: &History, id: u32, tempo: f64) -> Result<String, String> {
    let folder = history::folder().ok_or("Cannot save the answer: there is no home folder.")?;
    let path = history.save(id, tempo, &folder)?.display().to_string();
    Ok(format!("Saved {path} (no file dialog is available here)."))
}

/// Asks for a model or a phrase, and imports it.
pub fn load(context: &EditorContext, title: &'static str) {
    let (params, engine) = (context.params.clone(), context.engine.clone());
    context.start(&context.dialogs, "choose a file", move || {
        let known: Vec<&str> = ["safetensors"].into_iter().chain(MIDI).collect();
        let mut dialog = FileDialog::new()
            .set_title(title)
            .add_filter("Models and MIDI files", &known);
        if let Some(folder) = LastFolders::read().loaded {
            dialog = dialog.set_directory(folder);
        }
        let asked = Instant::now();
        match dialog.pick_file() {
            Some(path) => {
                LastFolders::change(|folders| folders.loaded = path.parent().map(Into::into));
                import::read(path, &params, &engine);
            }
            None if asked.elapsed() < TOO_SOON => engine.messages().set_trouble(
                "No file dialog is available here. Type the file's path in the list of models, or \
                 drop the file on this window.",
            ),
            None => {}
        }
    });
}
