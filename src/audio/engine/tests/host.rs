//! A host that rolls, hands over the player's notes, and takes down what goes out.

use harmonai_core::music::note::Pitch;
use nice_assert_no_alloc::permit_alloc;

use super::super::super::clock::HostTime;
use super::super::super::keys::{KeySet, MidiKey};
use super::super::super::port::{Gesture, Played, Port};

/// A host that rolls at one tempo and hands over the player's notes.
pub struct Host {
    pub tempo: f64,
    pub rate: f64,
    pub signature: (i32, i32),
    /// A bar line, in ticks.
    pub line: i64,
    pub playing: bool,
    pub free_run: bool,
    /// The position, in samples.
    pub at: i64,
    /// Samples since the host was switched on.
    pub clock: i64,
    /// When (samples since then), how hard or let go, key; in order.
    pub events: Vec<(i64, Option<f32>, i64)>,
    /// Events that it takes a block.
    pub room: Option<usize>,
}

impl Host {
    pub fn new(tempo: f64, rate: f64) -> Self {
        Self {
            tempo,
            rate,
            signature: (4, 4),
            line: 0,
            playing: true,
            free_run: false,
            at: 0,
            clock: 0,
            events: vec![],
            room: None,
        }
    }

    /// Adds notes: onset, end (ticks) and key.
    pub fn play(&mut self, notes: &[(i64, i64, i64)]) {
        let sample =
            |tick: i64| (tick as f64 / 24.0 * 60.0 / self.tempo * self.rate).round() as i64;
        for (onset, end, key) in notes {
            // Softer and softer over the octave, so that velocities are told apart too.
            self.events
                .push((sample(*onset), Some(0.9 - *key as f32 / 400.0), *key));
            self.events.push((sample(*end), None, *key));
        }
        self.events.sort_by_key(|(at, on, _)| (*at, on.is_some()));
    }

    pub fn time(&self) -> HostTime {
        let beats = self.at as f64 / self.rate * self.tempo / 60.0;
        let bar = f64::from(self.signature.0) * 4.0 / f64::from(self.signature.1);
        let line = self.line as f64 / 24.0;
        HostTime {
            free_run: self.free_run,
            playing: self.playing,
            tempo: Some(self.tempo),
            beats: Some(beats),
            samples: Some(self.at as f64),
            signature: Some(self.signature),
            bar_start: Some(((beats - line) / bar).floor() * bar + line),
        }
    }
}

/// Something that went out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    /// Samples since the host was switched on.
    pub at: i64,
    pub on: bool,
    pub key: u8,
    pub channel: u8,
    pub velocity: f32,
}

/// A note that went out. The ticks suppose that the host never jumped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    pub key: u8,
    pub on: i64,
    pub off: i64,
    pub on_tick: i64,
    pub off_tick: i64,
}

pub struct Outcome {
    pub sent: Vec<Sent>,
    pub ticks_a_sample: f64,
}

impl Outcome {
    pub fn notes(&self) -> Vec<Heard> {
        let tick = |at: i64| (at as f64 * self.ticks_a_sample).round() as i64;
        let note = |(i, on): (usize, &Sent)| {
            let off = self.sent[i..]
                .iter()
                .find(|sent| !sent.on && sent.key == on.key);
            let off = off.expect("checked by finish").at;
            Heard {
                key: on.key,
                on: on.at,
                off,
                on_tick: tick(on.at),
                off_tick: tick(off),
            }
        };
        self.sent
            .iter()
            .enumerate()
            .filter(|(_, sent)| sent.on)
            .map(note)
            .collect()
    }
}

/// One block of it, as the engine's port.
pub struct Paper<'a> {
    pub host: &'a mut Host,
    pub down: &'a mut KeySet,
    pub sent: &'a mut Vec<Sent>,
    pub frames: u32,
    /// The last sample written to in this block.
    pub last: u32,
    pub room: usize,
}

impl Port for Paper<'_> {
    fn next(&mut self) -> Option<Played> {
        permit_alloc(|| self.read())
    }

    fn note_on(&mut self, sample: u32, key: MidiKey, velocity: f32) -> bool {
        permit_alloc(|| self.write(sample, key, Some(velocity)))
    }

    fn note_off(&mut self, sample: u32, key: MidiKey) -> bool {
        permit_alloc(|| self.write(sample, key, None))
    }
}

impl Paper<'_> {
    fn read(&mut self) -> Option<Played> {
        let (at, on, key) = *self.host.events.first()?;
        let sample = at - self.host.clock;
        if sample >= i64::from(self.frames) {
            return None;
        }
        self.host.events.remove(0);
        let pitch = Pitch::clamped(key);
        let gesture = match on {
            Some(velocity) => Gesture::Press(MidiKey::new(0, pitch), velocity),
            None => Gesture::Release {
                channel: Some(0),
                pitch: Some(pitch),
            },
        };
        Some(Played {
            sample: sample.max(0) as u32,
            gesture,
        })
    }

    fn write(&mut self, sample: u32, key: MidiKey, on: Option<f32>) -> bool {
        assert!(
            sample < self.frames.max(1),
            "{sample} in a block of {}",
            self.frames
        );
        assert!(sample >= self.last, "{sample} after {}", self.last);
        self.last = sample;
        if self.room == 0 {
            return false;
        }
        self.room -= 1;
        assert_eq!(
            self.down.contains(key),
            on.is_none(),
            "{key:?} {on:?} at {sample}"
        );
        match on {
            Some(_) => self.down.insert(key),
            None => _ = self.down.remove(key),
        }
        self.sent.push(Sent {
            at: self.host.clock + i64::from(sample),
            on: on.is_some(),
            key: key.pitch.get(),
            channel: key.channel(),
            velocity: on.unwrap_or(0.0),
        });
        true
    }
}
