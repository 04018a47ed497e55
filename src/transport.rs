//! The standalone app's own transport: it starts and stops in the window.
//!
//! In a host there is none: the host has one. Where the system's transport rolls (JACK's, or the
//! backend's that rolls all the time) the app follows it; where that stands, the app's own clock runs
//! at its tempo (`--tempo`). The window's thread sets it, the audio thread reads it; wait-free.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use crate::audio::clock::HostTime;

/// How long the app may take to end.
const ENDING: Duration = Duration::from_secs(2);

const ABSENT: u8 = 0;
const ROLLS: u8 = 1;
const STANDS: u8 = 2;

/// The transport, once it is there. Clones share it.
#[derive(Clone, Default)]
pub struct OwnTransport(Arc<AtomicU8>);

impl OwnTransport {
    /// There is no host with a transport: this one is there from now on, and rolls.
    pub fn appear(&self) {
        // Relaxed, here and below: the number by itself says it all. What is there already stays.
        let _ = (self.0).compare_exchange(ABSENT, ROLLS, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether it rolls, if it is there.
    pub fn rolls(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            ABSENT => None,
            state => Some(state == ROLLS),
        }
    }

    /// Starts or stops it.
    pub fn roll(&self, on: bool) {
        let state = if on { ROLLS } else { STANDS };
        self.0.store(state, Ordering::Relaxed);
    }

    /// The app's window is closed, and the app is to end: if it has not soon, it is made to. nice-plug
    /// 0.4.2 sometimes waits for JACK for ever, which waits for it.
    pub fn window_closed(&self) {
        if self.rolls().is_some() {
            // Without a thread to be had, the user has to end it.
            let _ = thread::Builder::new().spawn(|| {
                thread::sleep(ENDING);
                std::process::exit(0);
            });
        }
    }

    /// What the time is with it. Audio thread.
    pub fn apply(&self, mut time: HostTime) -> HostTime {
        match self.rolls() {
            None => {}
            Some(true) => time.free_run = true,
            Some(false) => (time.playing, time.free_run) = (false, false),
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_and_stops_what_it_is_there_for() {
        let own = OwnTransport::default();
        let check = |own: &OwnTransport, playing, free_run, expect| {
            let time = HostTime {
                playing,
                free_run,
                ..HostTime::default()
            };
            let time = own.apply(time);
            assert_eq!((time.playing, time.free_run), expect);
        };
        for (playing, free_run) in [(true, false), (false, false), (false, true)] {
            check(&own, playing, free_run, (playing, free_run));
        }
        own.appear();
        assert_eq!(own.rolls(), Some(true));
        check(&own, false, false, (false, true));
        check(&own, true, false, (true, true));
        own.roll(false);
        own.appear();
        check(&own, true, true, (false, false));
    }
}
