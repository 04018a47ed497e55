//! The standalone app's own transport: started and stopped in the window, at a tempo set there.
//!
//! In a host it is absent: the host has a transport. While JACK's transport rolls the app follows
//! it; while that is stopped, and with every other backend, the app's own clock runs. The window's
//! thread sets it, the audio thread reads it; wait-free.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::backend::{Backend, Connection};
use super::jack;
use crate::audio::clock::HostTime;

/// Tempos that can be set, in quarter notes a minute.
pub const TEMPOS: RangeInclusive<f64> = 20.0..=300.0;

/// How long the app may take to end once its window is closed.
const ENDING: Duration = Duration::from_secs(2);

/// How long the notes may take to end before that.
const HUSH: Duration = Duration::from_millis(300);

const ABSENT: u8 = 0;
const ROLLS: u8 = 1;
const STOPPED: u8 = 2;

/// The transport. Clones share it.
#[derive(Clone, Default)]
pub struct OwnTransport(Arc<TransportState>);

#[derive(Default)]
struct TransportState {
    state: AtomicU8,
    /// The bits of the tempo that was set; 0 if none was.
    tempo: AtomicU64,
    /// Whether JACK sets the tempo.
    led: AtomicBool,
    /// The app is about to end.
    ending: AtomicBool,
    /// Blocks since then.
    last_blocks: AtomicU8,
    connection: OnceLock<Connection>,
}

