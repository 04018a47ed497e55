//! What a Standard MIDI file plays, in the file's own ticks, as far as it can be read.
//!
//! Called by `smf::read`, which puts it on the grid, and by the trainer, which measures how far
//! that moves the notes and tells what of a broken file was lost. Any thread but the audio thread.

use std::collections::HashMap;

use midly::{Format, MetaMessage, MidiMessage, Timing, TrackEventKind};

use crate::music::note::{Pitch, Velocity};
use crate::music::smf::error::SmfError;
use crate::music::time::{Metre, TICKS_PER_BEAT, Ticks};

/// How long a song may last: more than a day of music. Whatever goes through a song step by step
/// would never come to the end of a file that claims years.
pub(super) const LONGEST: Ticks = Ticks::new(4_000_000);

/// A file before its notes go to the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its ticks in a quarter note, at least one.
    pub resolution: i64,
    /// Whether it holds patterns of their own (type 2) instead of one song.
    pub separate: bool,
    /// The one song, or the patterns that have notes.
    pub patterns: Vec<Pattern>,
    /// What is broken in it, in its order.
    pub faults: Vec<Fault>,
}

/// Tracks that sound together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// First tempo, in quarter notes a minute.
    pub tempo: f64,
    /// First time signature.
    pub metre: Metre,
    /// Every channel of every track that has notes.
    pub tracks: Vec<PlayedTrack>,
}

/// The notes of one channel of one track.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedTrack {
    /// The track's name, or nothing.
    pub name: String,
    /// MIDI channel, 0 to 15.
    pub channel: u8,
    /// Its notes, in no order.
    pub notes: Vec<Played>,
}

/// A note in the file's ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    pub onset: i64,
    /// Where it ends; perhaps where it began.
    pub end: i64,
    pub pitch: Pitch,
    pub velocity: Velocity,
}

/// What is broken in a file that was read for all that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A track that ends without saying so, or whose bytes make no sense from some point on; the
    /// MIDI reader tells no difference.
    #[error("track {track} is cut off or broken after {notes} notes")]
    CutOff {
        /// Counted from 1.
        track: usize,
        notes: usize,
    },
    /// Bytes between the tracks that are none.
    #[error("what follows track {0} is none")]
    NoTrack(usize),
    /// Fewer tracks than the file's beginning says.
    #[error("{found} of {said} tracks are there")]
    Missing { found: usize, said: usize },
}

/// Reads a file of any type as far as it goes. A note that never ends, ends with its track.
pub fn survey(bytes: &[u8]) -> Result<File, SmfError> {
    let (header, tracks) =
        midly::parse(bytes).map_err(|error| SmfError::Format(error.to_string()))?;
    let Timing::Metrical(resolution) = header.timing else {
        return Err(SmfError::Smpte);
    };
    let resolution = i64::from(resolution.as_int());
    if resolution == 0 {
        return Err(SmfError::Format("a quarter note of 0 ticks".into()));
    }
    let separate = header.format == Format::Sequential;
    let mut file = File {
        resolution,
        separate,
        patterns: Vec::new(),
        faults: Vec::new(),
    };
    let mut song = Song::default();
    let mut found = 0;
    for events in tracks {
        let Ok(events) = events else {
            file.faults.push(Fault::NoTrack(found));
            break;
        };
        found += 1;
        if separate {
            song = Song::default();
        }
        let fault = song.track(events, found, resolution)?;
        file.faults.extend(fault);
        if separate && !song.tracks.is_empty() {
            file.patterns.push(std::mem::take(&mut song).pattern());
        }
    }
    if !separate {
        file.patterns.push(song.pattern());
    }
    // The header's third number says how many there are; a file in a RIFF wrapper begins later.
    if let Some([high, low]) = bytes.get(10..12).filter(|_| bytes.starts_with(b"MThd")) {
        let said = usize::from(u16::from_be_bytes([*high, *low]));
        if found < said {
            file.faults.push(Fault::Missing { found, said });
        }
    }
    Ok(file)
}

/// Tracks as they are gathered.
struct Song {
    tempo: f64,
    tempo_at: i64,
    metre: Metre,
    metre_at: i64,
    tracks: Vec<PlayedTrack>,
}

impl Default for Song {
    fn default() -> Self {
        Self {
            tempo: 120.0,
            tempo_at: i64::MAX,
            metre: Metre::COMMON,
            metre_at: i64::MAX,
            tracks: Vec::new(),
        }
    }
}

