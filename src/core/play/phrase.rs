//! A phrase by itself: a melody, and where the answer to it begins. A project keeps one, and a MIDI
//! file can be taken for one.
//!
//! Made by the continuation, on the worker's thread, out of what it has heard, and by the shell, on
//! any thread but the audio thread, out of files and projects. As text it is a few numbers a note,
//! so that it can be read and mended by hand.

use serde::{Deserialize, Serialize};

use crate::music::melody::{Melody, MelodyError};
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::smf::Song;
use crate::music::time::{Metre, Ticks};
use crate::play::listen::{MelodyListener, Voices};

/// A text of more notes is broken.
const MOST: usize = 1 << 14;
/// The farthest position that can be meant; a text with one beyond it is broken.
const FARTHEST: i64 = 1 << 40;
/// How far the last note may sound into a bar without making the answer wait for the next one.
const RING: Ticks = Ticks::new(2);

/// A melody and where its answer begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PhraseText", into = "PhraseText")]
pub struct Phrase {
    melody: Melody,
    until: Ticks,
}

impl Phrase {
    /// A phrase of `notes`, one after the other, whose answer begins at `until`, or right after the
    /// last note's onset.
    pub fn new(metre: Metre, notes: Vec<Note>, until: Ticks) -> Result<Self, MelodyError> {
        let melody = Melody::new(String::new(), None, metre, notes)?;
        let last = melody.notes().last().map_or(until, |last| last.onset);
        Ok(Self {
            until: until.max(last + Ticks::new(1)),
            melody,
        })
    }

    /// Adds a note after the last one; the answer does not begin before its end.
    pub fn push(&mut self, note: Note) -> Result<(), MelodyError> {
        self.melody.push(note)?;
        self.until = self.until.max(note.end()).max(note.onset + Ticks::new(1));
        Ok(())
    }

    /// The tune of a MIDI file's first track other than drums, as a listener would hear it, to be
    /// answered on the bar after its end. `None` where only drums play.
    pub fn of_song(song: &Song) -> Option<Self> {
        let track = song.tracks.iter().find(|track| !track.drums())?;
        let mut keys: Vec<_> = (track.notes.iter())
            .flat_map(|note| [(note.onset, Some(note)), (note.end(), None)].map(|key| (key, note)))
            .collect();
        // What ends comes before what begins at the same time.
        keys.sort_by_key(|((at, on), note)| (*at, on.is_some(), note.pitch));
        let mut listener = MelodyListener::default();
        listener.clear(Voices::Top);
        let mut notes = Vec::new();
        for ((at, on), note) in keys {
            match on {
                Some(note) => {
                    listener.note_on(at, note.pitch, note.velocity.unwrap_or(Velocity::DEFAULT))
                }
                None => listener.note_off(at, note.pitch),
            }
            notes.extend(std::iter::from_fn(|| listener.next_note()));
        }
        let end = track.notes.iter().map(|note| note.end()).max()?;
        listener.settle(end);
        notes.extend(std::iter::from_fn(|| listener.next_note()));
        let until = (end - RING).max(Ticks::ZERO).ceil_to(song.metre.bar());
        Self::new(song.metre, notes, until).ok()
    }

    pub fn metre(&self) -> Metre {
        self.melody.metre()
    }

    pub fn notes(&self) -> &[Note] {
        self.melody.notes()
    }

    /// Where its answer begins.
    pub fn until(&self) -> Ticks {
        self.until
    }
}

/// A phrase as it stands in a project; times in ticks.
#[derive(Serialize, Deserialize)]
struct PhraseText {
    metre: String,
    /// From the song's start to the first bar line. Left out where that is 0, as in all projects from
    /// before bar lines could lie elsewhere.
    #[serde(default, skip_serializing_if = "is_zero")]
    bar_line: i64,
    until: i64,
    /// Onset, duration, pitch, velocity (0: not known).
    notes: Vec<[i64; 4]>,
}

fn is_zero(ticks: &i64) -> bool {
    *ticks == 0
}

impl From<Phrase> for PhraseText {
    fn from(phrase: Phrase) -> Self {
        let note = |note: &Note| {
            let velocity = note.velocity.map_or(0, |velocity| velocity.get().into());
            [
                note.onset.get(),
                note.duration.get(),
                note.pitch.get().into(),
                velocity,
            ]
        };
        Self {
            metre: phrase.metre().to_string(),
            bar_line: phrase.metre().line().get(),
            until: phrase.until.get(),
            notes: phrase.notes().iter().map(note).collect(),
        }
    }
}

/// Why a text is no phrase.
#[derive(Debug, thiserror::Error)]
enum PhraseTextError {
    #[error("{0:?} is no time signature")]
    Metre(String),
    #[error("note {0} is out of all bounds")]
    OutOfRange(usize),
    #[error("it has more than {MOST} notes")]
    Length,
    #[error(transparent)]
    Melody(#[from] MelodyError),
}

impl TryFrom<PhraseText> for Phrase {
    type Error = PhraseTextError;

