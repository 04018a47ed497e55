//! What the plug-in asks of the CLAP host: noted on any thread, done on the main one.

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_host::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Notes what the plug-in asks of the host.
#[derive(Default)]
pub struct Calls {
    callback: AtomicBool,
    /// The size that the window wants: width in the upper half, height in the lower one.
    wanted: AtomicU64,
}

impl Calls {
    /// The size that the window has asked for since the last time: width, height.
    pub fn take_wanted(&self) -> Option<(u32, u32)> {
        let wanted = self.wanted.swap(0, Ordering::Relaxed);
        (wanted > 0).then_some(((wanted >> 32) as u32, wanted as u32))
    }
}

impl SharedHandler<'_> for Calls {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        // Relaxed: it carries no data, and a block's delay does no harm.
        self.callback.store(true, Ordering::Relaxed);
    }
}

/// The plug-in's window gets the size that it asks for, and nothing else.
impl HostGuiImpl for Calls {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, size: GuiSize) -> Result<(), HostError> {
        let wanted = u64::from(size.width) << 32 | u64::from(size.height);
        // Relaxed: the number by itself says it all.
        self.wanted.store(wanted, Ordering::Relaxed);
        Ok(())
    }
    fn request_show(&self) -> Result<(), HostError> {
        Err(HostError::Message("the host decides"))
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Err(HostError::Message("the host decides"))
    }
    fn closed(&self, _: bool) {}
}

/// The host as `clack` knows it.
pub struct Handlers;
impl HostHandlers for Handlers {
    type Shared<'a> = Calls;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<'_, Self>, _: &Calls) {
        builder.register::<HostGui>();
    }
}

/// Does what the plug-in asked to have done on the main thread.
pub fn call_back(instance: &mut PluginInstance<Handlers>) {
    let asked = |calls: &Calls| calls.callback.swap(false, Ordering::Relaxed);
    if instance.access_shared_handler(asked) {
        instance.call_on_main_thread_callback();
    }
}
