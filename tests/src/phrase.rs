//! The phrase that a song begins with, as a call for the plug-in.

use anyhow::Context;
use harmonai_core::music::melody::skyline;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::smf::{Song, Track};
use harmonai_core::music::time::{Metre, Ticks};

/// The longest call that the plug-in listens to, in bars.
const LONGEST: i64 = 16;
/// Songs of up to this many bars are played whole.
const SHORT: i64 = 8;
/// Of longer songs the call is this many bars.
const BARS: i64 = 4;

/// A tune of two bars of 4/4: a rest, a held note, a repeated one.
pub fn tune() -> Vec<Note> {
    let notes = [
        (0, 24, 60, 90),
        (24, 24, 62, 80),
        (48, 20, 64, 85),
        (72, 12, 64, 70),
        (84, 12, 65, 75),
        (96, 48, 67, 100),
        (156, 12, 65, 80),
        (168, 20, 64, 90),
    ];
    let note = |(onset, duration, key, velocity)| Note {
        onset: Ticks::new(onset),
        duration: Ticks::new(duration),
        pitch: Pitch::clamped(key),
        velocity: Some(Velocity::clamped(velocity)),
    };
    notes.into_iter().map(note).collect()
}

/// A call: one voice from the start of the song's first bar on.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// Its notes; the first one is in the first bar.
    pub notes: Vec<Note>,
    /// How many bars it fills, that of an upbeat included.
    pub bars: i64,
    /// Whether it begins in the second half of a bar, and so leads into the next one.
    pub upbeat: bool,
}

impl Phrase {
    /// The bars that the plug-in is to listen for: it counts an upbeat with the bar after.
    pub fn listen(&self) -> i64 {
        (self.bars - i64::from(self.upbeat)).max(1)
    }

    /// Where it ends, and the answer may begin.
    pub fn end(&self, metre: Metre) -> Ticks {
        Ticks::new(self.bars * metre.bar().get())
    }
}

/// The opening of the song's melody: all of a short song, else its first bars, which an upbeat
/// does not count among.
pub fn opening(song: &Song) -> anyhow::Result<Phrase> {
    let melody = skyline(&melody(song).context("it has only drums")?.notes);
    let first = melody.first().context("it has no notes")?.onset;
    let bar = song.metre.bar();
    let start = first.floor_to(bar);
    let last = melody.last().map_or(first, |note| note.onset);
    let whole = song.metre.bar_index(last - start) + 1;
    let upbeat = (first - start).get() * 2 > bar.get();
    let bars = if whole <= SHORT {
        whole
    } else {
        BARS + i64::from(upbeat)
    }
    .min(LONGEST);
    let end = start + Ticks::new(bars * bar.get());
    let ends = melody.iter().skip(1).map(|next| next.onset).chain([end]);
    let within = melody.iter().zip(ends).filter(|(note, _)| note.onset < end);
    let notes = within.map(|(note, next)| Note {
        onset: note.onset - start,
        // One voice: a note ends where the next one begins, at the latest.
        duration: note.duration.min(next.min(end) - note.onset),
        ..*note
    });
    Ok(Phrase {
        notes: notes.collect(),
        bars,
        upbeat,
    })
}

/// The highest track on average, of those that have a fair share of the notes.
fn melody(song: &Song) -> Option<&Track> {
    let tracks = || song.tracks.iter().filter(|track| !track.drums());
    let most = tracks().map(|track| track.notes.len()).max()?;
    let height = |track: &&Track| {
        let sum: u64 = track
            .notes
            .iter()
            .map(|note| u64::from(note.pitch.get()))
            .sum();
        sum * 1000 / track.notes.len().max(1) as u64
    };
    tracks()
        .filter(|track| track.notes.len() * 4 >= most)
        .max_by_key(height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(key: i64, onsets: impl Iterator<Item = i64>) -> Track {
        let note = |onset| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(30),
            pitch: Pitch::clamped(key),
            velocity: None,
        };
        Track {
            name: String::new(),
            channel: 0,
            notes: onsets.map(note).collect(),
        }
    }

    fn song(tracks: Vec<Track>) -> Song {
        Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks,
        }
    }

    #[test]
    fn a_long_song_opens_with_four_bars_and_its_upbeat() {
        let low = track(40, (0..400).map(|i| i * 12));
        let high = track(70, (0..200).map(|i| 72 + i * 24));
        let phrase = opening(&song(vec![low, high])).unwrap();
        assert_eq!((phrase.bars, phrase.notes.len()), (5, 1 + 4 * 4));
        assert_eq!(phrase.listen(), 4);
        assert_eq!(phrase.notes[0].onset, Ticks::new(72));
        assert_eq!(
            phrase.notes[0].duration,
            Ticks::new(24),
            "cut where the next begins"
        );
    }

    #[test]
    fn a_short_song_is_played_whole_from_its_first_bar() {
        let phrase = opening(&song(vec![track(60, [960, 1000, 1100].into_iter())])).unwrap();
        let onsets: Vec<_> = phrase.notes.iter().map(|note| note.onset.get()).collect();
        assert_eq!((phrase.bars, onsets), (2, vec![0, 40, 140]));
        assert_eq!(phrase.end(Metre::COMMON), Ticks::new(192));
    }

    #[test]
    fn drums_are_no_melody() {
        let mut drums = track(60, 0..4);
        drums.channel = 9;
        assert!(opening(&song(vec![drums])).is_err());
    }
}
