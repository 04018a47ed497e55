//! What was heard of the plug-in in Ardour: by the log after it, to the sample, and on the track that
//! records it. And what our own hosts hear, in the same form.

use super::session_file::BEAT;
use anyhow::{Context, bail, ensure};
use harmonai_core::music::note::{Pitch, Velocity};
use harmonai_core::music::time::Ticks;
use harmonai_tests::Recording;
use harmonai_tests::ledger::Ledger;
use harmonai_tests::recording::Event;
use std::path::Path;

/// Ardour's ticks in one of ours.
const FINE: i64 = BEAT / Ticks::BEAT.get();
/// The velocity of the note-offs with which Ardour, before a jump, ends notes that it has sent to a
/// plug-in: here, to the log. HarmonAI's own note-offs have velocity 0.
const ARDOURS_OFF: u8 = 64;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardNote {
    /// Position in the song in samples; none where it was recorded.
    pub sample: Option<i64>,
    /// Position in the song on the grid.
    pub onset: Ticks,
    /// None where a jump or the song's end cut it short.
    pub duration: Option<Ticks>,
    pub pitch: Pitch,
    pub velocity: Velocity,
    /// How far its onset or its end is off the grid, in Ardour's ticks.
    pub off: i64,
}

impl HeardNote {
    /// What makes it the same note.
    fn note(&self) -> (Ticks, Option<Ticks>, Pitch, Velocity) {
        (self.onset, self.duration, self.pitch, self.velocity)
    }
}

/// What was heard in one pass.
pub struct Capture {
    /// From jump to jump.
    pub stretches: Vec<Vec<HeardNote>>,
    /// On the track that records.
    pub recorded: Vec<HeardNote>,
    /// How many note-ons the log saw, each with its note-off.
    pub struck: usize,
}

/// A line of the log.
struct LogLine {
    stretch: usize,
    sample: i64,
    fine: i64,
}

