//! A tune as a file writes it, and its melodies on the grid: where all formats but melody JSON
//! Lines come together.
//!
//! Made by the readers of MIDI, ABC and MusicXML. Pure; any thread.

use std::collections::HashMap;

use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::smf::{Song, Track};
use harmonai_core::music::time::{Metre, Ticks};

use super::moves::{Moves, nearest};
use super::piece::Piece;
use super::reading::{MusicFile, Reading};
use super::remarks::{Reason, Remark};
use super::voice::voices;

/// No note lies beyond: some 40,000 bars.
const LONGEST: i64 = 4_000_000;

/// A note; times are in parts of a quarter note that its [`Notated`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotatedNote {
    pub onset: i64,
    pub duration: i64,
    pub pitch: Pitch,
    pub velocity: Option<Velocity>,
}

/// Notes that belong together: a channel, a voice, a staff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotatedTrack {
    pub name: String,
    /// MIDI channel, 0 to 15; 9 is drums.
    pub channel: u8,
    pub notes: Vec<NotatedNote>,
}

/// Tracks that sound together.
#[derive(Clone, Debug, PartialEq)]
pub struct Notated {
    /// Its title; without one it is called by its file.
    pub title: Option<String>,
    /// What it is called among the tunes of its file, where there are several.
    pub place: Option<String>,
    /// Parts of a quarter note that its times are counted in; at least one.
    pub per_beat: i64,
    pub tempo: f64,
    pub metre: Metre,
    /// The length of a first bar that is not full, else 0.
    pub upbeat: i64,
    pub tracks: Vec<NotatedTrack>,
}

impl Notated {
    /// Its melodies, each a piece, and remarks on the tracks that are none.
    pub fn melodies(&self, file: &MusicFile) -> Reading {
        let remark = |place: Option<String>, reason, detail: String| {
            let places: Vec<String> = self.place.iter().cloned().chain(place).collect();
            if places.is_empty() {
                Remark::on_file(&file.path, reason, detail)
            } else {
                Remark::on_part(&file.path, places.join(", "), reason, detail)
            }
        };
        if self.tracks.iter().all(|track| track.notes.is_empty()) {
            return Reading::nothing(remark(None, Reason::NoNotes, String::new()));
        }
        let Some((song, moves)) = self.on_grid() else {
            let far = remark(None, Reason::NotMelody, "it goes on for days".into());
            return Reading::nothing(far);
        };
        let (voices, rejected) = voices(&song);
        let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
        let title = self.title.as_deref().unwrap_or(&stem);
        let alone = voices.len() == 1;
        let mut reading = Reading::default();
        for (track, notes) in voices {
            let name = &song.tracks[track].name;
            let title = match (alone, name.is_empty()) {
                (true, _) => title.to_string(),
                (false, true) => format!("{title}, track {}", track + 1),
                (false, false) => format!("{title}, {name}"),
            };
            let mut moved = Moves::default();
            for note in &notes {
                let distance = moves[track].get(&(note.onset, note.pitch));
                moved.add(distance.copied().unwrap_or(0));
            }
            match Melody::new(title, file.style.clone(), song.metre, notes) {
                Ok(mut melody) => {
                    if is_even(&melody) {
                        melody = melody.without_velocities();
                    }
                    let source = file.style.as_ref().unwrap_or(&file.group).clone();
                    reading.pieces.push(Piece {
                        moves: moved,
                        ..Piece::new(melody, source, None)
                    });
                }
                Err(error) => {
                    let place = Some(place(&song.tracks[track], track));
                    let none = remark(place, Reason::NotMelody, error.to_string());
                    reading.remarks.push(none);
                }
            }
        }
        for (track, reason, detail) in rejected {
            let place = place(&song.tracks[track], track);
            reading.remarks.push(remark(Some(place), reason, detail));
        }
        // The voices of one song go to the same side of the split, so that the one does not give
        // the other away.
        if let Some(first) = reading.pieces.first().map(|piece| piece.key) {
            for piece in &mut reading.pieces {
                piece.key = first;
            }
        }
        reading
    }

