//! The CLAP host, on `clack-host`.

mod events;

use crate::blocks::Block;
use crate::host::{Class, Host, Instance, Output};
use crate::knob::{self, Knob};
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::{Context, ensure};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent, ParamValueEvent};
use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;
use harmonai_core::time::Metre;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Hosts the plug-in of one class out of a `.clap`.
pub struct ClapHost {
    path: PathBuf,
    id: String,
}

impl ClapHost {
    /// A host for `class` out of the file at `path`.
    pub fn new(path: &Path, class: Class) -> Self {
        Self::with_id(path, class.clap_id())
    }

    /// A host for the plug-in with this id.
    pub fn with_id(path: &Path, id: &str) -> Self {
        Self {
            path: path.into(),
            id: id.into(),
        }
    }
}

impl Host for ClapHost {
    fn format(&self) -> &'static str {
        "CLAP"
    }

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>> {
        let file = || format!("{}", self.path.display());
        // SAFETY: the file is the plug-in that this workspace builds, made to be loaded so.
        let entry = unsafe { PluginEntry::load(&self.path) }.with_context(file)?;
        let info = HostInfo::new("HarmonAI tests", "HarmonAI", "", env!("CARGO_PKG_VERSION"))?;
        let id = CString::new(self.id.as_str())?;
        let instance = PluginInstance::new(|_| Calls::default(), |_| (), &entry, &id, &info)
            .with_context(|| format!("opening {} in {}", self.id, file()))?;
        Ok(Box::new(ClapInstance::new(instance, script)?))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        let mut state = (json.len() as u64).to_le_bytes().to_vec();
        state.extend(json.as_bytes());
        state
    }

    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String> {
        ensure!(state.len() > 8, "the state is {} bytes long", state.len());
        Ok(String::from_utf8(state[8..].to_vec())?)
    }
}

/// Notes what the plug-in asks of the host.
#[derive(Default)]
struct Calls {
    callback: AtomicBool,
}

impl SharedHandler<'_> for Calls {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        // Relaxed: it carries no data, and a block's delay does no harm.
        self.callback.store(true, Ordering::Relaxed);
    }
}

struct Handlers;
impl HostHandlers for Handlers {
    type Shared<'a> = Calls;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();
}

/// A knob's scale in CLAP.
struct Scale {
    knob: Knob,
    min: f64,
    max: f64,
}

impl Scale {
    fn value(&self, position: f64) -> f64 {
        self.min + position * (self.max - self.min)
    }
}

struct ClapInstance {
    // Declared before the instance: it is dropped first.
    processor: Option<StartedPluginAudioProcessor<Handlers>>,
    instance: PluginInstance<Handlers>,
    scales: Vec<Scale>,
    channels: Vec<usize>,
    config: PluginAudioConfiguration,
    metre: Metre,
    pace: Pace,
    buffers: Vec<Vec<f32>>,
    ports: AudioPorts,
}

impl ClapInstance {
    fn new(mut instance: PluginInstance<Handlers>, script: &Script) -> anyhow::Result<Self> {
        let mut plugin = instance.plugin_handle();
        let channels = output_channels(&mut plugin);
        let scales = scales(&mut plugin)?;
        let max = script.blocks.max();
        let total = channels.iter().sum();
        Ok(Self {
            processor: None,
            instance,
            scales,
            config: PluginAudioConfiguration {
                sample_rate: script.sample_rate,
                min_frames_count: 1,
                max_frames_count: max,
            },
            metre: script.metre,
            pace: script.pace,
            buffers: vec![vec![0.0; max as usize]; total],
            ports: AudioPorts::with_capacity(total, channels.len()),
            channels,
        })
    }

    fn position(&mut self, name: &str, value: &str) -> anyhow::Result<(ClapId, f64)> {
        let knobs: Vec<_> = self.scales.iter().map(|scale| scale.knob.clone()).collect();
        let id = knob::named(&knobs, name)?.id;
        let plugin = self.instance.plugin_handle();
        let params = plugin
            .get_extension::<PluginParams>()
            .context("no parameters")?;
        let scale = self
            .scales
            .iter()
            .find(|scale| scale.knob.id == id)
            .context("no knob")?;
        let id = ClapId::from_raw(id).context("an invalid parameter id")?;
        let show = |position: f64| show(&params, &plugin, id, scale.value(position));
        let position = scale.knob.find(value, show)?;
        Ok((id, scale.value(position)))
    }
}

fn show(params: &PluginParams, plugin: &PluginMainThreadHandle, id: ClapId, value: f64) -> String {
    let mut text = [0; 256];
    let shown = params.value_to_text(plugin, id, value, &mut text);
    shown
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .unwrap_or_default()
}

