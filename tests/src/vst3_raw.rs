//! A second VST3 host, straight on the bindings: unlike `vst3-host` it can move the transport and
//! hand over a state while it plays. Linux only, where the format needs the least around it.

mod com;
mod module;

use crate::blocks::Block;
use crate::host::{Class, Host, Instance, Output};
use crate::knob::{self, Knob};
use crate::script::{Pace, Script};
use crate::timeline::Timeline;
use anyhow::{Context, ensure};
use com::{AllChanges, Application, Events, Stream};
use harmonai_core::time::Metre;
use module::Module;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_ as Flags;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirections_, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentTrait, IEditController, IEditControllerTrait, IEventList, IHostApplication,
    IParameterChanges, MediaTypes_, ParameterInfo, ProcessContext, ProcessData, ProcessModes_,
    ProcessSetup, String128, SymbolicSampleSizes_,
};
use vst3::Steinberg::{IBStream, IPluginBaseTrait, kResultOk, tresult};
use vst3::{ComPtr, ComWrapper};

/// Hosts the plug-in of one class out of a `.vst3`.
pub struct RawVst3Host {
    path: PathBuf,
    class: [u8; 16],
}

impl RawVst3Host {
    /// A host for `class` out of the bundle at `path`.
    pub fn new(path: &Path, class: Class) -> Self {
        Self {
            path: path.into(),
            class: class.vst3_id(),
        }
    }
}