    fn try_from(written: PhraseText) -> Result<Self, PhraseTextError> {
        let metre = Metre::parse(&written.metre).ok_or(PhraseTextError::Metre(written.metre))?;
        let metre = metre.with_line(Ticks::new(written.bar_line));
        if written.notes.len() > MOST {
            return Err(PhraseTextError::Length);
        }
        let near = |at: i64| (-FARTHEST..=FARTHEST).contains(&at);
        let note = |(place, [onset, duration, pitch, velocity]): (usize, [i64; 4])| {
            let pitch = u8::try_from(pitch).ok().and_then(Pitch::new);
            let pitch = pitch.filter(|_| near(onset) && near(duration) && near(written.until));
            Ok(Note {
                onset: Ticks::new(onset),
                duration: Ticks::new(duration),
                pitch: pitch.ok_or(PhraseTextError::OutOfRange(place))?,
                velocity: (velocity > 0).then(|| Velocity::clamped(velocity)),
            })
        };
        let notes = written.notes.into_iter().enumerate().map(note);
        let notes = notes.collect::<Result<_, PhraseTextError>>()?;
        Ok(Self::new(metre, notes, Ticks::new(written.until))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::smf::Track;

    fn note(onset: i64, duration: i64, key: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::clamped(key),
            velocity: Some(Velocity::clamped(80)),
        }
    }

    #[test]
    fn a_phrase_goes_into_text_and_comes_back() {
        let mut notes = vec![note(-12, 12, 60), note(0, 20, 72)];
        notes[1].velocity = None;
        let phrase = Phrase::new(Metre::parse("6/8").unwrap(), notes, Ticks::new(72)).unwrap();
        let text = serde_json::to_string(&phrase).unwrap();
        assert_eq!(
            text,
            r#"{"metre":"6/8","until":72,"notes":[[-12,12,60,80],[0,20,72,0]]}"#
        );
        assert_eq!(serde_json::from_str::<Phrase>(&text).unwrap(), phrase);
        let metre = Metre::COMMON.with_line(Ticks::new(84));
        let shifted = Phrase::new(metre, phrase.notes().to_vec(), Ticks::new(84)).unwrap();
        let text = serde_json::to_string(&shifted).unwrap();
        assert!(text.contains(r#""bar_line":84"#), "{text}");
        assert_eq!(serde_json::from_str::<Phrase>(&text).unwrap(), shifted);
    }

    #[test]
    fn note_by_note_it_is_the_phrase_of_all_its_notes() {
        let notes = [note(0, 12, 60), note(12, 6, 62), note(24, 200, 64)];
        let new = |count: usize, until| {
            Phrase::new(Metre::COMMON, notes[..count].to_vec(), Ticks::new(until)).unwrap()
        };
        let mut phrase = new(1, 96);
        phrase.push(notes[1]).unwrap();
        assert_eq!(phrase, new(2, 96), "its answer may wait");
        phrase.push(notes[2]).unwrap();
        assert_eq!(phrase, new(3, 224));
        // What `new` would refuse, for the same reason.
        for wrong in [note(24, 12, 65), note(23, 12, 65), note(36, 0, 65)] {
            let all = [&notes[..], &[wrong]].concat();
            let refused = Phrase::new(Metre::COMMON, all, Ticks::new(224)).unwrap_err();
            assert_eq!(phrase.push(wrong), Err(refused));
            assert_eq!(phrase, new(3, 224));
        }
    }

    #[test]
    fn text_that_is_no_phrase_is_refused() {
        for text in [
            r#"{"metre":"6/7","until":72,"notes":[[0,12,60,80]]}"#,
            r#"{"metre":"4/4","until":72,"notes":[]}"#,
            r#"{"metre":"4/4","until":72,"notes":[[0,12,128,80]]}"#,
            r#"{"metre":"4/4","until":72,"notes":[[0,0,60,80]]}"#,
            r#"{"metre":"4/4","until":72,"notes":[[24,12,60,80],[0,12,60,80]]}"#,
            r#"{"metre":"4/4","until":72,"notes":[[9223372036854775807,12,60,80]]}"#,
            r#"{"metre":"4/4","until":9223372036854775807,"notes":[[0,12,60,80]]}"#,
        ] {
            assert!(serde_json::from_str::<Phrase>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn of_a_file_the_tune_of_the_first_track_is_heard() {
        let track = |channel, notes| Track {
            name: String::new(),
            channel,
            notes,
        };
        let mut song = Song {
            tempo: 120.0,
            metre: Metre::COMMON,
            tracks: vec![
                track(9, vec![note(0, 12, 36)]),
                // A tune above a held bass.
                track(
                    0,
                    vec![
                        note(0, 96, 40),
                        note(0, 24, 72),
                        note(24, 24, 74),
                        note(48, 49, 76),
                    ],
                ),
                track(1, vec![note(0, 200, 90)]),
            ],
        };
        let phrase = Phrase::of_song(&song).unwrap();
        let heard: Vec<_> = (phrase.notes().iter())
            .map(|note| (note.onset.get(), note.pitch.get()))
            .collect();
        assert_eq!(heard, [(0, 72), (24, 74), (48, 76)]);
        assert_eq!(phrase.until(), Ticks::new(96));
        song.tracks.truncate(1);
        assert_eq!(Phrase::of_song(&song), None);
    }
}
