//! The CLAP host, on `clack-host`.

mod audio;
mod calls;
mod device;
mod entry;
mod events;
#[cfg(target_os = "linux")]
mod shown;
pub mod strict;

use crate::blocks::{Block, Cutter};
use crate::host::session::{self, Clock, Recorder};
use crate::host::{Class, Host, Instance, Output};
use crate::knob::{self, Knob};
use crate::recording::Recording;
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::{Context, ensure};
use audio::Audio;
use calls::{Handlers, call_back};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::entry::EntryDescriptor;
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::*;
pub use device::ClapLibrary;
use entry::{Source, instantiate};
pub use events::rolling;
use harmonai_core::music::time::Metre;
#[cfg(target_os = "linux")]
pub use shown::ShownClap;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Hosts the plug-in of one class out of a `.clap`.
pub struct ClapHost {
    source: Source,
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
            source: Source::File(path.into()),
            id: id.into(),
        }
    }

    /// A host for `class` out of a plug-in that is linked into this program.
    pub fn linked(entry: &'static EntryDescriptor, class: Class) -> Self {
        Self {
            source: Source::Linked(entry),
            id: class.clap_id().into(),
        }
    }
}

impl ClapHost {
    /// Plays the script on an audio thread of its own, as DAWs do, while this thread loads the
    /// states over and over. The script may turn no knobs and load no states on the way.
    pub fn play_while_loading(
        &self,
        script: &Script,
        states: &[Vec<u8>],
    ) -> anyhow::Result<Recording> {
        let mut instance = self.open_clap(script)?;
        let refused = session::prepare(&mut instance, script)?;
        let timeline = Timeline::new(script);
        let mut audio = instance.audio.take().context("not active")?;
        let mut recorder = Recorder::new(script);
        recorder.refused = refused;
        let mut clock = Clock::new(script);
        std::thread::scope(|scope| {
            let (audio, recorder_there, timeline) = (&mut audio, &mut recorder, &timeline);
            let thread = scope.spawn(move || {
                for block in Cutter::new(timeline, script.blocks) {
                    clock.wait_for(&block);
                    let output = audio.process(&block, timeline, EventBuffer::new())?;
                    recorder_there.keep(&block, output);
                }
                anyhow::Ok(())
            });
            let mut refused = 0;
            for state in states.iter().cycle() {
                if thread.is_finished() {
                    break;
                }
                refused += usize::from(!instance.load(state));
                call_back(&mut instance.instance);
                std::thread::sleep(Duration::from_millis(3));
            }
            ensure!(refused == 0, "{refused} states were refused");
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("the audio thread panicked"))?
        })?;
        instance.audio = Some(audio);
        recorder.finish(&mut instance, &timeline)
    }

    fn open_clap(&self, script: &Script) -> anyhow::Result<ClapInstance> {
        let open = || ClapInstance::new(instantiate(&self.source.load()?, &self.id)?, script);
        open().with_context(|| self.source.to_string())
    }
}

/// What nice-plug stores is the JSON text's length and the text.
fn state_from_json(json: &str) -> Vec<u8> {
    let mut state = (json.len() as u64).to_le_bytes().to_vec();
    state.extend(json.as_bytes());
    state
}

impl Host for ClapHost {
    fn format(&self) -> &'static str {
        "CLAP"
    }

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>> {
        Ok(Box::new(self.open_clap(script)?))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        state_from_json(json)
    }

    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String> {
        ensure!(state.len() > 8, "the state is {} bytes long", state.len());
        Ok(String::from_utf8(state[8..].to_vec())?)
    }
}

/// A knob's scale in CLAP.
struct Scale {
    knob: Knob,
    min: f64,
    max: f64,
    default: f64,
    bypass: bool,
}

impl Scale {
    fn value(&self, position: f64) -> f64 {
        self.min + position * (self.max - self.min)
    }

