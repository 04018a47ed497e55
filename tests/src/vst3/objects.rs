//! A plug-in's objects as they are, for tests of single calls.
//!
//! Nothing is called but `initialize` when it is opened and `terminate` when it is dropped.

use super::com::{AllChanges, Application, Events, Stream};
use super::module::Module;
#[cfg(target_os = "linux")]
use super::view::View;
use crate::host::Class;
#[cfg(target_os = "linux")]
use crate::screen::Frame;
use anyhow::{Context, ensure};
use std::path::Path;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentTrait,
    IEditController, IEditControllerTrait, IEventList, IHostApplication, IMidiMapping,
    IParameterChanges, IUnitInfo, ParameterInfo, ProcessData, ProcessModes_, ProcessSetup,
    SymbolicSampleSizes_,
};
use vst3::Steinberg::{FUnknown, IBStream, IPluginBaseTrait, IPluginFactory, kResultOk, tresult};
use vst3::{ComPtr, ComWrapper};

/// One plug-in. Fields are dropped in their order: the plug-in goes before its module.
pub struct PluginObjects {
    pub processor: ComPtr<IAudioProcessor>,
    /// What knows the parameters.
    pub controller: ComPtr<IEditController>,
    /// What knows their folders.
    pub units: ComPtr<IUnitInfo>,
    /// What knows which controller turns which.
    pub mapping: ComPtr<IMidiMapping>,
    /// What all of them are.
    pub component: ComPtr<IComponent>,
    application: ComWrapper<Application>,
    module: Module,
}

/// What a host hands over to be filled with sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outputs {
    /// No buses at all.
    None,
    /// A bus with this many channels.
    Channels(usize),
}

impl PluginObjects {
    /// The plug-in of `class` out of the bundle at `path`.
    pub fn open(path: &Path, class: Class) -> anyhow::Result<Self> {
        let module = Module::load(path)?;
        let component = module.component(&class.vst3_id())?;
        let bare = Self {
            processor: component.cast().context("no processor")?,
            controller: component.cast().context("no controller")?,
            units: component.cast().context("no units")?,
            mapping: component.cast().context("no MIDI mapping")?,
            component,
            application: ComWrapper::new(Application),
            module,
        };
        // SAFETY: a component that was just made, on the thread that made it.
        let result = unsafe { bare.component.initialize(bare.host()?.as_ptr()) };
        ensure!(result == kResultOk, "initialize: {result:#x}");
        Ok(bare)
    }

    /// What the plug-in is told that its host is.
    pub fn host(&self) -> anyhow::Result<ComPtr<FUnknown>> {
        let host = self.application.to_com_ptr::<IHostApplication>();
        Ok(host.context("no application")?.upcast())
    }

    pub fn factory(&self) -> anyhow::Result<&ComPtr<IPluginFactory>> {
        self.module.factory()
    }

    pub fn ids(&self) -> Vec<u32> {
        let id = |index| {
            // SAFETY: plain data, for which zeroes are valid.
            let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
            // SAFETY: an initialised controller, and the info is there to be written to.
            let result = unsafe { self.controller.getParameterInfo(index, &mut info) };
            (result == kResultOk).then_some(info.id)
        };
        // SAFETY: an initialised controller.
        let count = unsafe { self.controller.getParameterCount() };
        (0..count).filter_map(id).collect()
    }

    /// Opens its window in the host's.
    #[cfg(target_os = "linux")]
    pub fn window(&self, frame: &Frame) -> anyhow::Result<View> {
        // SAFETY: an initialised controller; the view is the caller's.
        let view = unsafe {
            ComPtr::from_raw(
                self.controller
                    .createView(vst3::Steinberg::Vst::ViewType::kEditor),
            )
        };
        Ok(View::open(view.context("it has no window")?, frame.id(), true)?.0)
    }

    /// Says how it will be processed.
    pub fn set_up(&self, sample_rate: f64, max: i32) -> tresult {
        let mut setup = ProcessSetup {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            maxSamplesPerBlock: max,
            sampleRate: sample_rate,
        };
        // SAFETY: an initialised component that is not active.
        unsafe { self.processor.setupProcessing(&mut setup) }
    }

    /// One block, in which parameters are turned at its beginning; the result, and the sound.
    pub fn process(
        &self,
        frames: usize,
        outputs: Outputs,
        turns: &[(u32, f64)],
    ) -> anyhow::Result<(tresult, Vec<Vec<f32>>)> {
        let turns: Vec<_> = turns.iter().map(|(id, at)| (*id, 0, *at)).collect();
        let (changes, nothing) = (AllChanges::new(&turns), AllChanges::default());
        let [changes, nothing] = [changes, nothing].map(ComWrapper::new);
        let [input, output] = [Events::default(), Events::default()].map(ComWrapper::new);
        let changes = changes.to_com_ptr::<IParameterChanges>();
        let nothing = nothing.to_com_ptr::<IParameterChanges>();
        let (changes, nothing) = (changes.context("changes")?, nothing.context("changes")?);
        let input = input.to_com_ptr::<IEventList>().context("events")?;
        let output = output.to_com_ptr::<IEventList>().context("events")?;
        let channels = match outputs {
            Outputs::None => 0,
            Outputs::Channels(channels) => channels,
        };
        let mut sound = vec![vec![f32::NAN; frames]; channels];
        let mut pointers: Vec<_> = sound.iter_mut().map(|it| it.as_mut_ptr()).collect();
        // SAFETY: plain data, for which zeroes are valid.
        let mut bus: AudioBusBuffers = unsafe { std::mem::zeroed() };
        bus.numChannels = channels as i32;
        bus.__field0.channelBuffers32 = pointers.as_mut_ptr();
        let null = std::ptr::null_mut();
        let none = outputs == Outputs::None;
        let mut data = ProcessData {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            numSamples: frames as i32,
            numInputs: 0,
            numOutputs: i32::from(!none),
            inputs: null,
            outputs: if none { null } else { &mut bus },
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: nothing.as_ptr(),
            inputEvents: input.as_ptr(),
            outputEvents: output.as_ptr(),
            processContext: std::ptr::null_mut(),
        };
        // SAFETY: everything that the data points to lives to the end of this function, and the
        // buffers are as long as is said.
        let result = unsafe { self.processor.process(&mut data) };
        Ok((result, sound))
    }

    pub fn save(&self) -> anyhow::Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().context("no stream")?;
        // SAFETY: an initialised component and a stream that outlives the call.
        let result = unsafe { self.component.getState(pointer.as_ptr()) };
        ensure!(result == kResultOk, "getState: {result:#x}");
        Ok(stream.bytes())
    }

    /// Hands it a state that comes after something else; the result.
    pub fn load(&self, header: &[u8], state: &[u8]) -> anyhow::Result<tresult> {
        let stream = ComWrapper::new(Stream::after(header, state));
        let stream = stream.to_com_ptr::<IBStream>().context("no stream")?;
        // SAFETY: as above.
        Ok(unsafe { self.component.setState(stream.as_ptr()) })
    }
}

impl Drop for PluginObjects {
    fn drop(&mut self) {
        // SAFETY: it was initialised when it was opened, and no call is under way.
        unsafe { self.component.terminate() };
    }
}
