//! nice-plug's host on one side, the engine's [`Port`] and [`HostTime`] on the other, and the preview
//! voice, which hears what goes out.

use std::marker::PhantomData;

use harmonai_core::music::note::{Pitch, Velocity};
use nice_plug::context::process::SendEventError;
use nice_plug::midi::{Channel, Key as HostKey, VoiceID};
use nice_plug::prelude::*;

use super::clock::HostTime;
use super::keys::MidiKey;
use super::port::{Gesture, Played, Port};
use crate::audio::preview::Preview;

/// The transport in the engine's terms; `free_run` if time is to run on while it stands.
pub fn host_time(transport: &Transport, sample_rate: f64, free_run: bool) -> HostTime {
    let seconds = transport.pos_seconds.map(|seconds| seconds * sample_rate);
    let samples = transport.pos_samples.map(|samples| samples as f64);
    let above = transport.time_sig_numerator;
    HostTime {
        playing: transport.playing,
        free_run,
        tempo: transport.tempo,
        beats: transport.pos_beats,
        samples: samples.or(seconds),
        signature: above.zip(transport.time_sig_denominator),
        bar_start: transport.bar_start_pos_beats,
    }
}

/// The events of one block.
pub struct Events<'a, P, C> {
    context: &'a mut C,
    voice: Voice<'a>,
    plugin: PhantomData<P>,
}

impl<'a, P: Plugin<SysExMessage = ()>, C: ProcessContext<P>> Events<'a, P, C> {
    /// All events of the block, none of them taken yet.
    pub fn new(context: &'a mut C, voice: Voice<'a>) -> Self {
        Self {
            context,
            voice,
            plugin: PhantomData,
        }
    }

    /// After the last event: the rest of the block's sound.
    pub fn finish(mut self) {
        self.voice.render_to(u32::MAX);
    }

    /// Sends an event; whether it is settled. A host that takes no notes at all has settled it.
    fn send(&mut self, event: NoteEvent<()>) -> bool {
        match self.context.try_send_event(event) {
            Ok(()) => true,
            Err((_, SendEventError::HostBufferFull)) => false,
            Err(_) => true,
        }
    }
}

impl<P: Plugin<SysExMessage = ()>, C: ProcessContext<P>> Port for Events<'_, P, C> {
    fn next(&mut self) -> Option<Played> {
        // Everything else stays here: pressure and the like would have to go out as note
        // expressions, and there are hosts that a note expression brings down. Nor could an event be
        // sent on from here: the engine fetches one ahead, so that a controller would overtake the
        // notes before it. It would have to become a `Gesture`, and leave in its turn.
        while let Some(event) = self.context.next_event() {
            let gesture = match event {
                NoteEvent::NoteOn {
                    channel,
                    key: HostKey::Number(key),
                    velocity,
                    ..
                } => {
                    let Some(pitch) = Pitch::new(key) else {
                        continue;
                    };
                    let key = MidiKey::new(channel.number().unwrap_or(0), pitch);
                    Gesture::Press(key, velocity.clamp(0.0, 1.0))
                }
                NoteEvent::NoteOff { channel, key, .. } | NoteEvent::Choke { channel, key, .. } => {
                    Gesture::Release {
                        channel: channel.number(),
                        pitch: key.number().and_then(Pitch::new),
                    }
                }
                _ => continue,
            };
            return Some(Played {
                sample: event.timing(),
                gesture,
            });
        }
        None
    }

    fn note_on(&mut self, sample: u32, key: MidiKey, velocity: f32) -> bool {
        let sent = self.send(NoteEvent::NoteOn {
            timing: sample,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(key.channel()),
            key: HostKey::Number(key.pitch.get()),
            velocity,
        });
        if sent {
            self.voice
                .note_on(sample, key.pitch, Velocity::from_unit(velocity));
        }
        sent
    }

    fn note_off(&mut self, sample: u32, key: MidiKey) -> bool {
        let sent = self.send(NoteEvent::NoteOff {
            timing: sample,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(key.channel()),
            key: HostKey::Number(key.pitch.get()),
            velocity: 0.0,
        });
        if sent {
            self.voice.note_off(sample, key.pitch);
        }
        sent
    }
}

/// The preview voice over one block's buffer. Without a stereo output it does nothing.
pub struct Voice<'a> {
    preview: &'a mut Preview,
    on: bool,
    sound: Option<(&'a mut [f32], &'a mut [f32])>,
    /// Samples rendered so far.
    rendered: usize,
}

impl<'a> Voice<'a> {
    /// Nothing rendered yet. Switched off, it lets what sounds fade.
    pub fn new(preview: &'a mut Preview, on: bool, buffer: &'a mut Buffer) -> Self {
        if !on {
            preview.all_off();
        }
        let sound = match buffer.as_slice() {
            [left, right, ..] => Some((&mut **left, &mut **right)),
            _ => None,
        };
        Self {
            preview,
            on,
            sound,
            rendered: 0,
        }
    }

    fn note_on(&mut self, sample: u32, pitch: Pitch, velocity: Velocity) {
        if self.on && self.sound.is_some() {
            self.render_to(sample);
            self.preview.note_on(pitch, velocity);
        }
    }

    fn note_off(&mut self, sample: u32, pitch: Pitch) {
        self.render_to(sample);
        self.preview.note_off(pitch);
    }

    fn render_to(&mut self, sample: u32) {
        let Some((left, right)) = &mut self.sound else {
            return;
        };
        let end = (sample as usize).min(left.len()).min(right.len());
        let range = self.rendered..end;
        if let (Some(left), Some(right)) = (left.get_mut(range.clone()), right.get_mut(range)) {
            self.preview.render(left, right);
            self.rendered = end;
        }
    }
}
