//! A component out of a `.vst3` and the calls that its host makes, one by one.
//!
//! The test's own thread makes all of them. [`super::Vst3Host`] plays scripts on it,
//! [`crate::device`] whatever a host may come up with.

use super::com::{AllChanges, Application, Events, Stream};
use super::module::Module;
use crate::host::Output;
use anyhow::{Context, ensure};
use std::rc::Rc;
use std::time::Instant;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirections_, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentTrait, IEditController, IEditControllerTrait, IEventList, IHostApplication,
    IParameterChanges, MediaTypes_, ParameterInfo, ProcessContext, ProcessData, ProcessModes_,
    ProcessSetup, String128, SymbolicSampleSizes_, ViewType,
};
use vst3::Steinberg::{IBStream, IPlugView, IPluginBaseTrait, kResultOk, tresult};
use vst3::{ComPtr, ComWrapper};

/// One plug-in. Fields are dropped in their order: the plug-in goes before its module.
pub struct Component {
    processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    component: ComPtr<IComponent>,
    _application: ComWrapper<Application>,
    /// Two for a stereo output, none without.
    buffers: Vec<Vec<f32>>,
    mode: i32,
    _module: Rc<Module>,
}

/// What makes a component's window.
pub struct Controller(ComPtr<IEditController>);

impl Controller {
    /// Its window, not open yet.
    pub fn view(&self) -> Option<ComPtr<IPlugView>> {
        // SAFETY: an initialised controller; the view is the caller's.
        unsafe { ComPtr::from_raw(self.0.createView(ViewType::kEditor)) }
    }
}

/// A block but for its notes.
pub struct Call<'a> {
    /// Its first sample, counted from the session's start.
    pub first: u64,
    /// How many samples.
    pub frames: u32,
    /// What the host says of its transport.
    pub context: Option<&'a mut ProcessContext>,
    /// Knobs turned in it: id, sample, position.
    pub turns: &'a [(u32, i32, f64)],
}

fn check(result: tresult, what: &str) -> anyhow::Result<()> {
    ensure!(result == kResultOk, "{what}: result {result:#x}");
    Ok(())
}

/// The text in one of the format's fields.
pub fn read(text: &String128) -> String {
    let letters: Vec<u16> = text.iter().copied().take_while(|u| *u != 0).collect();
    String::from_utf16_lossy(&letters)
}

impl Component {
    /// A new component of the class, initialised.
    pub fn open(module: Rc<Module>, class: &[u8; 16]) -> anyhow::Result<Self> {
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
        let output = BusDirections_::kOutput as i32;
        // SAFETY: an initialised component.
        let buses = unsafe { component.getBusCount(MediaTypes_::kAudio as i32, output) };
        Ok(Self {
            processor,
            controller,
            component,
            _application: application,
            buffers: vec![Vec::new(); 2 * buses.min(1) as usize],
            mode: ProcessModes_::kRealtime as i32,
            _module: module,
        })
    }

    /// What each parameter is.
    pub fn parameters(&self) -> Vec<ParameterInfo> {
        let info = |index| {
            // SAFETY: plain data, for which zeroes are valid.
            let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
            // SAFETY: an initialised controller.
            let result = unsafe { self.controller.getParameterInfo(index, &mut info) };
            (result == kResultOk).then_some(info)
        };
        // SAFETY: an initialised controller.
        let count = unsafe { self.controller.getParameterCount() };
        (0..count).filter_map(info).collect()
    }

    /// What the parameter shows at `position`.
    pub fn show(&self, id: u32, position: f64) -> String {
        let mut text: String128 = [0; 128];
        // SAFETY: the text has the size that the call fills at most.
        unsafe {
            self.controller
                .getParamStringByValue(id, position, &mut text)
        };
        read(&text)
    }

    /// The position that a typed text stands for.
    pub fn read(&self, id: u32, text: &str) -> Option<f64> {
        let mut letters: Vec<_> = text.encode_utf16().chain([0]).collect();
        let mut position = 0.0;
        // SAFETY: the text ends with a zero; the position is there to be written to.
        let result = unsafe {
            let text = letters.as_mut_ptr().cast();
            (self.controller).getParamValueByString(id, text, &mut position)
        };
        (result == kResultOk).then_some(position)
    }

    pub fn position(&self, id: u32) -> f64 {
        // SAFETY: an initialised controller.
        unsafe { self.controller.getParamNormalized(id) }
    }

    /// Puts the parameter to `position`, as the user does in the host's own window.
    pub fn turn(&self, id: u32, position: f64) -> anyhow::Result<()> {
        // SAFETY: an initialised controller.
        let result = unsafe { self.controller.setParamNormalized(id, position) };
        check(result, "setParamNormalized")
    }

    /// Its controller, for the thread that shows its window.
    pub fn controller(&self) -> Controller {
        Controller(self.controller.clone())
    }