fn output_channels(plugin: &mut PluginMainThreadHandle) -> Vec<usize> {
    let Some(ports) = plugin.get_extension::<PluginAudioPorts>() else {
        return Vec::new();
    };
    let mut buffer = AudioPortInfoBuffer::new();
    let count = ports.count(plugin, false);
    let port = |i| {
        ports
            .get(plugin, i, false, &mut buffer)
            .map(|p| p.channel_count as usize)
    };
    (0..count).filter_map(port).collect()
}

fn scales(plugin: &mut PluginMainThreadHandle) -> anyhow::Result<Vec<Scale>> {
    let params = plugin
        .get_extension::<PluginParams>()
        .context("no parameters")?;
    let mut buffer = ParamInfoBuffer::new();
    let mut scales = Vec::new();
    for index in 0..params.count(plugin) {
        let info = params.get_info(plugin, index, &mut buffer);
        let info = info.with_context(|| format!("parameter {index} is missing"))?;
        let stepped = info.flags.contains(ParamInfoFlags::IS_STEPPED);
        let knob = Knob {
            id: info.id.get(),
            name: String::from_utf8_lossy(info.name).into_owned(),
            steps: stepped.then_some((info.max_value - info.min_value).round() as u32),
        };
        scales.push(Scale {
            knob,
            min: info.min_value,
            max: info.max_value,
        });
    }
    Ok(scales)
}

impl Instance for ClapInstance {
    fn load(&mut self, mut state: &[u8]) -> bool {
        let plugin = self.instance.plugin_handle();
        let Some(extension) = plugin.get_extension::<PluginState>() else {
            return false;
        };
        extension.load(&plugin, &mut state).is_ok()
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        let plugin = self.instance.plugin_handle();
        let mut state = Vec::new();
        plugin
            .get_extension::<PluginState>()
            .context("no state")?
            .save(&plugin, &mut state)?;
        Ok(state)
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let (id, value) = self.position(name, value)?;
        let mut input = EventBuffer::new();
        input.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
        let mut plugin = self
            .instance
            .inactive_plugin_handle()
            .context("knobs are set before processing")?;
        let params = plugin
            .get_extension::<PluginParams>()
            .context("no parameters")?;
        params.flush(
            &mut plugin,
            &input.as_input(),
            &mut EventBuffer::new().as_output(),
        );
        Ok(())
    }

    fn readings(&mut self) -> BTreeMap<String, String> {
        let plugin = self.instance.plugin_handle();
        let Some(params) = plugin.get_extension::<PluginParams>() else {
            return BTreeMap::new();
        };
        let read = |scale: &Scale| {
            let id = ClapId::from_raw(scale.knob.id)?;
            let value = params.get_value(&plugin, id)?;
            Some((scale.knob.name.clone(), show(&params, &plugin, id, value)))
        };
        self.scales.iter().filter_map(read).collect()
    }

    fn activate(&mut self) -> anyhow::Result<()> {
        let plugin = self.instance.plugin_handle();
        let render = plugin
            .get_extension::<PluginRender>()
            .context("no render extension")?;
        let offline = self.pace == Pace::Offline;
        let mode = if offline {
            RenderMode::Offline
        } else {
            RenderMode::Realtime
        };
        render
            .set(&plugin, mode)
            .context("setting the render mode")?;
        let processor = self.instance.activate(|_, _| (), self.config)?;
        self.processor = Some(
            processor
                .start_processing()
                .map_err(|_| anyhow::anyhow!("start"))?,
        );
        Ok(())
    }

    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output> {
        if self
            .instance
            .access_shared_handler(|c| c.callback.swap(false, Ordering::Relaxed))
        {
            self.instance.call_on_main_thread_callback();
        }
        let mut input = EventBuffer::new();
        for (offset, name, value) in &block.turns {
            let (id, value) = self.position(name, value)?;
            input.push(&ParamValueEvent::new(*offset, id, Pckn::match_all(), value));
        }
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
        let mut channels = self.buffers.iter_mut();
        let outputs = self.channels.iter().map(|count| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                channels
                    .by_ref()
                    .take(*count)
                    .map(|c| &mut c[..frames])
                    .collect::<Vec<_>>(),
            ),
        });
        let mut audio_out = self.ports.with_output_buffers(outputs.collect::<Vec<_>>());
        // SAFETY: there are no buffers, so none can be shorter than the frames stated; without
        // them a plug-in that has no audio output either would be told to process nothing.
        let audio_in = unsafe { InputAudioBuffers::from_raw_buffers(&[], block.frames) };

        let mut output = EventBuffer::new();
        let processor = self.processor.as_mut().context("not active")?;
        let started = Instant::now();
        processor.process(
            &audio_in,
            &mut audio_out,
            &input.as_input(),
            &mut output.as_output(),
            Some(block.first),
            Some(&transport),
        )?;
        let time = started.elapsed();

        let mut result = Output {
            time,
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

    fn deactivate(&mut self) -> anyhow::Result<()> {
        let processor = self.processor.take().context("not active")?;
        self.instance.deactivate(processor.stop_processing());
        Ok(())
    }
}
