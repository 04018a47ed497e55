//! The CLAP host's audio thread: blocks to the plug-in and back.

use super::{Handlers, events};
use crate::blocks::Block;
use crate::host::Output;
use crate::timeline::Timeline;
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent};
use clack_host::prelude::*;
use clack_host::process::{StartedPluginAudioProcessor, StoppedPluginAudioProcessor};
use harmonai_core::time::Metre;
use std::time::Instant;

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
    /// Buffers for outputs of so many `channels`, and for blocks of up to `max` samples.
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

        let frames = block.frames as usize;
        let mut buffers = self.buffers.iter_mut();
        let mut port = |count: &usize| {
            let channels = buffers.by_ref().take(*count).map(|c| &mut c[..frames]);
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
        let audio_in = unsafe { InputAudioBuffers::from_raw_buffers(&[], block.frames) };

        let mut output = EventBuffer::new();
        let started = Instant::now();
        self.processor.process(
            &audio_in,
            &mut audio_out,
            &input.as_input(),
            &mut output.as_output(),
            Some(block.first),
            Some(&transport),
        )?;
        let mut result = Output {
            time: started.elapsed(),
            ..Output::default()
        };
        for event in output.iter() {
            match events::note(event, block.first) {
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

    /// Ends processing.
    pub fn stop(self) -> StoppedPluginAudioProcessor<Handlers> {
        self.processor.stop_processing()
    }
}