impl Host for RawVst3Host {
    fn format(&self) -> &'static str {
        "VST3 (raw)"
    }

    fn open(&self, script: &Script) -> anyhow::Result<Box<dyn Instance>> {
        let open = || RawInstance::open(Module::load(&self.path)?, &self.class, script);
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

/// Fields are dropped in their order: the plug-in goes before its module.
struct RawInstance {
    processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    component: ComPtr<IComponent>,
    _application: ComWrapper<Application>,
    knobs: Vec<Knob>,
    /// Two for a stereo output, none without.
    buffers: Vec<Vec<f32>>,
    setup: ProcessSetup,
    metre: Metre,
    _module: Module,
}

fn check(result: tresult, what: &str) -> anyhow::Result<()> {
    ensure!(result == kResultOk, "{what}: result {result:#x}");
    Ok(())
}

impl RawInstance {
    fn open(module: Module, class: &[u8; 16], script: &Script) -> anyhow::Result<Self> {
        let component = module.component(class)?;
        let application = ComWrapper::new(Application);
        let context = application
            .to_com_ptr::<IHostApplication>()
            .context("no application")?;
        // SAFETY: a component that was just made, on the thread that made it.
        unsafe { check(component.initialize(context.as_ptr().cast()), "initialize")? };
        let controller = component
            .cast()
            .context("component and controller are one object")?;
        let processor = component.cast().context("no audio processor")?;
        let offline = script.pace == Pace::Offline;
        let mode = if offline {
            ProcessModes_::kOffline
        } else {
            ProcessModes_::kRealtime
        };
        let output = BusDirections_::kOutput as i32;
        // SAFETY: an initialised component.
        let buses = unsafe { component.getBusCount(MediaTypes_::kAudio as i32, output) };
        Ok(Self {
            knobs: knobs(&controller),
            buffers: vec![vec![0.0; script.blocks.max() as usize]; 2 * buses.min(1) as usize],
            setup: ProcessSetup {
                processMode: mode as i32,
                symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
                maxSamplesPerBlock: script.blocks.max() as i32,
                sampleRate: script.sample_rate,
            },
            metre: script.metre,
            processor,
            controller,
            component,
            _application: application,
            _module: module,
        })
    }

    fn show(&self, id: u32, position: f64) -> String {
        let mut text: String128 = [0; 128];
        // SAFETY: the text has the size that the call fills at most.
        unsafe {
            self.controller
                .getParamStringByValue(id, position, &mut text)
        };
        read(&text)
    }

    fn position(&self, name: &str, value: &str) -> anyhow::Result<(u32, f64)> {
        let knob = knob::named(&self.knobs, name)?;
        Ok((
            knob.id,
            knob.find(value, |position| self.show(knob.id, position))?,
        ))
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
        context.state = state;
        context.sampleRate = timeline.sample_rate();
        context.projectTimeSamples = stretch.song_at(block.first);
        context.continousTimeSamples = block.first as i64;
        context.projectTimeMusic = stretch.beats_at(block.first).get();
        context.barPositionMusic = (context.projectTimeMusic / bar).floor() * bar;
        context.tempo = stretch.bpm();
        context.timeSigNumerator = self.metre.numerator().into();
        context.timeSigDenominator = self.metre.denominator().into();
        context
    }
}

fn knobs(controller: &ComPtr<IEditController>) -> Vec<Knob> {
    let knob = |index| {
        // SAFETY: plain data, for which zeroes are valid.
        let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
        // SAFETY: an initialised controller.
        let result = unsafe { controller.getParameterInfo(index, &mut info) };
        let steps = u32::try_from(info.stepCount)
            .ok()
            .filter(|steps| *steps > 0);
        (result == kResultOk).then(|| Knob {
            id: info.id,
            name: read(&info.title),
            steps,
        })
    };
    // SAFETY: an initialised controller.
    (0..unsafe { controller.getParameterCount() })
        .filter_map(knob)
        .collect()
}

fn read(text: &String128) -> String {
    let letters: Vec<u16> = text.iter().copied().take_while(|u| *u != 0).collect();
    String::from_utf16_lossy(&letters)
}

impl Instance for RawInstance {
    fn load(&mut self, state: &[u8]) -> bool {
        let stream = ComWrapper::new(Stream::new(state));
        let Some(stream) = stream.to_com_ptr::<IBStream>() else {
            return false;
        };
        // SAFETY: an initialised component and a stream that outlives the call.
        unsafe { self.component.setState(stream.as_ptr()) == kResultOk }
    }

    fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().context("no stream")?;
        // SAFETY: an initialised component and a stream that outlives the call.
        let result = unsafe { self.component.getState(pointer.as_ptr()) };
        check(result, "getState")?;
        Ok(stream.bytes())
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let (id, position) = self.position(name, value)?;
        // SAFETY: an initialised controller.
        check(
            unsafe { self.controller.setParamNormalized(id, position) },
            "setParamNormalized",
        )
    }

    fn readings(&mut self) -> BTreeMap<String, String> {
        let read = |knob: &Knob| {
            // SAFETY: an initialised controller.
            let position = unsafe { self.controller.getParamNormalized(knob.id) };
            (knob.name.clone(), self.show(knob.id, position))
        };
        self.knobs.iter().map(read).collect()
    }

    fn activate(&mut self) -> anyhow::Result<()> {
        let buses = [
            (MediaTypes_::kEvent, BusDirections_::kInput),
            (MediaTypes_::kEvent, BusDirections_::kOutput),
            (MediaTypes_::kAudio, BusDirections_::kOutput),
        ];
        // SAFETY: the order that the format prescribes, on one thread.
        unsafe {
            check(
                self.processor.setupProcessing(&mut self.setup),
                "setupProcessing",
            )?;
            for (kind, direction) in buses {
                let (kind, direction) = (kind as i32, direction as i32);
                for index in 0..self.component.getBusCount(kind, direction) {
                    check(
                        self.component.activateBus(kind, direction, index, 1),
                        "activateBus",
                    )?;
                }
            }
            check(self.component.setActive(1), "setActive")?;
            check(self.processor.setProcessing(1), "setProcessing")
        }
    }

    fn process(&mut self, block: &Block<'_>, timeline: &Timeline) -> anyhow::Result<Output> {
        let mut turns = Vec::new();
        for (offset, name, value) in &block.turns {
            let (id, position) = self.position(name, value)?;
            // The controller shows what the processor is told.
            // SAFETY: an initialised controller.
            unsafe { self.controller.setParamNormalized(id, position) };
            turns.push((id, *offset as i32, position));
        }
        let (input, output) = (Events::default(), ComWrapper::new(Events::default()));
        for key in block.keys {
            let offset = (key.sample - block.first) as i32;
            input.push(
                offset,
                key.pitch,
                key.velocity.map(|velocity| velocity.unit()),
            );
        }
        let (input, nothing) = (
            ComWrapper::new(input),
            ComWrapper::new(AllChanges::default()),
        );
        let changes = ComWrapper::new(AllChanges::new(&turns));
        let changes = changes
            .to_com_ptr::<IParameterChanges>()
            .context("no changes")?;
        let nothing = nothing
            .to_com_ptr::<IParameterChanges>()
            .context("no changes")?;
        let input = input.to_com_ptr::<IEventList>().context("no events")?;
        let events = output.to_com_ptr::<IEventList>().context("no events")?;

        let mut context = self.context(block, timeline);
        let mut channels: Vec<_> = self.buffers.iter_mut().map(|b| b.as_mut_ptr()).collect();
        // SAFETY: plain data, for which zeroes are valid.
        let mut bus: AudioBusBuffers = unsafe { std::mem::zeroed() };
        bus.numChannels = channels.len() as i32;
        bus.__field0.channelBuffers32 = channels.as_mut_ptr();
        let outputs = i32::from(!channels.is_empty());
        let mut data = ProcessData {
            processMode: self.setup.processMode,
            symbolicSampleSize: self.setup.symbolicSampleSize,
            numSamples: block.frames as i32,
            numInputs: 0,
            numOutputs: outputs,
            inputs: std::ptr::null_mut(),
            outputs: if outputs > 0 {
                &mut bus
            } else {
                std::ptr::null_mut()
            },
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: nothing.as_ptr(),
            inputEvents: input.as_ptr(),
            outputEvents: events.as_ptr(),
            processContext: &mut context,
        };
        let started = Instant::now();
        // SAFETY: everything that the data points to lives to the end of this function; the
        // buffers hold the largest block.
        let result = unsafe { self.processor.process(&mut data) };
        let time = started.elapsed();
        check(result, "process")?;

        let (events, faults) = output.take(block.first);
        let mut result = Output {
            events,
            faults,
            time,
            ..Output::default()
        };
        if let [left, right] = self.buffers.as_slice() {
            let pairs = left.iter().zip(right).take(block.frames as usize);
            result.audio = pairs.map(|(left, right)| [*left, *right]).collect();
        }
        Ok(result)
    }

    fn deactivate(&mut self) -> anyhow::Result<()> {
        // SAFETY: the order that the format prescribes, on one thread.
        unsafe {
            check(self.processor.setProcessing(0), "setProcessing")?;
            check(self.component.setActive(0), "setActive")
        }
    }
}

impl Drop for RawInstance {
    fn drop(&mut self) {
        // SAFETY: it was initialised when it was opened, and no call is under way.
        unsafe { self.component.terminate() };
    }
}
