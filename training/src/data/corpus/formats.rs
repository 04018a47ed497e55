//! The table of music formats: a new one is a row here and a file with its reader.
//!
//! Asked by the search for files and by [`Corpus::read`](super::Corpus::read). Any thread.

use std::path::Path;

use super::reading::{MusicFile, Reading};
use super::{abc, jsonl, midi, musicxml};

/// A music format.
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// What the names of its files end in, in lower case.
    pub endings: &'static [&'static str],
    pub read: fn(&MusicFile) -> Reading,
}

/// All formats that are read.
pub const FORMATS: &[Format] = &[
    Format {
        name: "MIDI",
        endings: &[".mid", ".midi"],
        read: midi::read,
    },
    Format {
        name: "ABC",
        endings: &[".abc"],
        read: abc::read,
    },
    Format {
        name: "MusicXML",
        endings: &[".musicxml", ".xml", ".mxl"],
        read: musicxml::read,
    },
    Format {
        name: "melody JSON Lines",
        endings: &[".jsonl", ".jsonl.zst"],
        read: jsonl::read,
    },
];

impl Format {
    /// By the ending of the file's name; `None` for a file of another kind.
    pub fn of(path: &Path) -> Option<&'static Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let fits = |format: &&Self| format.endings.iter().any(|ending| name.ends_with(ending));
        FORMATS.iter().find(fits)
    }
}

/// All names, for the commands' help.
pub fn names() -> String {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.join(", ")
}

/// All endings, for messages.
pub fn endings() -> String {
    let endings = FORMATS.iter().flat_map(|format| format.endings);
    endings.copied().collect::<Vec<_>>().join(", ")
}
