//! The melodies of a Standard MIDI file.
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. A file or track that gives
//! no melody is left out with the reason.

use std::path::Path;

use harmonai_core::music::smf::{self, Fault, Pattern, PlayedTrack, SmfError, Song};

use super::notated::{Notated, NotatedNote, NotatedTrack};
use super::reading::{MusicFile, Reading};
use super::remarks::{Reason, Remark};

/// Reads one file, as far as it goes.
pub fn read(file: &MusicFile) -> Reading {
    let surveyed = file.bytes(Reason::NotMidi).and_then(|bytes| {
        let surveyed = smf::survey(&bytes);
        surveyed.map_err(|error| remark(&file.path, error))
    });
    let surveyed = match surveyed {
        Ok(surveyed) => surveyed,
        Err(remark) => return Reading::nothing(remark),
    };
    let mut reading = Reading::default();
    for fault in &surveyed.faults {
        let reason = match fault {
            Fault::CutOff { notes: 0, .. } | Fault::NoTrack(_) => Reason::BrokenTrack,
            Fault::CutOff { .. } | Fault::Missing { .. } => Reason::CutOff,
        };
        let remark = Remark::on_file(&file.path, reason, fault);
        reading.remarks.push(remark);
    }
    if surveyed.patterns.iter().all(|song| song.tracks.is_empty()) {
        let none = remark(&file.path, SmfError::NoNotes);
        reading.remarks.push(none);
        return reading;
    }
    for (pattern, number) in surveyed.patterns.into_iter().zip(1..) {
        let place = surveyed.separate.then(|| format!("pattern {number}"));
        reading.add(notated(pattern, surveyed.resolution, place).melodies(file));
    }
    reading
}

/// The song in a file, or why there is none.
pub fn load(path: &Path) -> Result<Song, Remark> {
    let file = MusicFile {
        path: path.to_owned(),
        style: None,
        group: String::new(),
    };
    smf::read(&file.bytes(Reason::NotMidi)?).map_err(|error| remark(path, error))
}

fn remark(path: &Path, error: SmfError) -> Remark {
    match error {
        SmfError::NoNotes => Remark::on_file(path, Reason::NoNotes, ""),
        error => Remark::on_file(path, Reason::NotMidi, error),
    }
}

fn notated(pattern: Pattern, resolution: i64, place: Option<String>) -> Notated {
    let track = |track: PlayedTrack| NotatedTrack {
        name: track.name,
        channel: track.channel,
        notes: track
            .notes
            .into_iter()
            .map(|note| NotatedNote {
                onset: note.onset,
                duration: note.end - note.onset,
                pitch: note.pitch,
                velocity: Some(note.velocity),
            })
            .collect(),
    };
    Notated {
        title: None,
        place,
        per_beat: resolution,
        tempo: pattern.tempo,
        metre: pattern.metre,
        upbeat: 0,
        tracks: pattern.tracks.into_iter().map(track).collect(),
    }
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::smf::Track;
    use harmonai_core::music::time::{Metre, Ticks};

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
    fn patterns_and_cut_files_are_read_and_told_of() {
        let song = |tracks| Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks,
        };
        let tune = [60, 62, 64, 65, 67, 65, 64, 62, 60];
        let mut bytes = smf::write(&song(vec![track("A", 0, &tune), track("B", 1, &tune)]));
        let (_folder, file) = music(&bytes[..bytes.len() - 6]);
        let reading = read(&file);
        assert_eq!(reading.pieces.len(), 2);
        assert_eq!(reading.remarks[0].reason, Reason::CutOff);
        assert!(
            reading.remarks[0]
                .detail
                .contains("track 3 is cut off or broken")
        );
        bytes[9] = 2;
        std::fs::write(&file.path, &bytes).unwrap();
        let reading = read(&file);
        assert_eq!((reading.pieces.len(), reading.remarks.len()), (2, 0));
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
