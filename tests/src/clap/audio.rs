//! The CLAP host's audio thread: blocks to the plug-in and back.

use super::calls::Handlers;
use super::events;
use crate::blocks::Block;
use crate::host::Output;
use crate::timeline::Timeline;
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent, TransportEvent};
use clack_host::events::io::{OutputEventBuffer, TryPushError};
use clack_host::prelude::*;
use clack_host::process::{StartedPluginAudioProcessor, StoppedPluginAudioProcessor};
use harmonai_core::music::time::Metre;
use std::time::Instant;

/// A block but for its events.
pub struct Call<'a> {
    /// Its first sample, counted from the session's start.
    pub first: u64,
    /// How many samples.
    pub frames: u32,
    /// What the host says of its transport.
    pub transport: Option<&'a TransportEvent>,
    /// How many events it takes from the plug-in, where that is limited.
    pub room: Option<usize>,
}

/// The plug-in's events.
struct Outbox {
    events: EventBuffer,
    room: Option<usize>,
}

impl OutputEventBuffer for Outbox {
    fn try_push(&mut self, event: &UnknownEvent) -> Result<(), TryPushError> {
        if self
            .room
            .is_some_and(|room| self.events.len() as usize >= room)
        {
            return Err(TryPushError::new());
        }
        self.events.push(event);
        Ok(())
    }
}

/// A plug-in that processes, and its buffers. May be sent to a thread of its own.
pub struct Audio {
    processor: StartedPluginAudioProcessor<Handlers>,
    /// How many channels each output has.
    channels: Vec<usize>,
    buffers: Vec<Vec<f32>>,
    ports: AudioPorts,
    metre: Metre,
}

impl Audio {
    /// Buffers for outputs with this number of `channels`, and for blocks of up to `max` samples.
    pub fn new(
        processor: StartedPluginAudioProcessor<Handlers>,
        channels: &[usize],
        max: u32,
        metre: Metre,
    ) -> Self {
        let total = channels.iter().sum();
        Self {
            processor,
            channels: channels.into(),
            buffers: vec![vec![0.0; max as usize]; total],
            ports: AudioPorts::with_capacity(total, channels.len()),
            metre,
        }
    }

    /// One block, with `input` beside its keys.
    pub fn process(
        &mut self,
        block: &Block<'_>,
        timeline: &Timeline,
        mut input: EventBuffer,
    ) -> anyhow::Result<Output> {
        for key in block.keys {
            let time = (key.sample - block.first) as u32;
            let pckn = Pckn::new(0u16, 0u16, u16::from(key.pitch.get()), Match::All);
            match key.velocity {
                Some(v) => input.push(&NoteOnEvent::new(time, pckn, v.unit().into())),
                None => input.push(&NoteOffEvent::new(time, pckn, 0.0)),
            }
        }
        input.sort();
        let transport = events::transport(block.stretch, block.first, timeline, self.metre);

        let call = Call {
            first: block.first,
            frames: block.frames,
            transport: Some(&transport),
            room: None,
        };
        self.run(&call, &input)
    }

    /// One block, whatever is in it.
    pub fn run(&mut self, call: &Call<'_>, input: &EventBuffer) -> anyhow::Result<Output> {
        let frames = call.frames as usize;
        let mut buffers = self.buffers.iter_mut();
        let mut port = |count: &usize| {
            let channels = buffers.by_ref().take(*count).map(|channel| {
                // Some hosts give more than they promised.
                channel.resize(channel.len().max(frames), 0.0);
                let channel = &mut channel[..frames];
                // What a host's buffers hold is anything: all of it has to be written.
                channel.fill(f32::NAN);
                channel
            });
            let channels = AudioPortBufferType::f32_output_only(channels.collect::<Vec<_>>());
            AudioPortBuffer {
                latency: 0,
                channels,
            }
        };
        let outputs: Vec<_> = self.channels.iter().map(&mut port).collect();
        let mut audio_out = self.ports.with_output_buffers(outputs);
        // SAFETY: there are no buffers, so none can be shorter than the frames stated; without
        // them a plug-in that has no audio output either would be told to process nothing.
        let audio_in = unsafe { InputAudioBuffers::from_raw_buffers(&[], call.frames) };

        let mut output = Outbox {
            events: EventBuffer::new(),
            room: call.room,
        };
        let started = Instant::now();
        self.processor.process(
            &audio_in,
            &mut audio_out,
            &input.as_input(),
            &mut OutputEvents::from_buffer(&mut output),
            Some(call.first),
            call.transport,
        )?;
        let mut result = Output {
            time: started.elapsed(),
            ..Output::default()
        };
        for event in output.events.iter() {
            match events::note(event, call.first) {
                Some(event) => result.events.push(event),
                None => result.faults.push(format!("an unknown event: {event:?}")),
            }
        }
        if let [left, .., right] = self.buffers.as_slice() {
            let pairs = left[..frames].iter().zip(&right[..frames]);
            result.audio = pairs.map(|(left, right)| [*left, *right]).collect();
        }
        Ok(result)
    }

    /// Has it forget what it was doing.
    pub fn reset(&mut self) {
        self.processor.reset();
    }

    pub fn stop(self) -> StoppedPluginAudioProcessor<Handlers> {
        self.processor.stop_processing()
    }
}