impl OwnTransport {
    /// There is no host with a transport: from now on this one is present, and rolls.
    pub fn appear(&self, connection: Option<Connection>) {
        if let Some(connection) = connection {
            // The first one stays.
            let _ = self.0.connection.set(connection);
        }
        // Relaxed, here and below: each number is complete by itself.
        let state = &self.0.state;
        let _ = state.compare_exchange(ABSENT, ROLLS, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether it rolls, if it is present.
    pub fn rolls(&self) -> Option<bool> {
        match self.0.state.load(Ordering::Relaxed) {
            ABSENT => None,
            state => Some(state == ROLLS),
        }
    }

    pub fn roll(&self, on: bool) {
        let state = if on { ROLLS } else { STOPPED };
        self.0.state.store(state, Ordering::Relaxed);
    }

    /// The tempo that was set, if one was.
    pub fn tempo(&self) -> Option<f64> {
        let bits = self.0.tempo.load(Ordering::Relaxed);
        (bits != 0).then_some(f64::from_bits(bits))
    }

    /// Sets the tempo, to the nearest of [`TEMPOS`].
    pub fn set_tempo(&self, tempo: f64) {
        if !tempo.is_nan() {
            let tempo = tempo.clamp(*TEMPOS.start(), *TEMPOS.end());
            self.0.tempo.store(tempo.to_bits(), Ordering::Relaxed);
        }
    }

    /// Whether JACK rolls and sets the tempo: then it cannot be set here.
    pub fn is_led(&self) -> bool {
        self.0.led.load(Ordering::Relaxed)
    }

    /// How the app is connected, if known.
    pub fn connection(&self) -> Option<Connection> {
        self.0.connection.get().copied()
    }

    /// The app is about to end: has the audio thread end the notes that sound, since nothing would
    /// end them afterwards. Waits until it has, which takes two blocks, or for `HUSH` if no blocks
    /// come.
    pub fn hush(&self) {
        if self.rolls().is_none() {
            return;
        }
        self.roll(false);
        self.0.ending.store(true, Ordering::Relaxed);
        let start = Instant::now();
        while self.0.last_blocks.load(Ordering::Relaxed) < 2 && start.elapsed() < HUSH {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether all notes must end now: asked once a block. Audio thread.
    pub fn is_ending(&self) -> bool {
        let ending = self.0.ending.load(Ordering::Relaxed);
        if ending {
            // A second block shows that the notes-off sent in the first one have arrived.
            let blocks = &self.0.last_blocks;
            let count = blocks.load(Ordering::Relaxed).saturating_add(1);
            blocks.store(count, Ordering::Relaxed);
        }
        ending
    }

    /// The app's window is closed, and the app is about to end; it is made to if it takes long.
    /// nice-plug 0.4.2 sometimes waits forever for JACK, which waits for it.
    pub fn window_closed(&self) {
        if self.rolls().is_some() {
            self.hush();
            // If no thread can be started, the user has to end it.
            let _ = thread::Builder::new().spawn(|| {
                thread::sleep(ENDING);
                std::process::exit(0);
            });
        }
    }

    pub fn is_jack(&self) -> bool {
        self.connection()
            .is_some_and(|connection| connection.backend == Backend::Jack)
    }

    /// The host's time with this transport in its place; `bar` is JACK's bar number. Audio thread.
    pub fn apply(&self, mut time: HostTime, bar: Option<i32>) -> HostTime {
        let Some(rolls) = self.rolls() else {
            return time;
        };
        // The other backends always report that they roll, and count samples from their start.
        let has_transport = self.connection().is_none() || self.is_jack();
        time.playing &= has_transport && rolls;
        time.free_run = rolls;
        let led = time.playing && time.beats.is_some();
        self.0.led.store(led, Ordering::Relaxed);
        // nice-plug counts in bars of four quarters here too.
        time.bar_start = None;
        let told = time.beats.zip(bar).zip(time.signature);
        time.beats = told.and_then(|((beats, bar), metre)| jack::quarters(beats, bar, metre));
        if let Some(tempo) = self.tempo().filter(|_| !led) {
            time.tempo = Some(tempo);
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::clock::Clock;

    fn by(backend: Backend) -> Option<Connection> {
        Some(Connection {
            backend,
            named: false,
            midi: (true, true),
        })
    }

    #[test]
    fn it_starts_and_stops_where_it_is_present() {
        let own = OwnTransport::default();
        let check = |own: &OwnTransport, playing, free_run, expect| {
            let time = HostTime {
                playing,
                free_run,
                ..HostTime::default()
            };
            let time = own.apply(time, None);
            assert_eq!((time.playing, time.free_run), expect);
        };
        for (playing, free_run) in [(true, false), (false, false), (false, true)] {
            check(&own, playing, free_run, (playing, free_run));
        }
        own.appear(by(Backend::Jack));
        assert_eq!(own.rolls(), Some(true));
        check(&own, false, false, (false, true));
        check(&own, true, false, (true, true));
        own.roll(false);
        own.appear(by(Backend::System));
        check(&own, true, true, (false, false));
        own.roll(true);
        check(&own, true, false, (true, true));
    }

    #[test]
    fn jack_has_the_last_word_on_the_tempo_while_it_rolls_and_says_one() {
        let own = OwnTransport::default();
        let at = |own: &OwnTransport, playing, beats| {
            let time = HostTime {
                playing,
                beats,
                tempo: Some(120.0),
                ..HostTime::default()
            };
            (own.apply(time, None).tempo.unwrap(), own.is_led())
        };
        own.set_tempo(90.0);
        assert_eq!(at(&own, true, Some(4.0)), (120.0, false), "in a host");
        own.appear(by(Backend::Jack));
        assert_eq!(at(&own, true, Some(4.0)), (120.0, true));
        assert_eq!(at(&own, true, None), (90.0, false));
        assert_eq!(at(&own, false, Some(4.0)), (90.0, false));
        for (tempo, expect) in [(1e9, 300.0), (-5.0, 20.0), (f64::NAN, 20.0)] {
            own.set_tempo(tempo);
            assert_eq!(own.tempo(), Some(expect));
        }
    }

    #[test]
    fn before_it_ends_the_audio_thread_gets_two_blocks() {
        let own = OwnTransport::default();
        own.hush();
        assert!(!own.is_ending(), "in a host");
        own.appear(by(Backend::Jack));
        assert!(!own.is_ending());
        let shared = own.clone();
        let audio = thread::spawn(move || {
            let mut blocks = 0;
            while blocks < 2 {
                blocks += u32::from(shared.is_ending());
            }
        });
        let start = Instant::now();
        own.hush();
        let blocks = own.0.last_blocks.load(Ordering::Relaxed);
        // A loaded machine may have left the audio thread no time.
        assert!(blocks >= 2 || start.elapsed() >= HUSH, "{blocks} blocks");
        assert_eq!(own.rolls(), Some(false));
        audio.join().unwrap();
    }

    #[test]
    fn another_tempo_and_a_stop_leave_the_position_where_it_is() {
        let (own, mut clock) = (OwnTransport::default(), Clock::default());
        own.appear(by(Backend::System));
        let mut samples = 0.0;
        let mut next = |own: &OwnTransport| {
            let time = HostTime {
                playing: true,
                tempo: Some(120.0),
                samples: Some(samples),
                ..HostTime::default()
            };
            samples += 12_000.0;
            clock.advance(&own.apply(time, None), 12_000, 48_000.0)
        };
        let at = |block: crate::audio::clock::Block| block.position(0).get();
        assert_eq!(at(next(&own)), 0.0);
        own.set_tempo(60.0);
        let block = next(&own);
        assert!(!block.jumped && block.tempo == 60.0);
        assert_eq!(at(block), 0.5);
        assert_eq!(at(next(&own)), 0.75);
        own.roll(false);
        let block = next(&own);
        assert!(!block.rolling);
        (0..5).for_each(|_| assert!(!next(&own).rolling));
        own.roll(true);
        let block = next(&own);
        assert!(block.rolling);
        assert_eq!(at(block), 1.0);
    }
}
