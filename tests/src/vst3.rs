//! The VST3 host, on `vst3-host`.
//!
//! `vst3-host` starts the transport at 0, lets its position run on while it stands, and cannot
//! move it: scripts that start elsewhere, loop, seek, start again or change the tempo are refused.

use crate::blocks::Block;
use crate::host::{Class, Host, Instance, Output};
use crate::knob::{self, Knob};
use crate::recording::Event;
use crate::script::{Action, Pace, Script};
use crate::timeline::Timeline;
use anyhow::{Context, ensure};
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::{Metre, Ticks};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use vst3_host::Plugin;
use vst3_host::midi::{MidiChannel, MidiEvent, PluginEventData};
use vst3_host::plugin::ProcessMode;

/// Hosts the plug-in of one class out of a `.vst3`.
pub struct Vst3Host {
    path: PathBuf,
    class: [u8; 16],
}

impl Vst3Host {
    /// A host for `class` out of the bundle at `path`.
    pub fn new(path: &Path, class: Class) -> Self {
        Self::with_id(path, class.vst3_id())
    }

    /// A host for the plug-in with this class id.
    pub fn with_id(path: &Path, class: [u8; 16]) -> Self {
        Self {
            path: path.into(),
            class,
        }
    }
}

impl Host for Vst3Host {
    fn format(&self) -> &'static str {
        "VST3"
    }

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>> {
        let steady =
            |action: &Action| !matches!(action, Action::Play | Action::Seek(_) | Action::Tempo(_));
        ensure!(
            script.start == Ticks::ZERO
                && script.rolling
                && script.cycle.is_none()
                && script.cues.iter().all(|cue| steady(&cue.action)),
            "vst3-host cannot move the transport as this script wants"
        );
        let file = || format!("{}", self.path.display());
        let mut host = vst3_host::Vst3Host::builder()
            .sample_rate(script.sample_rate)
            .block_size(script.blocks.max() as usize)
            .tempo(script.tempo)
            .with_process_isolation(false)
            .build()?;
        let id: String = self
            .class
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        let plugin = host.load_plugin_class(&self.path, &id).with_context(file)?;
        Ok(Box::new(Vst3Instance::new(plugin, script)?))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        json.into()
    }

    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String> {
        // vst3-host wraps the plug-in's own state in an envelope of its own.
        let start = state
            .iter()
            .position(|byte| *byte == b'{')
            .context("no JSON in the state")?;
        let mut values = serde_json::Deserializer::from_slice(&state[start..]).into_iter();
        let value: serde_json::Value = values.next().context("no JSON in the state")??;
        Ok(value.to_string())
    }
}

struct Vst3Instance {
    plugin: Plugin,
    knobs: Vec<Knob>,
    metre: Metre,
    pace: Pace,
    rolling: bool,
}

impl Vst3Instance {
    fn new(plugin: Plugin, script: &Script) -> anyhow::Result<Self> {
        let knob = |p: vst3_host::Parameter| Knob {
            id: p.id,
            name: p.name,
            steps: u32::try_from(p.step_count).ok().filter(|steps| *steps > 0),
        };
        let knobs = plugin.get_parameters()?.into_iter().map(knob).collect();
        let (metre, pace) = (script.metre, script.pace);
        Ok(Self {
            plugin,
            knobs,
            metre,
            pace,
            rolling: true,
        })
    }

    fn position(&self, name: &str, value: &str) -> anyhow::Result<(u32, f64)> {
        let knob = knob::named(&self.knobs, name)?;
        let show = |at| {
            self.plugin
                .format_parameter(knob.id, at)
                .unwrap_or_default()
        };
        Ok((knob.id, knob.find(value, show)?))
    }
}

impl Instance for Vst3Instance {
    fn load(&mut self, state: &[u8]) -> bool {
        self.plugin.load_state(state).is_ok()
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        Ok(self.plugin.save_state()?)
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let (id, position) = self.position(name, value)?;
        Ok(self.plugin.set_parameter(id, position)?)
    }

    fn readings(&mut self) -> BTreeMap<String, String> {
        let read = |knob: &Knob| {
            let position = self.plugin.get_parameter(knob.id).ok()?;
            Some((
                knob.name.clone(),
                self.plugin.format_parameter(knob.id, position).ok()?,
            ))
        };
        self.knobs.iter().filter_map(read).collect()
    }

    fn activate(&mut self) -> anyhow::Result<()> {
        let offline = self.pace == Pace::Offline;
        let mode = if offline {
            ProcessMode::Offline
        } else {
            ProcessMode::Realtime
        };
        self.plugin.set_process_mode(mode)?;
        let (above, below) = (self.metre.numerator(), self.metre.denominator());
        self.plugin.set_time_signature(above.into(), below.into())?;
        self.plugin.set_playing(true)?;
        Ok(self.plugin.start_processing()?)
    }

    fn process(&mut self, block: &Block<'_>, _: &Timeline) -> anyhow::Result<Output> {
        if self.rolling != block.stretch.playing {
            self.rolling = block.stretch.playing;
            self.plugin.set_playing(self.rolling)?;
        }
        for (offset, name, value) in &block.turns {
            let (id, position) = self.position(name, value)?;
            self.plugin.set_parameter_at(id, position, *offset as i32)?;
        }
        for key in block.keys {
            let (channel, note) = (MidiChannel::Ch1, key.pitch.get());
            let event = match key.velocity {
                Some(v) => MidiEvent::NoteOn {
                    channel,
                    note,
                    velocity: v.get(),
                },
                None => MidiEvent::NoteOff {
                    channel,
                    note,
                    velocity: 0,
                },
            };
            self.plugin
                .send_midi_event_at(event, (key.sample - block.first) as i32)?;
        }
        let mut buffers = self
            .plugin
            .create_bus_audio_buffers(block.frames as usize)?;
        let started = Instant::now();
        self.plugin.process_bus_audio(&mut buffers)?;
        let mut output = Output {
            time: started.elapsed(),
            ..Output::default()
        };
        for event in self.plugin.take_output_events() {
            match note(&event.data, block.first, event.sample_offset) {
                Some(event) => output.events.push(event),
                None => output.faults.push(format!("an unknown event: {event:?}")),
            }
        }
        if let Some([left, right]) = buffers.outputs.first().map(|bus| bus.channels.as_slice()) {
            output.audio = left
                .iter()
                .zip(right)
                .map(|(left, right)| [*left, *right])
                .collect();
        }
        Ok(output)
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        Ok(self.plugin.stop_processing()?)
    }
}

fn note(data: &PluginEventData, first: u64, offset: i32) -> Option<Event> {
    // An event before the block would fall into the one before, and is found out there.
    let sample = first.checked_add_signed(offset.into())?;
    let (channel, pitch, velocity) = match data {
        PluginEventData::NoteOn {
            channel,
            pitch,
            velocity,
            ..
        } => (channel, pitch, Some(*velocity)),
        PluginEventData::NoteOff { channel, pitch, .. } => (channel, pitch, None),
        _ => return None,
    };
    let pitch = Pitch::new(u8::try_from(*pitch).ok()?)?;
    Some(Event {
        sample,
        channel: u8::try_from(*channel).ok()?,
        pitch,
        velocity,
    })
}
