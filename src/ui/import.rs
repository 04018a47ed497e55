//! Files that come in: a model for the slot that plays, or a MIDI file with a phrase. Their paths
//! are typed, chosen in a dialog, or dropped on the window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::EditorContext;
use super::style;
use crate::link::view::EngineView;
use crate::params::HarmonAiParams;
use crate::project::phrase;

/// The endings of MIDI files' names.
pub const MIDI: [&str; 3] = ["mid", "midi", "smf"];

/// Imports a file in the background.
pub fn start(path: PathBuf, context: &EditorContext) {
    let (params, engine) = (context.params.clone(), context.engine.clone());
    context.start(&context.tasks, "read the file", move || {
        read(path, &params, &engine);
    });
}

/// Imports a file at once, and reports why if it is of no use. Blocks: not for the window's thread.
pub fn read(path: PathBuf, params: &Arc<HarmonAiParams>, engine: &Arc<EngineView>) {
    if !is_music(&path) {
        return params.models.chosen().request(Some(path));
    }
    match phrase::read(&path) {
        Ok(phrase) => {
            let (notes, name) = (phrase.notes().len(), path.display());
            engine.messages().set_good(&format!(
                "The phrase is now the {notes} notes of {name}. Generate answers it, Freeze keeps \
                 it."
            ));
            params.phrases.load(phrase);
        }
        Err(error) => engine.messages().set_trouble(&error),
    }
}

/// Imports files that are dropped on the window, and says so while one hovers over it.
pub fn drops(ui: &egui::Ui, context: &EditorContext) {
    let (hovers, dropped) = ui.input(|input| {
        let hovers = !input.raw.hovered_files.is_empty();
        let files = input.raw.dropped_files.iter();
        let paths: Vec<_> = files.map(|file| file.path().to_owned()).collect();
        (hovers, paths)
    });
    if hovers {
        style::overlay(
            ui,
            "Drop a model (.safetensors) or a MIDI file with a phrase",
        );
    }
    for path in dropped {
        start(path, context);
    }
}

/// A path as file managers copy it: it may be quoted, a `file://` address or begin with `~/`.
pub fn clean(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    let text = text.trim_matches(['"', '\'']);
    let home = text.strip_prefix("~/").zip(directories::BaseDirs::new());
    match home {
        Some((rest, dirs)) => Some(dirs.home_dir().join(rest)),
        None => (!text.is_empty()).then(|| PathBuf::from(text)),
    }
}

fn is_music(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    MIDI.iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_are_understood() {
        let path = |text: &str| Some(PathBuf::from(text));
        for text in [
            "/m/a.safetensors",
            " /m/a.safetensors\n",
            "\"/m/a.safetensors\"",
            "file:///m/a.safetensors",
        ] {
            assert_eq!(clean(text), path("/m/a.safetensors"), "{text}");
        }
        let home = directories::BaseDirs::new().unwrap();
        assert_eq!(clean("~/a"), Some(home.home_dir().join("a")));
        assert_eq!(clean("  "), None);
    }

    #[test]
    fn midi_files_are_known_by_their_names() {
        for (name, expect) in [
            ("a.MID", true),
            ("b.midi", true),
            ("mid", false),
            ("c.safetensors", false),
        ] {
            assert_eq!(is_music(Path::new(name)), expect, "{name}");
        }
    }
}
