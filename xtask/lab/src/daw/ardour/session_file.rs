//! Ardour's session file: the phrase and the loop written into it, the plug-in's state read out of it.
//!
//! Ardour's scripts can neither import a MIDI file nor make a loop, so both are written into a session that
//! a script has made. The [`super::visit`] calls this between two processes.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use harmonai_core::music::note::Note;
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Ticks};
use std::path::{Path, PathBuf};

/// Ardour's ticks in a quarter note.
pub const BEAT: i64 = 1920;
/// The file of the phrase, and the region's name.
const PHRASE: &str = "phrase";

pub struct SessionFile {
    pub folder: PathBuf,
    name: &'static str,
}

impl SessionFile {
    /// A session called `name`, in a folder of that name in `folder`.
    pub fn new(folder: &Path, name: &'static str) -> Self {
        let folder = folder.join(name);
        Self { folder, name }
    }

    /// What the plug-in stored in the session or in a snapshot of it, as JSON text.
    pub fn state(&self, snapshot: &str) -> anyhow::Result<String> {
        let path = self.folder.join(format!("{snapshot}.ardour"));
        let read = || {
            let text = std::fs::read_to_string(&path)?;
            let start = text.find("<chunk>").context("no plug-in's state")? + "<chunk>".len();
            let end = text[start..].find('<').context("a state without end")? + start;
            let letters = text[start..end].replace(char::is_whitespace, "");
            let bytes = BASE64_STANDARD.decode(letters)?;
            // Ardour puts the plug-in's own state into a VST3 preset.
            let json = bytes.iter().position(|byte| *byte == b'{');
            let json = &bytes[json.context("no JSON in the state")?..];
            let mut values = serde_json::Deserializer::from_slice(json).into_iter();
            let value: serde_json::Value = values.next().context("no JSON in the state")??;
            anyhow::Ok(value.to_string())
        };
        read().with_context(|| format!("the plug-in's state in {}", path.display()))
    }

    /// Puts a region with `notes` at the song's start, `length` long, on the track called `track`; the
    /// loop runs from there to `turn`, and the song ends at `end`.
    pub fn write_phrase(
        &self,
        track: &str,
        notes: &[Note],
        [length, turn, end]: [Ticks; 3],
    ) -> anyhow::Result<()> {
        // Ardour names the folder of sources after the session.
        let midi = format!("interchange/{}/midifiles", self.name);
        let midi = self.folder.join(midi);
        std::fs::create_dir_all(&midi)?;
        std::fs::write(midi.join(format!("{PHRASE}.mid")), one_track(notes))?;
        let path = self.folder.join(format!("{}.ardour", self.name));
        let patch = || {
            let text = std::fs::read_to_string(&path)?;
            let text = patched(&text, track, [length, turn, end].map(ticks))?;
            anyhow::Ok(std::fs::write(&path, text)?)
        };
        patch().with_context(|| format!("the phrase into {}", path.display()))
    }
}

/// Our ticks in Ardour's.
fn ticks(ours: Ticks) -> i64 {
    ours.get() * BEAT / Ticks::BEAT.get()
}

/// A MIDI file of one track, which is what Ardour takes for a region's source.
fn one_track(notes: &[Note]) -> Vec<u8> {
    let track = Track {
        name: PHRASE.into(),
        channel: 0,
        notes: notes.to_vec(),
    };
    let mut bytes = smf::write(&Song {
        tempo: 120.0,
        metre: Metre::COMMON,
        tracks: vec![track],
    });
    // Leaves out the track of tempo and metre, which follows the header.
    let size = u32::from_be_bytes([bytes[18], bytes[19], bytes[20], bytes[21]]);
    bytes.drain(14..22 + size as usize);
    bytes[8..12].copy_from_slice(&[0, 0, 0, 1]);
    bytes
}