    /// Hands it a state; whether it took it.
    pub fn load(&self, state: &[u8]) -> bool {
        let stream = ComWrapper::new(Stream::new(state));
        let Some(stream) = stream.to_com_ptr::<IBStream>() else {
            return false;
        };
        // SAFETY: an initialised component and a stream that outlives the call.
        unsafe { self.component.setState(stream.as_ptr()) == kResultOk }
    }

    pub fn save(&self) -> anyhow::Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().context("no stream")?;
        // SAFETY: an initialised component and a stream that outlives the call.
        let result = unsafe { self.component.getState(pointer.as_ptr()) };
        check(result, "getState")?;
        Ok(stream.bytes())
    }

    /// Gets it ready to process blocks of up to `max` samples.
    pub fn activate(&mut self, sample_rate: f64, max: u32, offline: bool) -> anyhow::Result<()> {
        let mode = if offline {
            ProcessModes_::kOffline
        } else {
            ProcessModes_::kRealtime
        };
        self.mode = mode as i32;
        let mut setup = ProcessSetup {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            maxSamplesPerBlock: max as i32,
            sampleRate: sample_rate,
        };
        let buses = [
            (MediaTypes_::kEvent, BusDirections_::kInput),
            (MediaTypes_::kEvent, BusDirections_::kOutput),
            (MediaTypes_::kAudio, BusDirections_::kOutput),
        ];
        for channel in &mut self.buffers {
            channel.resize(max as usize, 0.0);
        }
        // SAFETY: the order that the format prescribes, on one thread.
        unsafe {
            check(
                self.processor.setupProcessing(&mut setup),
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
        }
        self.processing(true)
    }

    /// Starts or stops processing while active.
    pub fn processing(&self, on: bool) -> anyhow::Result<()> {
        // SAFETY: an active component, on one thread.
        unsafe { check(self.processor.setProcessing(on.into()), "setProcessing") }
    }

    /// Undoes [`Self::activate`].
    pub fn deactivate(&self) -> anyhow::Result<()> {
        self.processing(false)?;
        // SAFETY: an active component that no longer processes.
        unsafe { check(self.component.setActive(0), "setActive") }
    }

    /// One block with the notes in `input`; what comes out goes through `output`.
    pub fn process(
        &mut self,
        call: Call<'_>,
        input: Events,
        output: Events,
    ) -> anyhow::Result<Output> {
        let (input, output) = (ComWrapper::new(input), ComWrapper::new(output));
        let changes = ComWrapper::new(AllChanges::new(call.turns));
        let nothing = ComWrapper::new(AllChanges::default());
        let changes = changes
            .to_com_ptr::<IParameterChanges>()
            .context("no changes")?;
        let nothing = nothing
            .to_com_ptr::<IParameterChanges>()
            .context("no changes")?;
        let input = input.to_com_ptr::<IEventList>().context("no events")?;
        let events = output.to_com_ptr::<IEventList>().context("no events")?;

        let frames = call.frames as usize;
        // What a host's buffers hold is anything: all of it has to be written.
        for channel in &mut self.buffers {
            // Some hosts give more than they promised.
            channel.resize(channel.len().max(frames), 0.0);
            channel[..frames].fill(f32::NAN);
        }
        let mut channels: Vec<_> = self.buffers.iter_mut().map(|b| b.as_mut_ptr()).collect();
        // SAFETY: plain data, for which zeroes are valid.
        let mut bus: AudioBusBuffers = unsafe { std::mem::zeroed() };
        bus.numChannels = channels.len() as i32;
        bus.__field0.channelBuffers32 = channels.as_mut_ptr();
        let outputs = i32::from(!channels.is_empty());
        let null = std::ptr::null_mut();
        let mut data = ProcessData {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            numSamples: call.frames as i32,
            numInputs: 0,
            numOutputs: outputs,
            inputs: null,
            outputs: if outputs > 0 { &mut bus } else { null },
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: nothing.as_ptr(),
            inputEvents: input.as_ptr(),
            outputEvents: events.as_ptr(),
            processContext: call.context.map_or(std::ptr::null_mut(), |context| context),
        };
        let started = Instant::now();
        // SAFETY: everything that the data points to lives to the end of this function; the
        // buffers hold the largest block.
        let result = unsafe { self.processor.process(&mut data) };
        let time = started.elapsed();
        check(result, "process")?;

        let (events, faults) = output.take(call.first);
        let mut result = Output {
            events,
            faults,
            time,
            ..Output::default()
        };
        if let [left, right] = self.buffers.as_slice() {
            let pairs = left.iter().zip(right).take(frames);
            result.audio = pairs.map(|(left, right)| [*left, *right]).collect();
        }
        Ok(result)
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        // SAFETY: it was initialised when it was opened, and no call is under way.
        unsafe { self.component.terminate() };
    }
}
