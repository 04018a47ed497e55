//! HarmonAI as hosts see it: two classes, an instrument and a note effect, that differ in their
//! audio ports alone.
//!
//! The host's main thread makes, activates and drops it; the audio thread calls `process()` and
//! `reset()`. Nothing is read or started before the first activation: hosts make an instance only to
//! look at it.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use nice_plug::context::PluginApi;
use nice_plug::prelude::*;
use nice_plug::wrapper::vst3::Wrapper;

use crate::audio::host::{Events, Voice, host_time};
use crate::audio::offline::OfflineFlag;
use crate::audio::preview::Preview;
use crate::audio::{Engine, Pace, ProcessCall, Thru};
use crate::link::commands::{Command, CommandSender, commands};
use crate::link::queues::{WorkerEnd, queue_pair};
use crate::link::tasks::BackgroundTasks;
use crate::link::view::{EngineView, engine_view};
use crate::params::{self, HarmonAiParams};
use crate::standalone::app;
use crate::standalone::backend::Connection;
use crate::standalone::jack::LateBlockFilter;
use crate::standalone::signals;
use crate::standalone::transport::OwnTransport;
use crate::ui::{self, Class, EditorApp};
use crate::window;
use crate::window::WindowEditor;
use crate::window::nice_plug_race::{Hold, SentinelInstance, SentinelSetup, Share, Task};
use crate::worker::{Worker, WorkerContext};

pub trait Variant: Send + Sync + 'static {
    /// What hosts call it.
    const NAME: &'static str;
    /// What it is, for hosts' lists.
    const DESCRIPTION: &'static str;
    /// Its id in CLAP. Projects store it.
    const CLAP_ID: &'static str;
    /// Its id in VST3. Projects store it.
    const VST3_ID: [u8; 16];
    const LAYOUTS: &'static [AudioIOLayout];
    const CLAP_FEATURES: &'static [ClapFeature];
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory];

    /// Keeps nice-plug's thread, of which each class has one, away from the window.
    fn hold() -> &'static Hold;
}

/// With a stereo output, silent unless the preview voice is on: some hosts load nothing without.
pub struct Instrument;

impl Variant for Instrument {
    const NAME: &'static str = "HarmonAI";
    const DESCRIPTION: &'static str = "A duet partner: plays on from what you play";
    const CLAP_ID: &'static str = "org.harmonai.harmonai";
    const VST3_ID: [u8; 16] = *b"HarmonAIInstrum1";
    const LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_output_channels: NonZeroU32::new(2),
        ..AudioIOLayout::const_default()
    }];
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::Instrument,
        ClapFeature::NoteEffect,
        ClapFeature::Stereo,
    ];
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Tools];

    fn hold() -> &'static Hold {
        static HOLD: Hold = Hold::new();
        &HOLD
    }
}

/// Notes in, notes out, no audio.
pub struct NoteEffect;

impl Variant for NoteEffect {
    const NAME: &'static str = "HarmonAI Notes";
    const DESCRIPTION: &'static str = "A duet partner: plays on from what you play (notes only)";
    const CLAP_ID: &'static str = "org.harmonai.harmonai-notes";
    const VST3_ID: [u8; 16] = *b"HarmonAINoteFx01";
    const LAYOUTS: &'static [AudioIOLayout] = &[];
    const CLAP_FEATURES: &'static [ClapFeature] = &[ClapFeature::NoteEffect, ClapFeature::Utility];
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Tools];

    fn hold() -> &'static Hold {
        static HOLD: Hold = Hold::new();
        &HOLD
    }
}

pub type HarmonAi = HarmonAiPlugin<Instrument>;

pub type HarmonAiNotes = HarmonAiPlugin<NoteEffect>;

pub struct HarmonAiPlugin<V> {
    params: Arc<HarmonAiParams>,
    view: Arc<EngineView>,
    tasks: BackgroundTasks,
    /// Its share in the hold; a sentinel has none.
    hold: Option<Share>,
    engine: Engine,
    commands: CommandSender,
    pace: Pace,
    /// What a VST3 host says of the block.
    offline: OfflineFlag,
    preview: Preview,
    /// The standalone app's.
    transport: OwnTransport,
    /// Where JACK is the host.
    steady: LateBlockFilter,
    sample_rate: f64,
    /// The worker's ends of the queues, until the worker is started.
    idle: Option<WorkerEnd>,
    worker: Option<Worker>,
    variant: PhantomData<V>,
}

impl<V: Variant> Default for HarmonAiPlugin<V> {
    fn default() -> Self {
        let (writer, view) = engine_view();
        let (audio_end, worker_end) = queue_pair();
        let (commands, receiver) = commands();
        let tasks = BackgroundTasks::default();
        Self {
            params: Arc::new(HarmonAiParams::new(&view, &tasks, &commands)),
            tasks,
            view,
            hold: None,
            engine: Engine::new(audio_end, writer, receiver),
            commands,
            pace: Pace::default(),
            offline: OfflineFlag::taken(),
            preview: Preview::new(48_000.0),
            transport: OwnTransport::default(),
            steady: LateBlockFilter::default(),
            sample_rate: 48_000.0,
            idle: Some(worker_end),
            worker: None,
            variant: PhantomData,
        }
    }
}

