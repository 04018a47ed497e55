//! Everything that came out of the plug-in in a session, and the judgement on it.
//!
//! Filled by [`crate::Host::play`], read by the tests and `xtask demo`.

pub mod ledger;

use crate::timeline::Timeline;
use anyhow::bail;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Ticks;
use ledger::Ledger;
use std::collections::BTreeMap;
use std::time::Duration;

/// A note event from the plug-in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, in samples since the session's start.
    pub sample: u64,
    /// MIDI channel, 0 to 15.
    pub channel: u8,
    pub pitch: Pitch,
    /// How hard (0 to 1), or `None` for a note-off.
    pub velocity: Option<f32>,
}

/// One call to the plug-in's process function.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Its first sample.
    pub first: u64,
    /// Its length in samples.
    pub frames: u32,
    pub time: Duration,
}

/// A note-on and its note-off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// The note on the song's grid.
    pub note: Note,
    /// MIDI channel, 0 to 15.
    pub channel: u8,
    /// Sample of the note-on.
    pub on: u64,
    /// Sample of the note-off.
    pub off: u64,
    /// Samples that the note-on is away from its rounded grid position.
    pub onset_error: i64,
    /// The same of the note-off; 0 where the transport cut the note.
    pub end_error: i64,
    /// Whether the transport cut the note short, by a stop or a jump.
    pub cut: bool,
}

/// What a session gave.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The session's time.
    pub timeline: Timeline,
    /// Note events, in the order in which they came.
    pub events: Vec<Event>,
    /// Calls of the process function.
    pub calls: Vec<Call>,
    /// Left and right, if the script asked to keep them.
    pub audio: Vec<[f32; 2]>,
    /// Each knob's name, and what it shows at the end.
    pub readings: BTreeMap<String, String>,
    /// The plug-in's state at the end, as the host would save it.
    pub state: Vec<u8>,
    /// How many states the plug-in refused to load.
    pub refused: usize,
    /// Faults that are no note's: events outside their block, not in order, of unknown kind.
    pub faults: Vec<String>,
}

impl Recording {
    /// Note-ons and note-offs paired, in order of onset. An error where an event came outside
    /// its block or out of order, a note was left open, closed twice or struck while open.
    pub fn notes(&self) -> anyhow::Result<Vec<Played>> {
        if let Some(fault) = self.faults.first() {
            bail!("{fault} ({} faults)", self.faults.len());
        }
        let mut ledger = Ledger::default();
        let mut notes = Vec::new();
        for event in &self.events {
            if let Some(on) = ledger.enter(event)? {
                notes.push(self.pair(&on, event));
            }
        }
        ledger.closed()?;
        notes.sort_by_key(|n| (n.on, n.note.pitch));
        Ok(notes)
    }

    fn pair(&self, on: &Event, off: &Event) -> Played {
        let (onset, onset_error) = self.on_grid(on.sample);
        // A note-off may be the first thing after the stretch that its note belongs to.
        let stretch = self.timeline.stretch_at(off.sample);
        let cut = off.sample == stretch.first && stretch.jump;
        let (end, end_error) = if cut {
            let (end, _) = self.on_grid(off.sample.saturating_sub(1));
            (end, 0)
        } else {
            self.on_grid(off.sample)
        };
        let note = Note {
            onset,
            duration: (end - onset).max(Ticks::new(1)),
            pitch: on.pitch,
            velocity: on.velocity.map(Velocity::from_unit),
        };
        let (on, off, channel) = (on.sample, off.sample, on.channel);
        Played {
            note,
            channel,
            on,
            off,
            onset_error,
            end_error,
            cut,
        }
    }

    /// The nearest grid position to a sample, and how many samples it is off the rounded place.
    fn on_grid(&self, sample: u64) -> (Ticks, i64) {
        let stretch = self.timeline.stretch_at(sample);
        let tick = stretch.beats_at(sample).nearest_tick();
        let off = sample as f64 - stretch.exact_sample(tick);
        // Exactly between two samples either one is the rounded place.
        let error = if off.abs() <= 0.5 + 1e-3 {
            0
        } else {
            off.round() as i64
        };
        (tick, error)
    }

    /// [`Self::notes`] without their samples, what "the same notes" means.
    pub fn melody(&self) -> anyhow::Result<Vec<Note>> {
        Ok(self.notes()?.iter().map(|played| played.note).collect())
    }

    /// How long the calls took: the middle one and the longest.
    pub fn process_time(&self) -> (Duration, Duration) {
        let mut times: Vec<_> = self.calls.iter().map(|call| call.time).collect();
        times.sort();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        (middle, times.last().copied().unwrap_or_default())
    }
}

/// The largest distance of any note-on or note-off from its rounded grid position, in samples.
pub fn largest_error(notes: &[Played]) -> i64 {
    notes
        .iter()
        .map(|n| n.onset_error.abs().max(n.end_error.abs()))
        .max()
        .unwrap_or(0)
}

/// How many notes began after their grid position.
pub fn late(notes: &[Played]) -> usize {
    notes.iter().filter(|n| n.onset_error > 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;
    use harmonai_core::music::time::Metre;

    fn judge(events: &[(u64, u8, Option<f32>)]) -> anyhow::Result<Vec<Played>> {
        let script = Script::new(Vec::new(), Metre::COMMON, Ticks::new(96));
        let event = |&(sample, key, velocity): &(u64, u8, Option<f32>)| Event {
            sample,
            channel: 0,
            pitch: Pitch::clamped(key.into()),
            velocity,
        };
        let recording = Recording {
            timeline: Timeline::new(&script),
            events: events.iter().map(event).collect(),
            calls: Vec::new(),
            audio: Vec::new(),
            readings: BTreeMap::new(),
            state: Vec::new(),
            refused: 0,
            faults: Vec::new(),
        };
        recording.notes()
    }

    #[test]
    fn errors_are_told_in_samples() {
        let notes = judge(&[(24_003, 60, Some(0.5)), (47_998, 60, None)]).unwrap();
        assert_eq!((notes[0].onset_error, notes[0].end_error), (3, -2));
        assert_eq!(notes[0].note.onset, Ticks::new(24));
        assert_eq!(notes[0].note.duration, Ticks::new(24));
        assert_eq!((largest_error(&notes), late(&notes)), (3, 1));
    }

    #[test]
    fn a_note_that_the_stop_cuts_is_closed() {
        let notes = judge(&[(72_000, 60, Some(0.5)), (96_000, 60, None)]).unwrap();
        assert!(notes[0].cut && notes[0].note.duration == Ticks::new(24));
    }

    #[test]
    fn unclosed_doubled_and_orphaned_notes_are_faults() {
        let (on, off) = (Some(0.5), None);
        assert!(judge(&[(0, 60, on)]).is_err());
        assert!(judge(&[(0, 60, on), (1_000, 60, on), (2_000, 60, off)]).is_err());
        assert!(judge(&[(0, 60, on), (1_000, 60, off), (2_000, 60, off)]).is_err());
        assert!(judge(&[(0, 60, Some(0.0)), (1_000, 60, off)]).is_err());
    }
}