fn patched(text: &str, track: &str, [length, turn, end]: [i64; 3]) -> anyhow::Result<String> {
    let counter = between(text, "id-counter=\"", "\"")?;
    let first: i64 = counter.parse()?;
    let [source, whole, placed, looped, song] = [1, 2, 3, 4, 5].map(|n| first + n);
    let region = |id: i64, whole: i64| {
        format!(
            "<Region name=\"{PHRASE}\" id=\"{id}\" type=\"midi\" whole-file=\"{whole}\" \
             start=\"b0\" length=\"b{length}@b0\" sync-position=\"b0\" ancestral-start=\"b0\" \
             ancestral-length=\"b0@b0\" stretch=\"1\" shift=\"1\" muted=\"0\" opaque=\"1\" \
             first-edit=\"nothing\" source-0=\"{source}\" master-source-0=\"{source}\"/>"
        )
    };
    let location = |id: i64, name: &str, flags: &str, end: i64| {
        format!(
            "<Location id=\"{id}\" name=\"{name}\" start=\"b0\" end=\"b{end}\" flags=\"{flags}\" \
             locked=\"0\" timestamp=\"1\" cue=\"0\"/>"
        )
    };
    let playlist = format!("name=\"{track}\" type=\"midi\"");
    let rest = between(text, &playlist, "/>")?;
    let mut text = text.to_owned();
    let mut change = |from: &str, to: &str| {
        let found = text.matches(from).count();
        ensure!(found == 1, "{from} is there {found} times");
        text = text.replace(from, to);
        anyhow::Ok(())
    };
    let id = |next: &str| format!("id-counter=\"{next}\"");
    change(&id(counter), &id(&(first + 6).to_string()))?;
    let source = format!(
        "<Source name=\"{PHRASE}.mid\" type=\"midi\" flags=\"Writable,CanRename\" id=\"{source}\" \
         natural-position=\"a0\" captured-for=\"{track}\" origin=\"\"/>"
    );
    change("<Sources/>", &format!("<Sources>{source}</Sources>"))?;
    let file = region(whole, 1);
    change("<Regions/>", &format!("<Regions>{file}</Regions>"))?;
    let turns = location(looped, "Loop", "IsAutoLoop,IsHidden", turn);
    let range = location(song, "session", "IsSessionRange", end);
    change(
        "<Locations/>",
        &format!("<Locations>{turns}{range}</Locations>"),
    )?;
    let placed = format!("{playlist}{rest}>{}</Playlist>", region(placed, 0));
    change(&format!("{playlist}{rest}/>"), &placed)?;
    Ok(text)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> anyhow::Result<&'a str> {
    let start = text.find(before).with_context(|| format!("no {before}"))? + before.len();
    let length = text[start..].find(after);
    let length = length.with_context(|| format!("no {after} after {before}"))?;
    Ok(&text[start..start + length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::note::Pitch;

    #[test]
    fn a_phrase_of_one_track_has_its_notes() {
        let note = |onset| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(60 + onset),
            velocity: None,
        };
        let bytes = one_track(&[note(0), note(24)]);
        assert_eq!(bytes[8..12], [0, 0, 0, 1], "type 0, one track");
        let song = smf::read(&bytes).unwrap();
        let notes = song.tracks[0].notes.iter().map(|note| note.onset.get());
        assert_eq!(notes.collect::<Vec<_>>(), [0, 24]);
    }

    #[test]
    fn a_session_gets_its_phrase_once() {
        let session = "<Session id-counter=\"7\"><Sources/><Regions/><Locations/>\
                       <Playlist id=\"2\" name=\"a\" type=\"midi\" x=\"0\"/>\
                       <Playlist id=\"3\" name=\"b\" type=\"midi\"/></Session>";
        let text = patched(session, "a", [15_360, 1920, 3840]).unwrap();
        assert!(text.contains("id-counter=\"13\"") && text.contains("length=\"b15360@b0\""));
        assert!(text.contains("name=\"a\" type=\"midi\" x=\"0\"><Region"));
        assert!(patched(&text, "a", [0; 3]).is_err());
    }
}
