//! A CLAP host that keeps to the letter: it has every extension that a plug-in may call, and notes
//! who calls what from which thread.

use super::entry::Source;
use crate::host::Class;
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_extensions::tail::{HostTail, HostTailImpl};
use clack_extensions::thread_check::{HostThreadCheck, HostThreadCheckImpl};
use clack_host::prelude::*;
use std::ffi::CString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{ThreadId, current};

pub struct Watch {
    main: ThreadId,
    audio: Mutex<Option<ThreadId>>,
    faults: Mutex<Vec<String>>,
    /// How often the values of all parameters are to be read again.
    values: AtomicU32,
    callback: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    fn new() -> Self {
        Self {
            main: current().id(),
            audio: Mutex::default(),
            faults: Mutex::default(),
            values: AtomicU32::new(0),
            callback: AtomicBool::new(false),
        }
    }

    fn is_audio(&self) -> bool {
        *lock(&self.audio) == Some(current().id())
    }

    fn fault(&self, what: &str, at_fault: bool) {
        if at_fault {
            let fault = format!("{what} called on thread {:?}", current().name());
            lock(&self.faults).push(fault);
        }
    }

    fn only_main(&self, what: &str) {
        self.fault(what, current().id() != self.main);
    }

    /// This thread processes from now on.
    pub fn enter_audio(&self) {
        *lock(&self.audio) = Some(current().id());
    }

    /// What was called where it may not be.
    pub fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    /// How often the host was told to read the parameters again since the last time.
    pub fn take_rescans(&self) -> u32 {
        // Relaxed, here and below: the number by itself says it all.
        self.values.swap(0, Ordering::Relaxed)
    }
}

impl SharedHandler<'_> for Watch {
    fn request_restart(&self) {
        self.fault("request_restart", true);
    }
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.callback.store(true, Ordering::Relaxed);
    }
}

impl HostParamsImplShared for Watch {
    fn request_flush(&self) {
        self.fault("request_flush", self.is_audio());
    }
}

impl HostThreadCheckImpl for Watch {
    fn is_main_thread(&self) -> bool {
        current().id() == self.main
    }
    fn is_audio_thread(&self) -> bool {
        self.is_audio()
    }
}

/// The same, for what the main thread alone may call.
pub struct MainWatch<'a>(&'a Watch);

impl<'a> MainThreadHandler<'a> for MainWatch<'a> {}

impl HostParamsImplMainThread for MainWatch<'_> {
    fn rescan(&self, flags: ParamRescanFlags) {
        self.0.only_main("params.rescan");
        // The list of parameters and what they are never change.
        let more = !ParamRescanFlags::VALUES & !ParamRescanFlags::TEXT;
        self.0
            .fault("params.rescan for more than values", flags.intersects(more));
        if flags.contains(ParamRescanFlags::VALUES) {
            self.0.values.fetch_add(1, Ordering::Relaxed);
        }
    }
    fn clear(&self, _: ClapId, _: ParamClearFlags) {
        self.0.only_main("params.clear");
    }
}

impl HostStateImpl for MainWatch<'_> {
    fn mark_dirty(&self) {
        self.0.only_main("state.mark_dirty");
    }
}

impl HostLatencyImpl for MainWatch<'_> {
    fn changed(&self) {
        self.0.fault("latency.changed, and there is none", true);
    }
}

/// And for what the audio thread alone may call.
pub struct AudioWatch<'a>(&'a Watch);

impl<'a> AudioProcessorHandler<'a> for AudioWatch<'a> {}

impl HostTailImpl for AudioWatch<'_> {
    fn changed(&mut self) {
        self.0.fault("tail.changed", !self.0.is_audio());
    }
}

/// The host as `clack` knows it.
pub struct Strict;

impl HostHandlers for Strict {
    type Shared<'a> = Watch;
    type MainThread<'a> = MainWatch<'a>;
    type AudioProcessor<'a> = AudioWatch<'a>;

    fn declare_extensions(builder: &mut HostExtensions<'_, Self>, _: &Watch) {
        builder.register::<HostParams>();
        builder.register::<HostState>();
        builder.register::<HostLatency>();
        builder.register::<HostTail>();
        builder.register::<HostThreadCheck>();
    }
}

/// Does what the plug-in asked to have done on the main thread.
pub fn call_back(instance: &mut PluginInstance<Strict>) {
    let asked = |watch: &Watch| watch.callback.swap(false, Ordering::Relaxed);
    if instance.access_shared_handler(asked) {
        instance.call_on_main_thread_callback();
    }
}

/// The library at `path`.
pub fn load(path: &Path) -> anyhow::Result<PluginEntry> {
    Source::File(path.into()).load()
}

/// A new instance of `class`.
pub fn open(entry: &PluginEntry, class: Class) -> anyhow::Result<PluginInstance<Strict>> {
    open_id(entry, class.clap_id())
}

/// A new instance of what has this id.
pub fn open_id(entry: &PluginEntry, id: &str) -> anyhow::Result<PluginInstance<Strict>> {
    let info = HostInfo::new("HarmonAI tests", "HarmonAI", "", "")?;
    let id = CString::new(id)?;
    let instance = PluginInstance::new(|_| Watch::new(), |it| MainWatch(it), entry, &id, &info)?;
    Ok(instance)
}

/// Gets an instance ready to process.
pub fn activate(
    instance: &mut PluginInstance<Strict>,
    sample_rate: f64,
    max: u32,
) -> anyhow::Result<clack_host::process::StoppedPluginAudioProcessor<Strict>> {
    let config = PluginAudioConfiguration {
        sample_rate,
        min_frames_count: 1,
        max_frames_count: max,
    };
    Ok(instance.activate(|watch, _| AudioWatch(watch), config)?)
}
