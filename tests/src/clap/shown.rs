//! The CLAP as a real host has it: its window on the main thread while an audio thread processes.

use super::audio::{Audio, Call};
use super::calls::{Calls, Handlers, call_back};
use super::entry::{Source, instantiate};
use super::rolling;
use super::{Scale, output_channels, scales};
use crate::host::Class;
use crate::screen::Frame;
use crate::screen::show::{LiveBlock, Pace, Processor, Report, Shown, run};
use anyhow::Context;
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent, ParamValueEvent};
use clack_host::prelude::*;
use harmonai_core::music::time::Metre;
use std::path::Path;

/// A `.clap`, loaded.
pub struct ShownClap {
    entry: PluginEntry,
    class: Class,
}

impl ShownClap {
    /// Loads the file at `path`.
    pub fn load(path: &Path, class: Class) -> anyhow::Result<Self> {
        let entry = Source::File(path.into()).load()?;
        Ok(Self { entry, class })
    }

    /// Plays on a thread of its own while `show` does what it likes with the window.
    pub fn play(
        &self,
        pace: Pace,
        show: impl FnOnce(&mut dyn Shown) -> anyhow::Result<()>,
    ) -> anyhow::Result<Report> {
        let mut instance = instantiate(&self.entry, self.class.clap_id())?;
        let mut plugin = instance.plugin_handle();
        let channels = output_channels(&mut plugin);
        let mut params = scales(&mut plugin)?;
        params.retain(|scale| !scale.bypass);
        let gui = plugin.get_extension::<PluginGui>();
        let config = PluginAudioConfiguration {
            sample_rate: pace.rate,
            min_frames_count: 1,
            max_frames_count: pace.frames,
        };
        let started = instance.activate(|_, _| (), config)?.start_processing();
        let started = started.map_err(|_| anyhow::anyhow!("it does not start processing"))?;
        let audio = Audio::new(started, &channels, pace.frames, Metre::COMMON);
        let mut window = Gui {
            instance: &mut instance,
            gui,
        };
        let processor = Playing { audio, params };
        let (processor, report) = run(processor, pace, || show(&mut window))?;
        instance.deactivate(processor.audio.stop());
        Ok(report)
    }
}

/// The half that processes.
struct Playing {
    audio: Audio,
    params: Vec<Scale>,
}

impl Processor for Playing {
    fn block(&mut self, block: &LiveBlock) -> anyhow::Result<usize> {
        let transport = rolling(block.beats(), block.tempo);
        let mut input = EventBuffer::new();
        for (param, position) in block.turns(self.params.len()) {
            let scale = &self.params[param];
            let id = ClapId::from_raw(scale.knob.id).context("no such knob")?;
            let value = scale.value(position);
            input.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
        }
        if let Some((key, on)) = block.key() {
            let note = Pckn::from_raw(0, 0, key, -1);
            if on {
                input.push(&NoteOnEvent::new(0, note, 0.7));
            } else {
                input.push(&NoteOffEvent::new(0, note, 0.0));
            }
        }
        let call = Call {
            first: block.first,
            frames: block.frames,
            transport: Some(&transport),
            room: None,
        };
        Ok(self.audio.run(&call, &input)?.events.len())
    }
}

/// The half that the main thread has.
struct Gui<'a> {
    instance: &'a mut PluginInstance<Handlers>,
    /// Where it has a window.
    gui: Option<PluginGui>,
}

impl Shown for Gui<'_> {
    fn open(&mut self, frame: &Frame) -> anyhow::Result<(u32, u32)> {
        let plugin = self.instance.plugin_handle();
        let configuration = GuiConfiguration {
            api_type: GuiApiType::X11,
            is_floating: false,
        };
        let gui = self.gui.context("it has no window")?;
        gui.create(&plugin, configuration)?;
        let size = gui.get_size(&plugin).context("no size")?;
        let parent = Window::from_x11_handle(frame.id().into());
        // SAFETY: the frame outlives the plug-in's window: the caller closes that first.
        unsafe { gui.set_parent(&plugin, parent)? };
        gui.show(&plugin)?;
        Ok((size.width, size.height))
    }

    fn turn(&mut self) {
        call_back(self.instance);
    }

    fn resize(&mut self, width: u32, height: u32) -> anyhow::Result<()> {
        let plugin = self.instance.plugin_handle();
        let size = GuiSize { width, height };
        let gui = self.gui.context("it has no window")?;
        let size = gui.adjust_size(&plugin, size).context("not resizable")?;
        Ok(gui.set_size(&plugin, size)?)
    }

    fn asked(&mut self) -> Option<(u32, u32)> {
        let wanted = self.instance.access_shared_handler(Calls::take_wanted);
        let (width, height) = wanted?;
        self.resize(width, height).ok()?;
        Some((width, height))
    }

    fn size(&mut self) -> anyhow::Result<(u32, u32)> {
        let gui = self.gui.context("it has no window")?;
        let size = gui.get_size(&self.instance.plugin_handle());
        let size = size.context("no size")?;
        Ok((size.width, size.height))
    }

    fn close(&mut self) -> anyhow::Result<()> {
        let gui = self.gui.context("it has no window")?;
        gui.destroy(&self.instance.plugin_handle());
        Ok(())
    }
}