impl Song {
    fn track(
        &mut self,
        events: midly::EventIter,
        number: usize,
        resolution: i64,
    ) -> Result<Option<Fault>, SmfError> {
        let longest = LONGEST.get().saturating_mul(resolution) / TICKS_PER_BEAT;
        let mut reader = TrackReader::default();
        let mut at = 0i64;
        let mut ended = false;
        for event in events {
            let Ok(event) = event else { break };
            at = at.saturating_add(i64::from(event.delta.as_int()));
            match event.kind {
                TrackEventKind::Midi { .. } if at > longest => return Err(SmfError::TooLong),
                TrackEventKind::Midi { channel, message } => {
                    reader.message(at, channel.as_int(), message);
                }
                TrackEventKind::Meta(MetaMessage::TrackName(name)) => {
                    reader.name = String::from_utf8_lossy(name).trim().to_string();
                }
                TrackEventKind::Meta(MetaMessage::Tempo(us)) if at < self.tempo_at && us > 0 => {
                    self.tempo = 60e6 / f64::from(us.as_int());
                    self.tempo_at = at;
                }
                TrackEventKind::Meta(MetaMessage::TimeSignature(n, d, ..))
                    if at < self.metre_at =>
                {
                    let denominator = 1i64.checked_shl(d.into()).unwrap_or(0);
                    if let Some(metre) = Metre::new(n.into(), denominator) {
                        self.metre = metre;
                        self.metre_at = at;
                    }
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => ended = true,
                _ => {}
            }
        }
        let notes = reader.struck;
        self.tracks.extend(reader.finish(at.min(longest)));
        // What follows a track's end is rubbish, but the track is whole.
        let cut = Fault::CutOff {
            track: number,
            notes,
        };
        Ok((!ended).then_some(cut))
    }

    fn pattern(self) -> Pattern {
        Pattern {
            tempo: self.tempo,
            metre: self.metre,
            tracks: self.tracks,
        }
    }
}

/// Gathers one track's notes, channel by channel.
#[derive(Default)]
struct TrackReader {
    name: String,
    struck: usize,
    /// Onsets and velocities of sounding keys, first struck first released.
    sounding: HashMap<(u8, u8), Vec<(i64, Velocity)>>,
    notes: Vec<(u8, Played)>,
}

impl TrackReader {
    fn message(&mut self, at: i64, channel: u8, message: MidiMessage) {
        match message {
            MidiMessage::NoteOn { key, vel } if vel > 0 => {
                let velocity = Velocity::clamped(vel.as_int().into());
                self.struck += 1;
                self.sounding
                    .entry((channel, key.as_int()))
                    .or_default()
                    .push((at, velocity));
            }
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                let struck = self.sounding.get_mut(&(channel, key.as_int()));
                if let Some(struck) = struck.filter(|struck| !struck.is_empty()) {
                    let (onset, velocity) = struck.remove(0);
                    self.end((channel, key.as_int()), onset, velocity, at);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, (channel, key): (u8, u8), onset: i64, velocity: Velocity, at: i64) {
        let pitch = Pitch::clamped(key.into());
        self.notes.push((
            channel,
            Played {
                onset,
                end: at.max(onset),
                pitch,
                velocity,
            },
        ));
    }

    fn finish(mut self, at: i64) -> Vec<PlayedTrack> {
        let mut sounding: Vec<_> = std::mem::take(&mut self.sounding).into_iter().collect();
        sounding.sort_by_key(|(voice, _)| *voice);
        for (voice, struck) in sounding {
            for (onset, velocity) in struck {
                self.end(voice, onset, velocity, at);
            }
        }
        let mut tracks: Vec<PlayedTrack> = Vec::new();
        self.notes
            .sort_by_key(|(channel, note)| (*channel, note.onset));
        for (channel, note) in self.notes {
            match tracks.last_mut().filter(|track| track.channel == channel) {
                Some(track) => track.notes.push(note),
                None => tracks.push(PlayedTrack {
                    name: self.name.clone(),
                    channel,
                    notes: vec![note],
                }),
            }
        }
        tracks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(format: u8, said: u8, tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
        bytes.extend([format, 0, said, 0, 96]);
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }

    /// C and D, quarter notes, with running status all through.
    const TUNE: &[u8] = &[
        0, 0x90, 60, 80, 96, 60, 0, 0, 62, 80, 96, 62, 0, 0, 0xFF, 0x2F, 0,
    ];

    fn onsets(pattern: &Pattern) -> Vec<(i64, i64, u8)> {
        let notes = pattern.tracks.iter().flat_map(|track| &track.notes);
        notes
            .map(|note| (note.onset, note.end, note.pitch.get()))
            .collect()
    }

    #[test]
    fn running_status_and_times_in_the_files_own_ticks() {
        let read = survey(&file(0, 1, &[TUNE])).unwrap();
        assert_eq!((read.resolution, read.separate), (96, false));
        assert_eq!(onsets(&read.patterns[0]), [(0, 96, 60), (96, 192, 62)]);
        assert_eq!(read.faults, []);
    }

    #[test]
    fn separate_patterns_are_songs_of_their_own() {
        let read = survey(&file(2, 2, &[TUNE, TUNE])).unwrap();
        assert!(read.separate);
        assert_eq!(read.patterns.len(), 2);
        assert_eq!(onsets(&read.patterns[0]), onsets(&read.patterns[1]));
    }

    #[test]
    fn what_is_broken_is_told_and_the_rest_is_read() {
        let cut = |track, notes| Fault::CutOff { track, notes };
        let read = survey(&file(1, 1, &[&TUNE[..TUNE.len() - 4]])).unwrap();
        assert_eq!(read.faults, [cut(1, 2)]);
        assert_eq!(onsets(&read.patterns[0]).len(), 2);
        // A first track of rubbish, and a third that is not there.
        let read = survey(&file(1, 3, &[&[0, 0xF4, 1, 2], TUNE])).unwrap();
        let missing = Fault::Missing { found: 2, said: 3 };
        assert_eq!(read.faults, [cut(1, 0), missing]);
        assert_eq!(onsets(&read.patterns[0]).len(), 2);
        // What hangs at the cut ends there.
        let read = survey(&file(1, 1, &[&TUNE[..5]])).unwrap();
        assert_eq!(onsets(&read.patterns[0]), [(0, 0, 60)]);
        assert_eq!(read.faults, [cut(1, 1)]);
    }
}
