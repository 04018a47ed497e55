//! The VST3 call by call.

use super::bits;
use super::com::Events;
use super::component::{Call, Component, read};
use super::module::Module;
use crate::device::{Block, Device, Param, PluginLibrary, Touch, Transport};
use crate::host::{Class, Output};
use anyhow::Context;
use std::path::Path;
use std::rc::Rc;
use vst3::Steinberg::Vst::ParameterInfo;
use vst3::Steinberg::Vst::ParameterInfo_::ParameterFlags_::kIsBypass;
use vst3::Steinberg::Vst::ProcessContext;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_ as Flags;

/// A `.vst3`, loaded.
pub struct Vst3Library(Rc<Module>);

impl Vst3Library {
    /// Loads the bundle at `path`.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let module = Module::load(path).with_context(|| format!("{}", path.display()))?;
        Ok(Self(Rc::new(module)))
    }
}

impl PluginLibrary for Vst3Library {
    fn format(&self) -> &'static str {
        "VST3"
    }

    fn open(&self, class: Class) -> anyhow::Result<Box<dyn Device>> {
        let component = Component::open(self.0.clone(), &class.vst3_id())?;
        let param = |info: &ParameterInfo| Param {
            id: info.id,
            name: read(&info.title),
            default: info.defaultNormalizedValue,
            bypass: info.flags & kIsBypass != 0,
            steps: u32::try_from(info.stepCount)
                .ok()
                .filter(|steps| *steps > 0),
        };
        Ok(Box::new(Vst3Device {
            params: component.parameters().iter().map(param).collect(),
            component,
            sample_rate: 0.0,
            active: false,
        }))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        json.into()
    }
}

struct Vst3Device {
    component: Component,
    params: Vec<Param>,
    sample_rate: f64,
    active: bool,
}

impl Vst3Device {
    fn context(&self, first: u64, transport: &Transport) -> ProcessContext {
        // SAFETY: a context is plain data, for which zeroes are valid.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        let said = [
            (true, Flags::kContTimeValid),
            (transport.playing, Flags::kPlaying),
            (transport.tempo.is_some(), Flags::kTempoValid),
            (transport.beats.is_some(), Flags::kProjectTimeMusicValid),
            (transport.metre.is_some(), Flags::kTimeSigValid),
        ];
        let flags = said.iter().filter(|(said, _)| *said);
        context.state = bits(flags.fold(0, |state, (_, flag)| state | flag));
        context.sampleRate = self.sample_rate;
        context.continousTimeSamples = first as i64;
        context.projectTimeSamples = transport.samples.unwrap_or(0);
        // What a host does not say may be anything.
        context.projectTimeMusic = transport.beats.unwrap_or(f64::NAN);
        context.tempo = transport.tempo.unwrap_or(f64::NAN);
        (context.timeSigNumerator, context.timeSigDenominator) = transport.metre.unwrap_or((-1, 0));
        (context.cycleStartMusic, context.cycleEndMusic) = (f64::INFINITY, f64::NEG_INFINITY);
        context
    }
}

impl Device for Vst3Device {
    fn params(&self) -> &[Param] {
        &self.params
    }

    fn position(&mut self, param: usize) -> f64 {
        self.component.position(self.params[param].id)
    }

    fn place(&mut self, turns: &[(usize, f64)]) -> anyhow::Result<()> {
        let mut turns = turns.iter();
        turns.try_for_each(|(param, position)| {
            self.component.turn(self.params[*param].id, *position)
        })
    }

    fn show(&mut self, param: usize, position: f64) -> Option<String> {
        Some(self.component.show(self.params[param].id, position))
    }

    fn read(&mut self, param: usize, text: &str) -> Option<f64> {
        self.component.read(self.params[param].id, text)
    }

    fn activate(&mut self, sample_rate: f64, max: u32, offline: bool) -> anyhow::Result<()> {
        self.sample_rate = sample_rate;
        self.component.activate(sample_rate, max, offline)?;
        self.active = true;
        Ok(())
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        self.active = false;
        self.component.deactivate()
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        self.component.processing(false)?;
        self.component.processing(true)
    }

    fn reset(&mut self) -> anyhow::Result<()> {
        self.restart()
    }

    fn process(&mut self, first: u64, block: &Block) -> anyhow::Result<Output> {
        let input = Events::default();
        let mut turns = Vec::new();
        for (time, touch) in &block.touches {
            let time = *time as i32;
            match *touch {
                Touch::On {
                    channel,
                    key,
                    velocity,
                } => input.push(time, channel, key, Some(velocity as f32)),
                Touch::Off { channel, key } | Touch::Choke { channel, key } => {
                    input.push(time, channel, key, None);
                }
                Touch::Turn { param, position } => {
                    turns.push((self.params[param % self.params.len()].id, time, position));
                }
                Touch::Bypass(on) => {
                    let bypass = self.params.iter().find(|param| param.bypass);
                    turns.extend(bypass.map(|param| (param.id, time, f64::from(u8::from(on)))));
                }
                Touch::Midi(_) | Touch::Modulate { .. } | Touch::Transport(_) => {}
            }
        }
        let mut context = block.transport.map(|t| self.context(first, &t));
        let call = Call {
            first,
            frames: block.frames,
            context: context.as_mut(),
            turns: &turns,
        };
        let output = Events::with_room(block.room);
        self.component.process(call, input, output)
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        self.component.save()
    }

    fn load(&mut self, state: &[u8]) -> bool {
        self.component.load(state)
    }
}

impl Drop for Vst3Device {
    fn drop(&mut self) {
        if self.active {
            // There is nobody left to tell.
            let _ = self.component.deactivate();
        }
    }
}
