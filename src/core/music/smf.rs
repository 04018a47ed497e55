//! Standard MIDI Files as bytes: what a file plays, on the grid of 24 ticks, and back.
//!
//! Read by the trainer and the shell for music and phrases, written for answers. Any thread but the
//! audio thread (it allocates).

mod error;
mod reading;

use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

pub use error::SmfError;
pub use reading::{Fault, File, Pattern, Played, PlayedTrack, survey};

use crate::music::note::{Note, Velocity};
use crate::music::time::{Metre, TICKS_PER_BEAT, Ticks};

/// The channel that General MIDI keeps for drums, counted from 0.
const DRUMS: u8 = 9;
/// Resolution of the files that are written, in ticks a quarter: a multiple of the grid's 24.
const RESOLUTION: u16 = 480;
const SCALE: u32 = RESOLUTION as u32 / TICKS_PER_BEAT as u32;
/// Between two events of a written file, in ticks: the format has 28 bits for it.
const LONGEST_PAUSE: i64 = ((1 << 28) - 1) / SCALE as i64;

/// The notes of one channel of one track.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The track's name, or nothing.
    pub name: String,
    /// MIDI channel, 0 to 15.
    pub channel: u8,
    /// Notes, sorted by onset, then pitch; they may overlap.
    pub notes: Vec<Note>,
}

impl Track {
    /// Whether it is General MIDI's drum channel.
    pub fn drums(&self) -> bool {
        self.channel == DRUMS
    }
}

/// What a file plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// First tempo, in quarter notes a minute.
    pub tempo: f64,
    /// First time signature.
    pub metre: Metre,
    /// Every channel of every track that has notes; not empty when read.
    pub tracks: Vec<Track>,
}

/// Reads a type 0 or type 1 file, as far as it goes. Onsets and durations go to the nearest grid
/// point, durations to one tick at the least.
pub fn read(bytes: &[u8]) -> Result<Song, SmfError> {
    let mut file = survey(bytes)?;
    if file.separate {
        return Err(SmfError::Patterns);
    }
    let grid = |at: i64| {
        let resolution = file.resolution;
        Ticks::new((at * TICKS_PER_BEAT * 2 + resolution).div_euclid(2 * resolution))
    };
    let pattern = file.patterns.pop().ok_or(SmfError::NoNotes)?;
    let on_grid = |track: PlayedTrack| {
        let note = |played: &Played| {
            let onset = grid(played.onset);
            Note {
                onset,
                duration: (grid(played.end) - onset).max(Ticks::new(1)),
                pitch: played.pitch,
                velocity: Some(played.velocity),
            }
        };
        let mut notes: Vec<Note> = track.notes.iter().map(note).collect();
        notes.sort_by_key(|note| (note.onset, note.pitch, note.duration, note.velocity));
        Track {
            name: track.name,
            channel: track.channel,
            notes,
        }
    };
    let song = Song {
        tempo: pattern.tempo,
        metre: pattern.metre,
        tracks: pattern.tracks.into_iter().map(on_grid).collect(),
    };
    if song.tracks.is_empty() {
        Err(SmfError::NoNotes)
    } else {
        Ok(song)
    }
}

/// Writes a type 1 file: tempo and metre first, then a track for each of the song's. Notes before
/// the song's start move all of it later by whole bars. Notes of unknown velocity get the default.
/// Pauses of days, longer than the format has numbers for, are cut short.
pub fn write(song: &Song) -> Vec<u8> {
    let first = song
        .tracks
        .iter()
        .flat_map(|track| &track.notes)
        .map(|note| note.onset)
        .min();
    let bar = song.metre.bar();
    let shift = Ticks::ZERO - first.unwrap_or_default().min(Ticks::ZERO).floor_to(bar);
    let tempo = (60e6 / song.tempo.clamp(4.0, 1000.0)).round() as u32;
    let event = |delta: u32, kind| TrackEvent {
        delta: u28::new(delta),
        kind,
    };
    let meta = |message| event(0, TrackEventKind::Meta(message));
    let end = || meta(MetaMessage::EndOfTrack);
    let power = song.metre.denominator().trailing_zeros() as u8;
    let signature = MetaMessage::TimeSignature(song.metre.numerator(), power, 24, 8);
    let mut smf = Smf::new(Header::new(
        Format::Parallel,
        Timing::Metrical(u15::new(RESOLUTION)),
    ));
    smf.tracks.push(vec![
        meta(MetaMessage::Tempo(u24::new(tempo))),
        meta(signature),
        end(),
    ]);
    for track in &song.tracks {
        let mut moments: Vec<(Ticks, bool, u8, u8)> = Vec::new();
        for note in &track.notes {
            let (key, velocity) = (note.pitch.get(), note.velocity.unwrap_or(Velocity::DEFAULT));
            moments.push((note.onset + shift, true, key, velocity.get()));
            moments.push((note.end() + shift, false, key, 0));
        }
        // At one moment the note-offs come first, so that a repeated key is struck again.
        moments.sort_unstable();
        let mut events = vec![meta(MetaMessage::TrackName(track.name.as_bytes()))];
        let mut now = Ticks::ZERO;
        for (at, on, key, velocity) in moments {
            let (key, vel) = (u7::new(key), u7::new(velocity));
            let message = if on {
                MidiMessage::NoteOn { key, vel }
            } else {
                MidiMessage::NoteOff { key, vel }
            };
            let channel = u4::new(track.channel & 15);
            let delta = (at - now).get().clamp(0, LONGEST_PAUSE) as u32;
            events.push(event(
                delta * SCALE,
                TrackEventKind::Midi { channel, message },
            ));
            now = at;
        }
        events.push(end());
        smf.tracks.push(events);
    }
    let mut bytes = Vec::new();
    smf.write_std(&mut bytes)
        .expect("PANIC: writing to memory does not fail");
    bytes
}