impl Capture {
    /// What the step `listen` wrote.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let read = || Self::parse(&std::fs::read_to_string(path)?);
        read().with_context(|| format!("what was heard in {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let (mut logged, mut recorded, mut region) = (Vec::new(), Vec::new(), 0);
        let (mut heard, mut ledger) = (Vec::new(), Ledger::default());
        for line in text.lines() {
            let words: Vec<_> = line.split(' ').collect();
            let wrong = || format!("the line {line:?}");
            match words[..] {
                ["event", stretch, sample, at, bytes] => {
                    let bytes = u32::from_str_radix(bytes, 16).with_context(wrong)?;
                    let [_, status, key, velocity] = bytes.to_be_bytes();
                    let off = status & 0xf0 == 0x80 || velocity == 0;
                    ensure!(matches!(status & 0xf0, 0x80 | 0x90), wrong());
                    if off && velocity == ARDOURS_OFF {
                        continue;
                    }
                    let event = Event {
                        // Its index in the log, by which a note-off finds its note-on.
                        sample: logged.len() as u64,
                        channel: status & 0x0f,
                        pitch: Pitch::new(key).with_context(wrong)?,
                        velocity: (!off).then(|| f32::from(velocity) / 127.0),
                    };
                    logged.push(LogLine {
                        stretch: stretch.parse().with_context(wrong)?,
                        sample: sample.parse().with_context(wrong)?,
                        fine: fine(at).with_context(wrong)?,
                    });
                    if let Some(on) = ledger.enter(&event)? {
                        let of = |event: &Event| &logged[event.sample as usize];
                        heard.push((of(&on).stretch, note(&on, of(&on), of(&event))?));
                    }
                }
                ["region", at] => region = fine(at).with_context(wrong)?,
                ["note", at, length, _, key, velocity] => {
                    let (at, length) = (region + fine(at).with_context(wrong)?, fine(length));
                    let end = at + length.with_context(wrong)?;
                    recorded.push(HeardNote {
                        sample: None,
                        onset: tick(at),
                        duration: Some(tick(end) - tick(at)),
                        pitch: Pitch::new(key.parse()?).with_context(wrong)?,
                        velocity: Velocity::clamped(velocity.parse()?),
                        off: off_grid(at).max(off_grid(end)),
                    });
                }
                _ => bail!(wrong()),
            }
        }
        ledger.closed()?;
        let struck = heard.len();
        Ok(Self {
            stretches: grouped(heard),
            recorded,
            struck,
        })
    }
}

/// A note that the log saw begin and end.
fn note(event: &Event, on: &LogLine, off: &LogLine) -> anyhow::Result<HeardNote> {
    let whole = on.stretch == off.stretch;
    let end_off = if whole { off_grid(off.fine) } else { 0 };
    Ok(HeardNote {
        sample: Some(on.sample),
        onset: tick(on.fine),
        duration: whole.then(|| tick(off.fine) - tick(on.fine)),
        pitch: event.pitch,
        velocity: Velocity::from_unit(event.velocity.context("a note-on without velocity")?),
        off: off_grid(on.fine).max(end_off),
    })
}

/// What came out of the plug-in in one of our own hosts, from jump to jump.
pub fn ours(recording: &Recording) -> anyhow::Result<Vec<Vec<HeardNote>>> {
    let notes = recording.notes()?.into_iter().map(|played| {
        let stretch = recording.timeline.stretch_at(played.on);
        let heard = HeardNote {
            sample: Some(stretch.song_at(played.on)),
            onset: played.note.onset,
            duration: (!played.cut).then_some(played.note.duration),
            pitch: played.note.pitch,
            velocity: played.note.velocity.unwrap_or(Velocity::DEFAULT),
            off: 0,
        };
        (stretch.first as usize, heard)
    });
    Ok(grouped(notes.collect()))
}

/// One list for each stretch that has notes, in the order of their onsets.
fn grouped(mut notes: Vec<(usize, HeardNote)>) -> Vec<Vec<HeardNote>> {
    notes.sort_by_key(|(stretch, note)| (*stretch, note.onset, note.pitch));
    let groups = notes.chunk_by(|(one, _), (other, _)| one == other);
    let list = |group: &[(usize, HeardNote)]| group.iter().map(|(_, note)| *note).collect();
    groups.map(list).collect()
}

/// Checks that `heard` is what our own host plays; returns the largest distance in samples.
pub fn same(heard: &[HeardNote], ours: &[HeardNote]) -> anyhow::Result<i64> {
    ensure!(!ours.is_empty(), "our own host hears nothing");
    for (place, (heard, ours)) in heard.iter().zip(ours).enumerate() {
        ensure!(
            heard.note() == ours.note(),
            "note {place} is {heard:?}, and in our own host {ours:?}"
        );
    }
    let (many, few) = (heard.len(), ours.len());
    ensure!(many == few, "{many} notes, and in our own host {few}");
    let apart = heard.iter().zip(ours).map(|(heard, ours)| {
        let apart = heard.sample.zip(ours.sample);
        apart.map_or(0, |(heard, ours)| (heard - ours).abs())
    });
    Ok(apart.max().unwrap_or(0))
}

/// The largest distance of a note from the grid, in Ardour's ticks; an error where it is more than one.
pub fn on_grid(notes: &[HeardNote]) -> anyhow::Result<i64> {
    let most = notes.iter().map(|note| note.off).max();
    let most = most.context("no notes")?;
    ensure!(most <= 1, "{most}/{BEAT} of a quarter off the grid");
    Ok(most)
}

/// What Ardour writes as `quarters:ticks`, in its ticks.
fn fine(text: &str) -> anyhow::Result<i64> {
    let (beats, ticks) = text.split_once(':').context("no place in the song")?;
    Ok(beats.parse::<i64>()? * BEAT + ticks.parse::<i64>()?)
}

fn tick(fine: i64) -> Ticks {
    Ticks::new((fine + FINE / 2).div_euclid(FINE))
}

fn off_grid(fine: i64) -> i64 {
    (fine - tick(fine).get() * FINE).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "event 3 100 1:0 903c50\nevent 3 200 1:961 803c00\nevent 3 300 2:0 903e40\n\
                       event 4 0 0:0 803e40\nevent 4 0 0:0 803e00\nevent 4 400 0:79 903c50\n\
                       event 4 500 1:80 803c00\nregion 2:0\nnote 0:1 1:0 0 60 80\n";

    #[test]
    fn notes_are_paired_and_told_apart_by_stretch() {
        let capture = Capture::parse(LOG).unwrap();
        assert_eq!(capture.struck, 3);
        let [first, second] = &capture.stretches[..] else {
            panic!("{} stretches", capture.stretches.len());
        };
        assert_eq!((first[0].onset, first[0].off), (Ticks::new(24), 1));
        assert_eq!(first[0].duration, Some(Ticks::new(12)));
        assert_eq!(first[1].duration, None, "cut by the jump");
        assert_eq!((second[0].onset, second[0].off), (Ticks::new(1), 1));
        let recorded = capture.recorded[0];
        assert_eq!((recorded.onset, recorded.off), (Ticks::new(48), 1));
        assert_eq!(
            (on_grid(first).unwrap(), same(first, first).unwrap()),
            (1, 0)
        );
    }

    #[test]
    fn what_is_left_open_struck_twice_or_different_is_found() {
        let check = |text: &str| assert!(Capture::parse(text).is_err(), "{text}");
        check("event 1 0 0:0 903c50\n");
        check("event 1 0 0:0 903c50\nevent 1 9 1:0 903c50\n");
        check("event 1 0 0:0 803c00\n");
        check("event 1 0 0:0 b07b00\n");
        let heard = Capture::parse(LOG).unwrap().stretches.remove(0);
        let mut other = heard.clone();
        other[1].pitch = Pitch::clamped(63);
        assert!(same(&heard, &other).is_err() && same(&heard, &heard[..1]).is_err());
        assert!(same(&[], &[]).is_err());
        other[0].off = 2;
        assert!(on_grid(&other).is_err());
    }
}
