//! The VST3 host, straight on the format's bindings.
//!
//! Scripts play in it on Linux, macOS and Windows; windows are shown on Linux alone.

mod com;
mod component;
mod device;
mod module;
pub mod objects;
#[cfg(target_os = "linux")]
mod shown;
#[cfg(target_os = "linux")]
pub mod view;

use crate::blocks::Block;
use crate::host::{Class, Host, Instance, Output};
use crate::knob::{self, Knob};
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::Context;
use com::Events;
use component::{Call, Component, read};
pub use device::Vst3Library;
use harmonai_core::music::time::Metre;
use module::Module;
#[cfg(target_os = "linux")]
pub use shown::ShownVst3;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use vst3::Steinberg::Vst::ProcessContext;
use vst3::Steinberg::Vst::ProcessContext_::{StatesAndFlags, StatesAndFlags_ as Flags};

/// Hosts the plug-in of one class out of a `.vst3`.
pub struct Vst3Host {
    path: PathBuf,
    class: [u8; 16],
}

impl Vst3Host {
    /// A host for `class` out of the bundle at `path`.
    pub fn new(path: &Path, class: Class) -> Self {
        Self {
            path: path.into(),
            class: class.vst3_id(),
        }
    }
}

impl Host for Vst3Host {
    fn format(&self) -> &'static str {
        "VST3"
    }

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>> {
        let open = || Vst3Instance::open(Module::load(&self.path)?, &self.class, script);
        Ok(Box::new(
            open().with_context(|| format!("{}", self.path.display()))?,
        ))
    }

    fn state_from_json(&self, json: &str) -> Vec<u8> {
        json.into()
    }

    fn json_from_state(&self, state: &[u8]) -> anyhow::Result<String> {
        Ok(String::from_utf8(state.to_vec())?)
    }
}

struct Vst3Instance {
    component: Component,
    knobs: Vec<Knob>,
    sample_rate: f64,
    max: u32,
    metre: Metre,
    pace: Pace,
}

impl Vst3Instance {
    fn open(module: Module, class: &[u8; 16], script: &Script) -> anyhow::Result<Self> {
        let component = Component::open(Rc::new(module), class)?;
        Ok(Self {
            knobs: knobs(&component),
            component,
            sample_rate: script.sample_rate,
            max: script.blocks.max(),
            metre: script.metre,
            pace: script.pace,
        })
    }

    fn position(&self, name: &str, value: &str) -> anyhow::Result<(u32, f64)> {
        let knob = knob::named(&self.knobs, name)?;
        let show = |position| self.component.show(knob.id, position);
        Ok((knob.id, knob.find(value, show)?))
    }

    fn context(&self, block: &Block<'_>, timeline: &Timeline) -> ProcessContext {
        let (stretch, bar) = (block.stretch, self.metre.bar().beats().get());
        let mut state = Flags::kTempoValid
            | Flags::kTimeSigValid
            | Flags::kProjectTimeMusicValid
            | Flags::kBarPositionValid
            | Flags::kContTimeValid;
        if stretch.playing {
            state |= Flags::kPlaying;
        }
        // SAFETY: a context is plain data, for which zeroes are valid.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        if let Some(cycle) = timeline.cycle() {
            state |= Flags::kCycleValid | Flags::kCycleActive;
            context.cycleStartMusic = cycle.start.beats().get();
            context.cycleEndMusic = cycle.end.beats().get();
        }
        context.state = bits(state);
        context.sampleRate = timeline.sample_rate();
        context.projectTimeSamples = stretch.song_at(block.first);
        context.continousTimeSamples = block.first as i64;
        context.projectTimeMusic = stretch.beats_at(block.first).get();
        let line = self.metre.line().beats().get();
        let bars = ((context.projectTimeMusic - line) / bar).floor();
        context.barPositionMusic = bars * bar + line;
        context.tempo = stretch.bpm();
        context.timeSigNumerator = self.metre.numerator().into();
        context.timeSigDenominator = self.metre.denominator().into();
        context
    }
}

/// Flags as a context has them. Their own type is a signed one on Windows.
#[allow(clippy::unnecessary_cast, reason = "it is one on Linux alone")]
fn bits(flags: StatesAndFlags) -> u32 {
    flags as u32
}

fn knobs(component: &Component) -> Vec<Knob> {
    let knob = |info: &vst3::Steinberg::Vst::ParameterInfo| Knob {
        id: info.id,
        name: read(&info.title),
        steps: u32::try_from(info.stepCount)
            .ok()
            .filter(|steps| *steps > 0),
    };
    component.parameters().iter().map(knob).collect()
}

impl Instance for Vst3Instance {
    fn load(&mut self, state: &[u8]) -> bool {
        self.component.load(state)
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        self.component.save()
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let (id, position) = self.position(name, value)?;
        self.component.turn(id, position)
    }

    fn readings(&mut self) -> BTreeMap<String, String> {
        let read = |knob: &Knob| {
            let position = self.component.position(knob.id);
            (knob.name.clone(), self.component.show(knob.id, position))
        };
        self.knobs.iter().map(read).collect()
    }

    fn activate(&mut self) -> anyhow::Result<()> {
        let offline = self.pace.is_offline();
        self.component.activate(self.sample_rate, self.max, offline)
    }

    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output> {
        let mut turns = Vec::new();
        for (offset, name, value) in &block.turns {
            let (id, position) = self.position(name, value)?;
            // The controller shows what the processor is told.
            self.component.turn(id, position)?;
            turns.push((id, *offset as i32, position));
        }
        let input = Events::default();
        for key in block.keys {
            let offset = (key.sample - block.first) as i32;
            let velocity = key.velocity.map(|velocity| velocity.unit());
            input.push(offset, 0, key.pitch.get().into(), velocity);
        }
        let mut context = self.context(block, timeline);
        let call = Call {
            first: block.first,
            frames: block.frames,
            context: Some(&mut context),
            turns: &turns,
        };
        self.component.process(call, input, Events::default())
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        self.component.deactivate()
    }
}