impl<V: Variant> HarmonAiPlugin<V> {
    fn start_worker(&mut self) {
        let Some(queues) = self.idle.take() else {
            return;
        };
        let context = WorkerContext {
            mailboxes: self.params.models.mailboxes(),
            phrases: self.params.phrases.clone(),
            history: self.params.history.clone(),
            view: self.view.clone(),
        };
        match Worker::start(queues, context) {
            Ok(worker) => {
                self.engine.set_worker(worker.thread());
                self.worker = Some(worker);
            }
            Err(error) => self.view.messages().set_trouble(&format!(
                "The network cannot play: no thread could be started ({error}). Load the plug-in again."
            )),
        }
    }
}

impl<V: Variant> Plugin for HarmonAiPlugin<V> {
    const NAME: &'static str = V::NAME;
    const VENDOR: &'static str = "HarmonAI";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = V::LAYOUTS;
    // Basic: with CCs on top VST3 hosts would list 2080 more parameters.
    const MIDI_INPUT: MidiConfig = MidiConfig::Basic;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
    // A knob acts where it was turned, whatever the block's size. What nice-plug gets wrong with it
    // the clock puts right.
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = WindowEditor<EditorApp>;
    type SysExMessage = ();
    type BackgroundTask = Task;

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        Box::new(Task::run)
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        if let Some(setup) = SentinelSetup::current() {
            let view: Arc<EngineView> = self.view.clone();
            let lifetime = Arc::downgrade(&view);
            setup.finish(
                Arc::new(move |task| executor.execute_background(task)),
                lifetime,
            );
            return None;
        }
        let make = || SentinelInstance::make(Wrapper::<Self>::new);
        self.hold = Some(Share::new(V::hold(), make));
        // Not to be asked for one in vain: that is when nice-plug's thread panics too.
        if !window::is_possible() {
            return None;
        }
        Some(ui::editor(
            Class {
                title: V::NAME,
                has_audio: !V::LAYOUTS.is_empty(),
            },
            self.params.clone(),
            self.view.clone(),
            self.tasks.clone(),
            self.transport.clone(),
        ))
    }

    fn filter_state(state: &mut PluginState) {
        params::repair(state);
    }

    fn activate(
        &mut self,
        _: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        self.params.models.settle();
        self.start_worker();
        self.engine.expect_blocks(config.max_buffer_size);
        self.sample_rate = config.sample_rate.into();
        self.preview = Preview::new(config.sample_rate);
        if context.plugin_api() == PluginApi::Standalone {
            let connection = app::taken();
            self.transport.appear(connection);
            signals::end_when_told(&self.transport);
            if let Some(advice) = connection.and_then(Connection::advice) {
                self.view.messages().set_trouble(&advice);
            }
        }
        let vst3 = context.plugin_api() == PluginApi::Vst3;
        if let Some(hold) = self.hold.as_ref().filter(|_| vst3) {
            hold.take_hold();
        }
        // In VST3 nice-plug reports the mode of the activation before; there each block has its own.
        let offline = !vst3 && config.process_mode == ProcessMode::Offline;
        self.pace.restart(offline, Instant::now());
        true
    }

    fn reset(&mut self) {
        self.engine.reset();
        self.preview.all_off();
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        _: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let (frames, sample_rate) = (buffer.samples() as u32, self.sample_rate);
        let (params, pace) = (&self.params, &mut self.pace);
        pace.give(f64::from(frames) / sample_rate, self.offline.get());
        let mut controls = params.controls();
        if self.transport.is_ending() {
            self.commands.send(Command::Panic);
            controls.thru = Thru::Off;
        }
        let time = host_time(context.transport(), sample_rate, controls.free_run);
        let bar = context.transport().bar_number;
        let mut time = self.transport.apply(time, bar);
        if self.transport.is_jack() {
            time = self.steady.apply(time, frames, sample_rate);
        }
        let voice = Voice::new(&mut self.preview, params.output.preview.value(), buffer);
        let mut events = Events::new(context, voice);
        let call = ProcessCall {
            time,
            frames,
            sample_rate,
            controls,
            rules: &|metre| params.rules(metre),
            patience: &mut || pace.patience(Instant::now()),
        };
        self.engine.process(call, &mut events);
        events.finish();
        // Anything else lets hosts put it to sleep, and it has to wake by the clock.
        ProcessStatus::KeepAlive
    }

    fn deactivate(&mut self) {
        self.engine.reset();
    }
}

impl<V: Variant> ClapPlugin for HarmonAiPlugin<V> {
    const CLAP_ID: &'static str = V::CLAP_ID;
    const CLAP_DESCRIPTION: Option<&'static str> = Some(V::DESCRIPTION);
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = V::CLAP_FEATURES;

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        let (play, style, output) = (&self.params.play, &self.params.style, &self.params.output);
        context.add_section("HarmonAI", |section| {
            section.add_page("Play", |page| {
                page.add_param(&style.temperature);
                page.add_param(&play.length);
                page.add_param(&play.mode);
                page.add_param(&play.listen);
                page.add_param(&play.silence);
                page.add_param(&play.seed);
                page.add_param(&output.thru);
                page.add_param(&output.preview);
            });
            section.add_page("Style", |page| {
                page.add_param(&style.temperature);
                page.add_param(&style.rhythm_temperature);
                page.add_param(&style.top_p);
                page.add_param(&style.memory);
                page.add_param(&style.style);
                page.add_param(&play.voices);
            });
        });
    }
}

impl<V: Variant> Vst3Plugin for HarmonAiPlugin<V> {
    const VST3_CLASS_ID: [u8; 16] = V::VST3_ID;
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = V::VST3_SUBCATEGORIES;
}