    fn position(&self, value: f64) -> f64 {
        (value - self.min) / (self.max - self.min)
    }
}

struct ClapInstance {
    // Declared before the instance: it is dropped first.
    audio: Option<Audio>,
    instance: PluginInstance<Handlers>,
    scales: Vec<Scale>,
    channels: Vec<usize>,
    config: PluginAudioConfiguration,
    metre: Metre,
    pace: Pace,
}

impl ClapInstance {
    fn new(mut instance: PluginInstance<Handlers>, script: &Script) -> anyhow::Result<Self> {
        let mut plugin = instance.plugin_handle();
        let channels = output_channels(&mut plugin);
        let scales = scales(&mut plugin)?;
        Ok(Self {
            audio: None,
            instance,
            scales,
            channels,
            config: PluginAudioConfiguration {
                sample_rate: script.sample_rate,
                min_frames_count: 1,
                max_frames_count: script.blocks.max(),
            },
            metre: script.metre,
            pace: script.pace,
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

fn set_render_mode(instance: &mut PluginInstance<Handlers>, offline: bool) -> anyhow::Result<()> {
    let plugin = instance.plugin_handle();
    let render = plugin
        .get_extension::<PluginRender>()
        .context("no render extension")?;
    let mode = if offline {
        RenderMode::Offline
    } else {
        RenderMode::Realtime
    };
    render.set(&plugin, mode).context("setting the render mode")
}

fn load_state(instance: &mut PluginInstance<Handlers>, mut state: &[u8]) -> bool {
    let plugin = instance.plugin_handle();
    let Some(extension) = plugin.get_extension::<PluginState>() else {
        return false;
    };
    extension.load(&plugin, &mut state).is_ok()
}

fn save_state(instance: &mut PluginInstance<Handlers>) -> anyhow::Result<Vec<u8>> {
    let plugin = instance.plugin_handle();
    let mut state = Vec::new();
    plugin
        .get_extension::<PluginState>()
        .context("no state")?
        .save(&plugin, &mut state)?;
    Ok(state)
}

/// Turns knobs while nothing is processed.
fn flush(instance: &mut PluginInstance<Handlers>, input: &EventBuffer) -> anyhow::Result<()> {
    let mut plugin = instance
        .inactive_plugin_handle()
        .context("knobs are set before processing")?;
    let params = plugin
        .get_extension::<PluginParams>()
        .context("no parameters")?;
    let mut nothing = EventBuffer::new();
    params.flush(&mut plugin, &input.as_input(), &mut nothing.as_output());
    Ok(())
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
            default: info.default_value,
            bypass: info.flags.contains(ParamInfoFlags::IS_BYPASS),
        });
    }
    Ok(scales)
}

impl Instance for ClapInstance {
    fn load(&mut self, state: &[u8]) -> bool {
        load_state(&mut self.instance, state)
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        save_state(&mut self.instance)
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let (id, value) = self.position(name, value)?;
        let mut input = EventBuffer::new();
        input.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
        flush(&mut self.instance, &input)
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
        set_render_mode(&mut self.instance, self.pace.is_offline())?;
        let processor = self.instance.activate(|_, _| (), self.config)?;
        let processor = processor.start_processing();
        let processor = processor.map_err(|_| anyhow::anyhow!("it does not start processing"))?;
        let max = self.config.max_frames_count;
        self.audio = Some(Audio::new(processor, &self.channels, max, self.metre));
        Ok(())
    }

    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output> {
        call_back(&mut self.instance);
        let mut input = EventBuffer::new();
        for (offset, name, value) in &block.turns {
            let (id, value) = self.position(name, value)?;
            input.push(&ParamValueEvent::new(*offset, id, Pckn::match_all(), value));
        }
        self.audio
            .as_mut()
            .context("not active")?
            .process(block, timeline, input)
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        let audio = self.audio.take().context("not active")?;
        self.instance.deactivate(audio.stop());
        Ok(())
    }
}
