//! The CLAP call by call.

use super::audio::{Audio, Call};
use super::calls::{Handlers, call_back};
use super::entry::{Source, instantiate};
use super::{Scale, flush, scales, set_render_mode, state_from_json};
use super::{load_state, output_channels, save_state};
use crate::device::{Block, Device, Param, PluginLibrary, Touch, Transport};
use crate::host::{Class, Output};
use anyhow::Context;
use clack_extensions::params::PluginParams;
use clack_host::events::EventFlags;
use clack_host::events::event_types::{
    MidiEvent, NoteChokeEvent, NoteOffEvent, NoteOnEvent, ParamModEvent, ParamValueEvent,
    TransportEvent, TransportFlags,
};
use clack_host::prelude::*;
use clack_host::process::StoppedPluginAudioProcessor;
use clack_host::utils::{BeatTime, SecondsTime};
use harmonai_core::music::time::Metre;
use std::ffi::CString;
use std::path::Path;

/// A `.clap`, loaded.
pub struct ClapLibrary(PluginEntry);

impl ClapLibrary {
    /// Loads the file at `path`.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let entry = Source::File(path.into()).load();
        let entry = entry.with_context(|| format!("{}", path.display()))?;
        Ok(Self(entry))
    }
}

impl PluginLibrary for ClapLibrary {
    fn format(&self) -> &'static str {
        "CLAP"
    }

    fn open(&self, class: Class) -> anyhow::Result<Box<dyn Device>> {
        let mut instance = instantiate(&self.0, class.clap_id())?;
        let mut plugin = instance.plugin_handle();
        let channels = output_channels(&mut plugin);
        let scales = scales(&mut plugin)?;
        let param = |scale: &Scale| Param {
            id: scale.knob.id,
            name: scale.knob.name.clone(),
            default: scale.position(scale.default),
            bypass: scale.bypass,
            steps: scale.knob.steps,
        };
        Ok(Box::new(ClapDevice {
            audio: None,
            instance,
            params: scales.iter().map(param).collect(),
            scales,
            channels,
            sample_rate: 0.0,
            max: 0,
        }))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        state_from_json(json)
    }
}

struct ClapDevice {
    // Declared before the instance: it is dropped first.
    audio: Option<Audio>,
    instance: PluginInstance<Handlers>,
    params: Vec<Param>,
    scales: Vec<Scale>,
    channels: Vec<usize>,
    sample_rate: f64,
    max: u32,
}

impl ClapDevice {
    fn start(&mut self, stopped: StoppedPluginAudioProcessor<Handlers>) -> anyhow::Result<()> {
        let started = stopped.start_processing();
        let started = started.map_err(|_| anyhow::anyhow!("it does not start processing"))?;
        self.audio = Some(Audio::new(started, &self.channels, self.max, Metre::COMMON));
        Ok(())
    }

    fn audio(&mut self) -> anyhow::Result<&mut Audio> {
        self.audio.as_mut().context("not active")
    }

    fn push(&self, input: &mut EventBuffer, time: u32, touch: &Touch) {
        let note = |channel, key| Pckn::from_raw(0, channel, key, -1);
        let mut turn = |scale: Option<&Scale>, value: &dyn Fn(&Scale) -> f64, shift: bool| {
            let Some(scale) = scale else { return };
            let Some(id) = ClapId::from_raw(scale.knob.id) else {
                return;
            };
            let (all, value) = (Pckn::match_all(), value(scale));
            if shift {
                input.push(&ParamModEvent::new(time, id, all, value));
            } else {
                input.push(&ParamValueEvent::new(time, id, all, value));
            }
        };
        let scale = |param: usize| self.scales.get(param % self.scales.len());
        match *touch {
            Touch::Turn { param, position } => {
                turn(scale(param), &|scale| scale.value(position), false);
            }
            Touch::Bypass(on) => {
                let bypass = self.scales.iter().find(|scale| scale.bypass);
                turn(bypass, &|scale| scale.value(f64::from(u8::from(on))), false);
            }
            Touch::Modulate { param, by } => {
                turn(scale(param), &|scale| by * (scale.max - scale.min), true);
            }
            Touch::On {
                channel,
                key,
                velocity,
            } => input.push(&NoteOnEvent::new(time, note(channel, key), velocity)),
            Touch::Off { channel, key } => {
                input.push(&NoteOffEvent::new(time, note(channel, key), 0.0));
            }
            Touch::Choke { channel, key } => {
                input.push(&NoteChokeEvent::new(time, note(channel, key)));
            }
            Touch::Midi(bytes) => input.push(&MidiEvent::new(time, 0, bytes)),
            Touch::Transport(transport) => {
                input.push(&transport_event(&transport, time, self.sample_rate));
            }
        }
    }
}