    /// The song on the grid, bar lines at multiples of the bar, and for each track how far the
    /// note at an onset was moved. `None` where it goes on for days.
    fn on_grid(&self) -> Option<(Song, Vec<Distances>)> {
        let bar = self.metre.bar();
        let upbeat = Ticks::new(nearest(self.upbeat, self.per_beat).0);
        let shift = if upbeat > Ticks::ZERO && upbeat < bar {
            bar - upbeat
        } else {
            Ticks::ZERO
        };
        let mut tracks = Vec::new();
        let mut moves = Vec::new();
        for track in &self.tracks {
            let mut distances = Distances::new();
            let mut notes = Vec::with_capacity(track.notes.len());
            for note in &track.notes {
                let (onset, distance) = nearest(note.onset, self.per_beat);
                let (end, _) = nearest(note.onset.saturating_add(note.duration), self.per_beat);
                if onset.max(end) > LONGEST || onset < -LONGEST {
                    return None;
                }
                let onset = Ticks::new(onset);
                let at = (onset + shift, note.pitch);
                // Of two that fall on one point the nearer is taken for the one that is kept.
                let known = distances.entry(at).or_insert(distance);
                *known = distance.min(*known);
                notes.push(Note {
                    onset: at.0,
                    duration: (Ticks::new(end) - onset).max(Ticks::new(1)),
                    pitch: note.pitch,
                    velocity: note.velocity,
                });
            }
            notes.sort_by_key(|note| (note.onset, note.pitch, note.duration, note.velocity));
            tracks.push(Track {
                name: track.name.clone(),
                channel: track.channel,
                notes,
            });
            moves.push(distances);
        }
        let song = Song {
            tempo: self.tempo,
            metre: self.metre,
            tracks,
        };
        Some((song, moves))
    }
}

/// How far the note of an onset and a pitch was moved.
type Distances = HashMap<(Ticks, Pitch), u32>;

fn place(track: &Track, index: usize) -> String {
    let channel = track.channel + 1;
    if track.name.is_empty() {
        format!("track {} (channel {channel})", index + 1)
    } else {
        format!("track {} \"{}\" (channel {channel})", index + 1, track.name)
    }
}

/// Whether all notes are struck alike: then nobody played them, and there is nothing to learn of
/// it.
fn is_even(melody: &Melody) -> bool {
    let first = melody.notes()[0].velocity;
    melody.notes().iter().all(|note| note.velocity == first)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn notated(upbeat: i64, step: i64) -> Notated {
        let note = |i: i64| NotatedNote {
            onset: i * step,
            duration: step,
            pitch: Pitch::clamped(60 + i % 5),
            velocity: None,
        };
        Notated {
            title: Some("T".into()),
            place: None,
            per_beat: 480,
            tempo: 120.0,
            metre: Metre::COMMON,
            upbeat,
            tracks: vec![NotatedTrack {
                notes: (0..12).map(note).collect(),
                ..NotatedTrack::default()
            }],
        }
    }

    fn file() -> MusicFile {
        MusicFile {
            path: PathBuf::from("a/song.mid"),
            style: None,
            group: "a".into(),
        }
    }

    #[test]
    fn an_upbeat_ends_at_a_bar_line_and_moves_are_measured() {
        let reading = notated(480, 245).melodies(&file());
        assert_eq!(reading.remarks, []);
        let piece = &reading.pieces[0];
        let onsets: Vec<i64> = piece.melody.notes().iter().map(|n| n.onset.get()).collect();
        assert_eq!(onsets[..4], [72, 84, 97, 109]);
        let figures = piece.moves.figures();
        assert_eq!(figures.notes, 12);
        // The third note lies at 490 of 480 parts to a beat: halfway between two points.
        assert!((figures.farthest - 1.0 / 48.0).abs() < 1e-9, "{figures:?}");
        assert_eq!(
            notated(0, 240).melodies(&file()).pieces[0]
                .moves
                .figures()
                .moved,
            0.0
        );
    }

    #[test]
    fn velocities_that_are_all_alike_say_nothing() {
        let velocities = |velocity: fn(i64) -> i64| {
            let mut song = notated(0, 240);
            for (i, note) in (0..).zip(&mut song.tracks[0].notes) {
                note.velocity = Some(Velocity::clamped(velocity(i)));
            }
            let reading = song.melodies(&file());
            let notes = reading.pieces[0].melody.notes().iter();
            notes.filter(|note| note.velocity.is_some()).count()
        };
        assert_eq!(velocities(|_| 80), 0);
        assert_eq!(velocities(|i| 80 + i % 2), 12);
    }

    #[test]
    fn a_song_of_days_is_left_out_with_the_reason() {
        let mut long = notated(0, 240);
        long.tracks[0].notes[3].onset = i64::MAX / 2;
        let reading = long.melodies(&file());
        assert!(reading.pieces.is_empty());
        assert_eq!(reading.remarks[0].reason, Reason::NotMelody);
    }
}