#[cfg(test)]
mod tests {
    use super::reading::LONGEST;
    use super::*;
    use crate::music::note::Pitch;

    fn note(onset: i64, duration: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key),
            velocity: Some(Velocity::clamped(key)),
        }
    }

    fn song(notes: Vec<Note>) -> Song {
        let tracks = vec![Track {
            name: "Tune".into(),
            channel: 2,
            notes,
        }];
        Song {
            tempo: 96.0,
            metre: Metre::parse("6/8").unwrap(),
            tracks,
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let song = song(vec![
            note(0, 12, 60),
            note(12, 12, 60),
            note(24, 48, 64),
            note(30, 1, 72),
        ]);
        assert_eq!(read(&write(&song)).unwrap(), song);
    }

    #[test]
    fn notes_before_the_start_move_by_whole_bars() {
        let back = read(&write(&song(vec![note(-12, 12, 60), note(0, 12, 62)]))).unwrap();
        assert_eq!(back.tracks[0].notes, [note(60, 12, 60), note(72, 12, 62)]);
    }

    #[test]
    fn what_is_no_music_says_why() {
        let check = |bytes: &[u8], expect: &str| {
            let message = read(bytes).unwrap_err().to_string();
            assert!(message.contains(expect), "{message}");
        };
        check(b"", "no Standard MIDI File");
        check(b"RIFF....WAVE", "no Standard MIDI File");
        check(&write(&song(vec![])), "no notes");
        let mut bytes = write(&song(vec![note(0, 12, 60)]));
        bytes[9] = 2;
        check(&bytes, "type 2");
        bytes[9] = 1;
        bytes[12..14].copy_from_slice(&[0xE7, 0x28]);
        check(&bytes, "SMPTE");
        bytes[12..14].copy_from_slice(&[0, 0]);
        check(&bytes, "0 ticks");
    }

    #[test]
    fn a_pause_too_long_for_the_format_is_cut_short() {
        for onset in [LONGEST_PAUSE + 25, i64::MAX / 2] {
            let bytes = write(&song(vec![note(0, 12, 60), note(onset, 12, 62)]));
            let on = bytes.windows(3).position(|event| event == [0x92, 62, 62]);
            // All 28 bits of the number before it, or the nearest multiple of the resolution.
            assert_eq!(bytes[on.unwrap() - 4..][..4], [0xff, 0xff, 0xff, 0x70]);
        }
    }

    #[test]
    fn a_frame_rate_of_minus_128_is_an_error() {
        let mut bytes = write(&song(vec![note(0, 12, 60)]));
        bytes[12] = 0x80;
        assert!(matches!(read(&bytes), Err(SmfError::Format(_))));
    }

    #[test]
    fn a_song_of_days_is_refused() {
        let of = |onset| read(&write(&song(vec![note(0, 12, 60), note(onset, 12, 62)])));
        assert_eq!(of(LONGEST.get() - 12).unwrap().tracks[0].notes.len(), 2);
        assert_eq!(of(LONGEST.get() + 1), Err(SmfError::TooLong));
    }

    #[test]
    fn a_hanging_note_ends_with_its_track() {
        let mut bytes = write(&song(vec![note(0, 24, 60)]));
        // Turn the note-off into one for another key.
        let off = bytes.windows(3).rposition(|w| w == [0x82, 60, 0]).unwrap();
        bytes[off + 1] = 61;
        assert_eq!(read(&bytes).unwrap().tracks[0].notes, [note(0, 24, 60)]);
    }
}
