//! The signals that end the app: on Linux. Elsewhere the system closes the window.

use super::transport::OwnTransport;

/// Keeps the signals that mean the end from this thread and all that it starts, so that
/// [`end_when_told`] can wait for them. Called before there are other threads.
pub fn block() {
    #[cfg(target_os = "linux")]
    linux::block();
}

/// From now on the app ends when it is told to from outside, with no note left sounding. nice-plug
/// 0.4.2 checks whether it was told to only where there is no window.
pub fn end_when_told(transport: &OwnTransport) {
    #[cfg(target_os = "linux")]
    linux::end_when_told(transport);
    #[cfg(not(target_os = "linux"))]
    let _ = transport;
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::Once;

    use crate::standalone::transport::OwnTransport;

    /// Ctrl-C, the end of the session, a terminal that is closed.
    fn endings() -> libc::sigset_t {
        // SAFETY: a set of signals, which the first call empties.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
                libc::sigaddset(&mut set, signal);
            }
            set
        }
    }

    pub fn block() {
        // SAFETY: this thread's own mask.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &endings(), std::ptr::null_mut()) };
    }

    pub fn end_when_told(transport: &OwnTransport) {
        static WAITS: Once = Once::new();
        let transport = transport.clone();
        let wait = move || {
            // SAFETY: the signals are blocked in all threads. `_exit` skips what libraries do at
            // the end of a process: they do not bear that other threads still run.
            unsafe {
                let mut signal = 0;
                if libc::sigwait(&endings(), &mut signal) == 0 {
                    transport.hush();
                    libc::_exit(0);
                }
            }
        };
        // If no thread can be started, the app has to be killed.
        WAITS.call_once(|| drop(std::thread::Builder::new().spawn(wait)));
    }
}
