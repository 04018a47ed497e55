//! The plug-in's window and the host's end of it: the frame, with or without a run loop.
//!
//! The test's main thread makes all calls; the plug-in calls back on any.

use anyhow::ensure;
use std::sync::Mutex;
use vst3::Steinberg::Linux::{
    FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler,
    TimerInterval,
};
use vst3::Steinberg::{
    IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait, ViewRect, kInvalidArgument,
    kNotImplemented, kPlatformTypeX11EmbedWindowID, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComRef, ComWrapper};

/// Who wants to hear of which file descriptor.
type Handlers = Mutex<Vec<(ComPtr<IEventHandler>, FileDescriptor)>>;

/// The size that the window asked for.
type Wanted = Mutex<Option<(u32, u32)>>;

/// A frame as real hosts on Linux have it, with a run loop.
#[derive(Default)]
struct Frame {
    handlers: Handlers,
    wanted: Wanted,
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: the plug-in's, and read only.
        if let Some(size) = unsafe { size.as_ref() } {
            let [width, height] = [size.right - size.left, size.bottom - size.top];
            *self.wanted.lock().unwrap() = Some((width as u32, height as u32));
        }
        // SAFETY: the plug-in hands over its own view, alive in this call.
        match unsafe { ComRef::from_raw(view) } {
            // SAFETY: as above; the size is the plug-in's, and read only.
            Some(view) => unsafe { view.onSize(size) },
            None => kInvalidArgument,
        }
    }
}

impl IRunLoopTrait for Frame {
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        fd: FileDescriptor,
    ) -> tresult {
        // SAFETY: the plug-in's handler, which it keeps until it takes it back.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        let mut handlers = self.handlers.lock().unwrap();
        handlers.push((handler.to_com_ptr(), fd));
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        let mut handlers = self.handlers.lock().unwrap();
        handlers.retain(|(known, _)| known.as_ptr() != handler);
        kResultOk
    }

    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: TimerInterval) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}

/// A plug-in's window.
pub struct View {
    view: ComPtr<IPlugView>,
    frame: Option<ComWrapper<Frame>>,
}

fn check(result: tresult, what: &str) -> anyhow::Result<()> {
    ensure!(result == kResultOk, "{what}: result {result:#x}");
    Ok(())
}

fn rect(width: i32, height: i32) -> ViewRect {
    ViewRect {
        left: 0,
        top: 0,
        right: width,
        bottom: height,
    }
}

impl View {
    /// Opens it in the X11 window; what hosts ask before they ask too. Its size.
    pub fn open(
        view: ComPtr<IPlugView>,
        parent: u32,
        run_loop: bool,
    ) -> anyhow::Result<(Self, (i32, i32))> {
        let frame = run_loop.then(|| ComWrapper::new(Frame::default()));
        let mut size = rect(0, 0);
        // SAFETY: a new view, called in the order that the format prescribes.
        unsafe {
            if let Some(frame) = frame.as_ref().and_then(|f| f.to_com_ptr::<IPlugFrame>()) {
                check(view.setFrame(frame.as_ptr()), "setFrame")?;
            }
            check(view.canResize(), "canResize")?;
            check(view.getSize(&mut size), "getSize")?;
            let window = parent as usize as *mut std::ffi::c_void;
            check(
                view.attached(window, kPlatformTypeX11EmbedWindowID),
                "attached",
            )?;
        }
        Ok((Self { view, frame }, (size.right, size.bottom)))
    }

    /// Hands on what came in for the plug-in.
    pub fn turn(&self) {
        let Some(frame) = &self.frame else { return };
        // Not held while it is called: it may take itself out.
        let handlers = frame.handlers.lock().unwrap().clone();
        for (handler, fd) in handlers {
            let mut ready = libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one entry that lives through the call; the handler is registered.
            unsafe {
                if libc::poll(&mut ready, 1, 0) == 1 {
                    handler.onFDIsSet(fd);
                }
            }
        }
    }

    /// The size that it asked for since the last time, and got.
    pub fn asked(&self) -> Option<(u32, u32)> {
        self.frame.as_ref()?.wanted.lock().unwrap().take()
    }

    /// Resizes it, as the host's user does.
    pub fn resize(&self, width: i32, height: i32) -> anyhow::Result<()> {
        let mut size = rect(width, height);
        // SAFETY: an attached view.
        unsafe {
            check(
                self.view.checkSizeConstraint(&mut size),
                "checkSizeConstraint",
            )?;
            check(self.view.onSize(&mut size), "onSize")
        }
    }

    /// Its size as it says itself.
    pub fn size(&self) -> anyhow::Result<(i32, i32)> {
        let mut size = rect(0, 0);
        // SAFETY: a view.
        unsafe { check(self.view.getSize(&mut size), "getSize")? };
        Ok((size.right, size.bottom))
    }

    pub fn close(self) -> anyhow::Result<()> {
        // SAFETY: an attached view, in the order that the format prescribes.
        unsafe {
            check(self.view.removed(), "removed")?;
            if self.frame.is_some() {
                check(self.view.setFrame(std::ptr::null_mut()), "setFrame")?;
            }
        }
        Ok(())
    }
}
