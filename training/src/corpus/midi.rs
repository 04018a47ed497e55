//! The melodies of a Standard MIDI file.
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. A file or track that gives
//! no melody is left out with the reason.

use std::path::Path;

use harmonai_core::melody::Melody;
use harmonai_core::smf::{self, SmfError, Song, Track};

use super::files::MusicFile;
use super::remarks::{Reason, Remark};
use super::voice::voices;
use super::{Piece, Reading};

/// No song is larger.
const LARGEST_FILE: u64 = 64 << 20;

/// Reads one file.
pub fn read(file: &MusicFile) -> Reading {
    match load(&file.path) {
        Ok(song) => melodies(file, &song),
        Err(remark) => Reading {
            pieces: Vec::new(),
            remarks: vec![remark],
        },
    }
}

/// The song in a file, or why there is none.
pub fn load(path: &Path) -> Result<Song, Remark> {
    let unreadable = |error| Remark::on_file(path, Reason::Unreadable, error);
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST_FILE {
        return Err(Remark::on_file(path, Reason::NotMidi, "larger than 64 MB"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    smf::read(&bytes).map_err(|error| match error {
        SmfError::NoNotes => Remark::on_file(path, Reason::NoNotes, ""),
        error => Remark::on_file(path, Reason::NotMidi, error),
    })
}

fn melodies(file: &MusicFile, song: &Song) -> Reading {
    let mut reading = Reading::default();
    let (voices, rejected) = voices(song);
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
    let alone = voices.len() == 1;
    for (track, notes) in voices {
        let name = &song.tracks[track].name;
        let title = match (alone, name.is_empty()) {
            (true, _) => stem.to_string(),
            (false, true) => format!("{stem}, track {}", track + 1),
            (false, false) => format!("{stem}, {name}"),
        };
        match Melody::new(title, file.style.clone(), song.metre, notes) {
            Ok(melody) => {
                let source = file.style.as_ref().unwrap_or(&file.group).clone();
                reading.pieces.push(Piece::new(melody, source, None));
            }
            Err(error) => {
                let place = place(&song.tracks[track], track);
                let remark = Remark::on_part(&file.path, place, Reason::NotMelody, error);
                reading.remarks.push(remark);
            }
        }
    }
    for left in rejected {
        let place = place(&song.tracks[left.track], left.track);
        reading
            .remarks
            .push(Remark::on_part(&file.path, place, left.reason, left.detail));
    }
    // The voices of one song go to the same side of the split, so that the one does not give the
    // other away.
    if let Some(first) = reading.pieces.first().map(|piece| piece.key) {
        reading
            .pieces
            .iter_mut()
            .for_each(|piece| piece.key = first);
    }
    reading
}

fn place(track: &Track, index: usize) -> String {
    let channel = track.channel + 1;
    if track.name.is_empty() {
        format!("track {} (channel {channel})", index + 1)
    } else {
        format!("track {} \"{}\" (channel {channel})", index + 1, track.name)
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::note::{Note, Pitch};
    use harmonai_core::time::{Metre, Ticks};

    use super::super::files::Kind;
    use super::*;

    fn track(name: &str, channel: u8, keys: &[i64]) -> Track {
        let notes = (0..).zip(keys).map(|(i, key)| Note {
            onset: Ticks::new(48 + i * 12),
            duration: Ticks::new(12),
            pitch: Pitch::clamped(*key),
            velocity: None,
        });
        Track {
            name: name.into(),
            channel,
            notes: notes.collect(),
        }
    }

    fn music(bytes: &[u8]) -> (tempfile::TempDir, MusicFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.mid");
        std::fs::write(&path, bytes).unwrap();
        let file = MusicFile {
            path,
            kind: Kind::Midi,
            style: Some("pop".into()),
            group: "g".into(),
        };
        (folder, file)
    }

    #[test]
    fn voices_are_read_and_drums_left_out() {
        let tune = [60, 62, 64, 65, 67, 65, 64, 62, 60];
        let second = tune.map(|key| key - 3);
        let song = Song {
            tempo: 96.0,
            metre: Metre::parse("3/4").unwrap(),
            tracks: vec![
                track("Flute", 0, &tune),
                track("Kit", 9, &tune),
                track("Oboe", 1, &second),
            ],
        };
        let (_folder, file) = music(&smf::write(&song));
        let reading = read(&file);
        let titles: Vec<_> = reading
            .pieces
            .iter()
            .map(|piece| piece.melody.title())
            .collect();
        assert_eq!(titles, ["song, Flute", "song, Oboe"]);
        assert_eq!(reading.pieces[0].split, reading.pieces[1].split);
        let melody = &reading.pieces[0].melody;
        assert_eq!(melody.style(), Some("pop"));
        assert_eq!(melody.metre(), song.metre);
        assert_eq!(melody.notes()[0].onset, Ticks::new(48));
        let reasons: Vec<_> = reading.remarks.iter().map(|remark| remark.reason).collect();
        assert_eq!(reasons, [Reason::Drums]);
        assert!(reading.remarks[0].place.as_ref().unwrap().contains("Kit"));
    }

    #[test]
    fn broken_files_are_left_out_at_any_length_and_with_any_byte_changed() {
        let song = Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks: vec![track("A", 0, &[60, 62, 64, 65, 67, 69, 71, 72])],
        };
        let whole = smf::write(&song);
        let (_folder, file) = music(b"");
        for cut in 0..whole.len() {
            std::fs::write(&file.path, &whole[..cut]).unwrap();
            let reading = read(&file);
            assert!(
                !reading.pieces.is_empty() || !reading.remarks.is_empty(),
                "cut at {cut}"
            );
        }
        for at in 0..whole.len() {
            for byte in [0, 0x7F, 0xFF] {
                let mut broken = whole.clone();
                broken[at] = byte;
                std::fs::write(&file.path, &broken).unwrap();
                let reading = read(&file);
                assert!(
                    !reading.pieces.is_empty() || !reading.remarks.is_empty(),
                    "byte {at}"
                );
            }
        }
    }

    #[test]
    fn a_song_without_notes_says_so() {
        let song = Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks: vec![track("A", 0, &[])],
        };
        let (_folder, file) = music(&smf::write(&song));
        let reading = read(&file);
        assert_eq!(
            reading.remarks.first().map(|r| r.reason),
            Some(Reason::NoNotes)
        );
    }
}
