//! What a VST3 host finds in the library: a factory for the two classes.
//!
//! It takes the place of `nice_export_vst3!` for one reason. In VST3 a host says with every block
//! whether it renders offline, and nice-plug 0.4.2 looks at none of them. What it tells a plug-in is
//! the mode in which the *last but one* `setupProcessing` was; and even the last one says little:
//! Ardour makes that call when the block's size changes, JUCE's hosts when the block's size or the
//! sample rate does, neither when an export begins or ends. Without that word an export that is
//! slower than real time, as of a large project, looks like a live host, for which the engine must
//! not wait: notes come late or not at all. So the classes are made here, of nice-plug's own objects
//! ([`object`]), with a `process()` in front of nice-plug's that notes the mode of the block in an
//! [`OfflineFlag`](crate::audio::offline::OfflineFlag).
//!
//! Once nice-plug hands the mode on, the macro can have its place back. The factory and the entry
//! points are as the macro makes them. All calls come on the host's main thread, except
//! `process()`.

mod factory;
mod object;

use std::ffi::c_void;
use std::ptr;

use nice_plug::wrapper::setup_logger;
use nice_plug::wrapper::vst3::vst3::ComWrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::IPluginFactory;

use crate::plugin::{HarmonAi, HarmonAiNotes};
use factory::{Factory, PluginClass};

/// The instrument first: some hosts load the first class alone, and refuse one without audio.
static CLASSES: [PluginClass; 2] = [
    PluginClass::of::<HarmonAi>(),
    PluginClass::of::<HarmonAiNotes>(),
];

/// Where every host begins.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory(&CLASSES)).to_com_ptr::<IPluginFactory>();
    factory.map_or(ptr::null_mut(), |factory| factory.into_raw().cast())
}

/// The library is loaded.
fn entered() -> bool {
    setup_logger::<HarmonAi>();
    true
}

/// The library is about to be unloaded.
fn left() -> bool {
    true
}

#[cfg(all(target_family = "unix", not(target_os = "macos")))]
#[unsafe(no_mangle)]
pub extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    entered()
}

#[cfg(all(target_family = "unix", not(target_os = "macos")))]
#[unsafe(no_mangle)]
pub extern "C" fn ModuleExit() -> bool {
    left()
}

#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
pub extern "C" fn bundleEntry(_library: *mut c_void) -> bool {
    entered()
}

#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
pub extern "C" fn bundleExit() -> bool {
    left()
}

#[cfg(target_os = "windows")]
#[unsafe(no_mangle)]
pub extern "system" fn InitDll() -> bool {
    entered()
}

#[cfg(target_os = "windows")]
#[unsafe(no_mangle)]
pub extern "system" fn ExitDll() -> bool {
    left()
}
