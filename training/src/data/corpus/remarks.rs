//! What was left out or mended while music was read, and why.
//!
//! Filled by the readers of this folder, shown by the commands. Main thread.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Why something was left out or mended. The order is the order of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The file or folder could not be opened or read.
    Unreadable,
    /// The bytes are not a Standard MIDI file.
    NotMidi,
    /// The text is not a tune book in ABC notation.
    NotAbc,
    /// The file is not a MusicXML score.
    NotScore,
    /// A track that cannot be read at all.
    BrokenTrack,
    /// The line is not a melody of the format.
    NotMelody,
    NoNotes,
    Drums,
    /// Too few notes to learn from.
    Short,
    /// One or two pitches, or nearly always the same again.
    Monotone,
    /// Chords with no top voice that sings.
    Chords,
    Accompaniment,
    /// A line that leaps as broken chords do.
    Figure,
    /// A low line beside a melody.
    Bass,
    /// The file ends too soon or makes no sense from some point on; what is before it was read.
    CutOff,
    /// Something in the file was not understood and passed over; the notes around it were read.
    PassedOver,
    /// Two notes began together; the higher was kept.
    SameOnset,
    /// A note of no length was given the shortest one.
    NoLength,
}

impl Reason {
    /// Whether the music was kept, only mended.
    pub fn is_mended(self) -> bool {
        matches!(
            self,
            Self::CutOff | Self::PassedOver | Self::SameOnset | Self::NoLength
        )
    }

    /// What it says in the summary.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unreadable => "could not be read",
            Self::NotMidi => "no usable MIDI file",
            Self::NotAbc => "no tunes in ABC notation",
            Self::NotScore => "no usable MusicXML score",
            Self::BrokenTrack => "a track that cannot be read",
            Self::CutOff => "cut off or broken: read as far as it goes",
            Self::PassedOver => "signs that are not understood: passed over",
            Self::NotMelody => "not a melody",
            Self::NoNotes => "no notes",
            Self::Drums => "drums",
            Self::Short => "fewer than 8 notes",
            Self::Monotone => "hardly moves",
            Self::Chords => "chords without a clear top voice",
            Self::Accompaniment => "chords beside a melody",
            Self::Figure => "leaps like broken chords",
            Self::Bass => "bass line beside a melody",
            Self::SameOnset => "two notes on one onset: the higher was kept",
            Self::NoLength => "a note of no length: it was given one tick",
        }
    }

    /// What is counted of it, one and several.
    fn unit(self) -> [&'static str; 2] {
        match self {
            Self::Unreadable | Self::NotMidi | Self::NotAbc | Self::NotScore | Self::CutOff => FILE,
            Self::BrokenTrack
            | Self::Drums
            | Self::Short
            | Self::Monotone
            | Self::Chords
            | Self::Accompaniment
            | Self::Figure
            | Self::Bass => ["track", "tracks"],
            Self::NotMelody | Self::NoNotes => ["piece", "pieces"],
            Self::PassedOver => ["tune", "tunes"],
            Self::SameOnset | Self::NoLength => MELODY,
        }
    }
}

const FILE: [&str; 2] = ["file", "files"];
const MELODY: [&str; 2] = ["melody", "melodies"];

/// The beginning of a line of the summary.
fn row(verb: &str, count: usize, unit: [&str; 2], what: &str) -> String {
    let unit = unit[usize::from(count != 1)];
    format!("{verb:<8} {count:>6} {unit:<8}  {what}")
}

/// One thing that was left out or mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The file, or the folder that could not be read.
    pub file: PathBuf,
    /// The line (JSON Lines), tune (ABC) or track in it, where it concerns only that.
    pub place: Option<String>,
    pub reason: Reason,
    /// Figures and causes, in the reader's words; may be empty.
    pub detail: String,
}

impl Remark {
    /// A remark on a whole file.
    pub fn on_file(file: &Path, reason: Reason, detail: impl ToString) -> Self {
        Self {
            file: file.to_path_buf(),
            place: None,
            reason,
            detail: detail.to_string(),
        }
    }

    /// A remark on a line or a track of a file.
    pub fn on_part(file: &Path, place: String, reason: Reason, detail: impl ToString) -> Self {
        Self {
            place: Some(place),
            ..Self::on_file(file, reason, detail)
        }
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}", self.reason.text())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// All remarks of one reading, with what was only counted.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// In the order of the files.
    pub list: Vec<Remark>,
    pub files: usize,
    /// Those of them that gave no melody.
    pub without_melody: usize,
    /// Files in the folders that are of another kind.
    pub other_files: usize,
    /// Melodies equal to one that was kept, transposed ones included.
    pub duplicates: usize,
}

impl Remarks {
    /// A few lines: how many were left out or mended for each reason, with one example each.
    pub fn summary(&self) -> String {
        let mut groups: BTreeMap<Reason, Vec<&Remark>> = BTreeMap::new();
        for remark in &self.list {
            groups.entry(remark.reason).or_default().push(remark);
        }
        let mut text = String::new();
        for (reason, remarks) in groups {
            let verb = ["left out", "mended"][usize::from(reason.is_mended())];
            let example = remarks[0];
            let file = example.file.file_name().unwrap_or(example.file.as_os_str());
            text += &row(verb, remarks.len(), reason.unit(), reason.text());
            let _ = write!(text, " (e.g. {}", file.display());
            if let Some(place) = &example.place {
                let _ = write!(text, ", {place}");
            }
            if !example.detail.is_empty() {
                let _ = write!(text, ": {}", example.detail);
            }
            text.push_str(")\n");
        }
        text + &self.counted()
    }

    /// Lines for what was only counted.
    pub fn counted(&self) -> String {
        let same = "the same as another one, or transposed";
        let counted = [
            (self.duplicates, MELODY, same),
            (self.other_files, FILE, "not music in a known format"),
        ];
        let counted = counted.into_iter().filter(|(count, ..)| *count > 0);
        let line = |(count, unit, what)| row("left out", count, unit, what) + "\n";
        counted.map(line).collect()
    }

    /// Every remark on a line of its own.
    pub fn full(&self) -> String {
        let remarks = self.list.iter();
        remarks.map(|remark| format!("{remark}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_each_reason_and_the_list_names_each_place() {
        let file = Path::new("songs/a.mid");
        let remarks = Remarks {
            list: vec![
                Remark::on_part(file, "track 2 \"Kit\"".into(), Reason::Drums, ""),
                Remark::on_part(file, "track 3".into(), Reason::Drums, ""),
                Remark::on_file(Path::new("b.mid"), Reason::NotMidi, "cut off"),
            ],
            duplicates: 4,
            ..Remarks::default()
        };
        let summary = remarks.summary();
        assert!(
            summary.contains("     2 tracks    drums (e.g. a.mid, track 2 \"Kit\")"),
            "{summary}"
        );
        assert!(
            summary.contains("     4 melodies  the same as another"),
            "{summary}"
        );
        let full = remarks.full();
        assert_eq!(full.lines().count(), 3);
        assert!(
            full.contains("b.mid: no usable MIDI file (cut off)"),
            "{full}"
        );
    }
}