/// Calls the parameters' extension about the parameter of that number.
fn ask<T>(
    device: &mut ClapDevice,
    param: usize,
    ask: impl FnOnce(&PluginParams, &PluginMainThreadHandle, ClapId, &Scale) -> Option<T>,
) -> Option<T> {
    let scale = device.scales.get(param)?;
    let plugin = device.instance.plugin_handle();
    let params = plugin.get_extension::<PluginParams>()?;
    ask(&params, &plugin, ClapId::from_raw(scale.knob.id)?, scale)
}

fn transport_event(transport: &Transport, time: u32, sample_rate: f64) -> TransportEvent {
    let mut flags = TransportFlags::empty();
    let said = [
        (transport.playing, TransportFlags::IS_PLAYING),
        (transport.tempo.is_some(), TransportFlags::HAS_TEMPO),
        (
            transport.beats.is_some(),
            TransportFlags::HAS_BEATS_TIMELINE,
        ),
        (
            transport.samples.is_some(),
            TransportFlags::HAS_SECONDS_TIMELINE,
        ),
        (
            transport.metre.is_some(),
            TransportFlags::HAS_TIME_SIGNATURE,
        ),
    ];
    for (_, flag) in said.iter().filter(|(said, _)| *said) {
        flags |= *flag;
    }
    // What a host does not say may be anything.
    let beats = transport.beats.map(BeatTime::from_float);
    let samples = transport
        .samples
        .map(|samples| samples as f64 / sample_rate);
    let seconds = samples.map(SecondsTime::from_float);
    let (above, below) = transport.metre.unwrap_or((-1, 0));
    TransportEvent {
        header: EventHeader::new_core(time, EventFlags::empty()),
        flags,
        song_pos_beats: beats.unwrap_or(BeatTime::from_bits(i64::MIN)),
        song_pos_seconds: seconds.unwrap_or(SecondsTime::from_bits(i64::MIN)),
        tempo: transport.tempo.unwrap_or(f64::NAN),
        tempo_inc: f64::NAN,
        loop_start_beats: BeatTime::from_bits(i64::MAX),
        loop_end_beats: BeatTime::from_bits(i64::MIN),
        loop_start_seconds: SecondsTime::from_bits(i64::MAX),
        loop_end_seconds: SecondsTime::from_bits(i64::MIN),
        bar_start: BeatTime::from_bits(i64::MAX),
        bar_number: i32::MIN,
        time_signature_numerator: above as u16,
        time_signature_denominator: below as u16,
    }
}

impl Device for ClapDevice {
    fn params(&self) -> &[Param] {
        &self.params
    }

    fn position(&mut self, param: usize) -> f64 {
        let position = ask(self, param, |params, plugin, id, scale| {
            Some(scale.position(params.get_value(plugin, id)?))
        });
        position.unwrap_or(f64::NAN)
    }

    fn place(&mut self, turns: &[(usize, f64)]) -> anyhow::Result<()> {
        let mut input = EventBuffer::new();
        for &(param, position) in turns {
            self.push(&mut input, 0, &Touch::Turn { param, position });
        }
        flush(&mut self.instance, &input)
    }

    fn show(&mut self, param: usize, position: f64) -> Option<String> {
        ask(self, param, |params, plugin, id, scale| {
            // As long as hosts' own.
            let mut text = [0; 256];
            let shown = params.value_to_text(plugin, id, scale.value(position), &mut text);
            String::from_utf8(shown.ok()?.to_vec()).ok()
        })
    }

    fn read(&mut self, param: usize, text: &str) -> Option<f64> {
        ask(self, param, |params, plugin, id, scale| {
            let text = CString::new(text).ok()?;
            Some(scale.position(params.text_to_value(plugin, id, &text)?))
        })
    }

    fn activate(&mut self, sample_rate: f64, max: u32, offline: bool) -> anyhow::Result<()> {
        (self.sample_rate, self.max) = (sample_rate, max);
        set_render_mode(&mut self.instance, offline)?;
        let config = PluginAudioConfiguration {
            sample_rate,
            min_frames_count: 1,
            max_frames_count: max,
        };
        let stopped = self.instance.activate(|_, _| (), config)?;
        self.start(stopped)
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        let audio = self.audio.take().context("not active")?;
        self.instance.deactivate(audio.stop());
        Ok(())
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        let audio = self.audio.take().context("not active")?;
        self.start(audio.stop())
    }

    fn reset(&mut self) -> anyhow::Result<()> {
        self.audio()?.reset();
        Ok(())
    }

    fn process(&mut self, first: u64, block: &Block) -> anyhow::Result<Output> {
        call_back(&mut self.instance);
        let mut input = EventBuffer::new();
        for (time, touch) in &block.touches {
            self.push(&mut input, *time, touch);
        }
        let rate = self.sample_rate;
        let transport = block.transport.map(|t| transport_event(&t, 0, rate));
        let call = Call {
            first,
            frames: block.frames,
            transport: transport.as_ref(),
            room: block.room,
        };
        self.audio()?.run(&call, &input)
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        save_state(&mut self.instance)
    }

    fn load(&mut self, state: &[u8]) -> bool {
        load_state(&mut self.instance, state)
    }
}
