//! The VST3 as a real host has it: its window on the main thread while an audio thread processes.

use super::com::Events;
use super::component::{Call, Component};
use super::module::Module;
use super::view::View;
use crate::host::Class;
use crate::screen::Frame;
use crate::screen::show::{LiveBlock, Pace, Processor, Report, Shown, run};
use anyhow::Context;
use std::path::Path;
use std::rc::Rc;
use vst3::Steinberg::Vst::ParameterInfo_::ParameterFlags_::{kCanAutomate, kIsBypass};
use vst3::Steinberg::Vst::ProcessContext;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_ as Flags;

/// A `.vst3`, loaded.
pub struct ShownVst3 {
    module: Rc<Module>,
    class: [u8; 16],
}

/// The half that processes.
struct Audio {
    component: Component,
    params: Vec<u32>,
}

// SAFETY: the audio thread has it alone while it runs; the main thread touches the view only, as the
// format wants it. Neither changes the module's count meanwhile.
unsafe impl Send for Audio {}

impl Processor for Audio {
    fn block(&mut self, block: &LiveBlock) -> anyhow::Result<usize> {
        // SAFETY: a context is plain data, for which zeroes are valid.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        context.state = Flags::kPlaying
            | Flags::kTempoValid
            | Flags::kProjectTimeMusicValid
            | Flags::kContTimeValid;
        context.sampleRate = block.rate;
        context.tempo = block.tempo;
        context.projectTimeMusic = block.beats();
        context.projectTimeSamples = block.first as i64;
        context.continousTimeSamples = block.first as i64;
        let input = Events::default();
        if let Some((key, on)) = block.key() {
            input.push(0, 0, key, on.then_some(0.7));
        }
        let turns = block.turns(self.params.len());
        let turns: Vec<_> = turns
            .map(|(param, position)| (self.params[param], 0, position))
            .collect();
        let call = Call {
            first: block.first,
            frames: block.frames,
            context: Some(&mut context),
            turns: &turns,
        };
        let output = self.component.process(call, input, Events::default())?;
        Ok(output.events.len())
    }
}

impl ShownVst3 {
    /// Loads the bundle at `path`.
    pub fn load(path: &Path, class: Class) -> anyhow::Result<Self> {
        Ok(Self {
            module: Rc::new(Module::load(path)?),
            class: class.vst3_id(),
        })
    }

    /// Plays on a thread of its own while `show` does what it likes with the window.
    pub fn play(
        &self,
        pace: Pace,
        run_loop: bool,
        show: impl FnOnce(&mut dyn Shown) -> anyhow::Result<()>,
    ) -> anyhow::Result<Report> {
        let mut component = Component::open(self.module.clone(), &self.class)?;
        component.activate(pace.rate, pace.frames, false)?;
        let turned = |info: &&vst3::Steinberg::Vst::ParameterInfo| {
            info.flags & kCanAutomate != 0 && info.flags & kIsBypass == 0
        };
        let parameters = component.parameters();
        let params = parameters
            .iter()
            .filter(turned)
            .map(|info| info.id)
            .collect();
        let mut window = Window {
            controller: component.controller(),
            view: None,
            run_loop,
        };
        let audio = Audio { component, params };
        let (audio, report) = run(audio, pace, || show(&mut window))?;
        drop(window);
        audio.component.deactivate()?;
        Ok(report)
    }
}

/// The half that the main thread has.
struct Window {
    controller: super::component::Controller,
    view: Option<View>,
    run_loop: bool,
}

impl Shown for Window {
    fn open(&mut self, frame: &Frame) -> anyhow::Result<(u32, u32)> {
        let view = self.controller.view().context("it has no window")?;
        let (view, size) = View::open(view, frame.id(), self.run_loop)?;
        self.view = Some(view);
        Ok((size.0 as u32, size.1 as u32))
    }

    fn turn(&mut self) {
        if let Some(view) = &self.view {
            view.turn();
        }
    }

    fn resize(&mut self, width: u32, height: u32) -> anyhow::Result<()> {
        let view = self.view.as_ref().context("not open")?;
        view.resize(width as i32, height as i32)
    }

    fn asked(&mut self) -> Option<(u32, u32)> {
        self.view.as_ref()?.asked()
    }

    fn size(&mut self) -> anyhow::Result<(u32, u32)> {
        let size = self.view.as_ref().context("not open")?.size()?;
        Ok((size.0 as u32, size.1 as u32))
    }

    fn close(&mut self) -> anyhow::Result<()> {
        self.view.take().context("not open")?.close()
    }
}
