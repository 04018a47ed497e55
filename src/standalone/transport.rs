//! The standalone app's own transport: it starts and stops in the window, at a tempo set there.
//!
//! In a host there is none: the host has one. Where JACK's transport rolls the app follows it; where
//! that stands, and by every other way to the system's audio, the app's own clock runs. The window's
//! thread sets it, the audio thread reads it; wait-free.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::audio::clock::HostTime;
use crate::standalone::{Backend, Way};

/// Tempos that can be set, in quarter notes a minute.
pub const TEMPOS: RangeInclusive<f64> = 20.0..=300.0;

/// How long the app may take to end.
const ENDING: Duration = Duration::from_secs(2);

/// How long the notes may take to end before that.
const HUSH: Duration = Duration::from_millis(300);

/// How far ahead a late block may be told to be, in seconds.
const LATE: f64 = 0.2;

const ABSENT: u8 = 0;
const ROLLS: u8 = 1;
const STANDS: u8 = 2;

/// The transport, once it is there. Clones share it.
#[derive(Clone, Default)]
pub struct OwnTransport(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: AtomicU8,
    /// The bits of the tempo that was set; 0 before.
    tempo: AtomicU64,
    /// Whether JACK has the last word on the tempo.
    led: AtomicBool,
    /// The app is to end.
    ending: AtomicBool,
    /// Blocks since then.
    last_blocks: AtomicU8,
    way: OnceLock<Way>,
}

impl OwnTransport {
    /// There is no host with a transport: this one is there from now on, and rolls.
    pub fn appear(&self, way: Option<Way>) {
        if let Some(way) = way {
            // What is there already stays.
            let _ = self.0.way.set(way);
        }
        // Relaxed, here and below: the number by itself says it all.
        let state = &self.0.state;
        let _ = state.compare_exchange(ABSENT, ROLLS, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether it rolls, if it is there.
    pub fn rolls(&self) -> Option<bool> {
        match self.0.state.load(Ordering::Relaxed) {
            ABSENT => None,
            state => Some(state == ROLLS),
        }
    }

    /// Starts or stops it.
    pub fn roll(&self, on: bool) {
        let state = if on { ROLLS } else { STANDS };
        self.0.state.store(state, Ordering::Relaxed);
    }

    /// The tempo that was set, if one was.
    pub fn tempo(&self) -> Option<f64> {
        let bits = self.0.tempo.load(Ordering::Relaxed);
        (bits != 0).then_some(f64::from_bits(bits))
    }

    /// Sets it, to the nearest of [`TEMPOS`].
    pub fn set_tempo(&self, tempo: f64) {
        if !tempo.is_nan() {
            let tempo = tempo.clamp(*TEMPOS.start(), *TEMPOS.end());
            self.0.tempo.store(tempo.to_bits(), Ordering::Relaxed);
        }
    }

    /// Whether JACK rolls and says how fast: then the tempo is not to be set here.
    pub fn is_led(&self) -> bool {
        self.0.led.load(Ordering::Relaxed)
    }

    /// How the app was started, if known.
    pub fn way(&self) -> Option<Way> {
        self.0.way.get().copied()
    }

    /// The app is about to end: ends the notes that sound, which nobody would end afterwards. Waits until
    /// the audio thread has, which takes two blocks, or a while where it stands still.
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

    /// Whether all notes are to end now: asked once a block. Audio thread.
    pub fn is_ending(&self) -> bool {
        let ending = self.0.ending.load(Ordering::Relaxed);
        if ending {
            // The second block says that what went out in the first one has arrived.
            let blocks = &self.0.last_blocks;
            let count = blocks.load(Ordering::Relaxed).saturating_add(1);
            blocks.store(count, Ordering::Relaxed);
        }
        ending
    }

    /// The app's window is closed, and the app is to end: if it has not soon, it is made to. nice-plug
    /// 0.4.2 sometimes waits for JACK for ever, which waits for it.
    pub fn window_closed(&self) {
        if self.rolls().is_some() {
            self.hush();
            // Without a thread to be had, the user has to end it.
            let _ = thread::Builder::new().spawn(|| {
                thread::sleep(ENDING);
                std::process::exit(0);
            });
        }
    }

    /// Whether the app plays by JACK.
    pub fn is_jack(&self) -> bool {
        self.way().is_some_and(|way| way.backend == Backend::Jack)
    }

    /// What the time is with it; `bar` is the number of JACK's. Audio thread.
    pub fn apply(&self, mut time: HostTime, bar: Option<i32>) -> HostTime {
        let Some(rolls) = self.rolls() else {
            return time;
        };
        // All others say that they roll whatever happens, and count samples from their start.
        let is_transport = self.way().is_none_or(|way| way.backend == Backend::Jack);
        time.playing &= is_transport && rolls;
        time.free_run = rolls;
        let led = time.playing && time.beats.is_some();
        self.0.led.store(led, Ordering::Relaxed);
        // By nice-plug's bars of four quarters, too.
        time.bar_start = None;
        let told = time.beats.zip(bar).zip(time.signature);
        time.beats = told.and_then(|((beats, bar), metre)| quarters(beats, bar, metre));
        if let Some(tempo) = self.tempo().filter(|_| !led) {
            time.tempo = Some(tempo);
        }
        time
    }
}

/// Makes up for blocks that are computed late. JACK tells a client that is late where the next block begins,
/// and then the same once more: taken as it is, time would leap ahead and back, and the answer would end.
#[derive(Default)]
pub struct Steady {
    /// Where the next block begins if nothing moves.
    next: Option<f64>,
    /// The block before was taken for a late one.
    held: bool,
}

impl Steady {
    /// What the time of a block of `frames` is with it: a step ahead is believed when it is there in the next
    /// block too. Audio thread.
    pub fn apply(&mut self, mut time: HostTime, frames: u32, sample_rate: f64) -> HostTime {
        let Some(samples) = time.samples.filter(|_| time.playing) else {
            *self = Self::default();
            return time;
        };
        let ahead = self.next.map_or(0.0, |next| samples - next);
        self.held = ahead > 0.0 && ahead <= LATE * sample_rate && !self.held;
        if self.held {
            time.samples = Some(samples - ahead);
            let beats = time.tempo.map(|tempo| ahead / sample_rate * tempo / 60.0);
            time.beats = time.beats.zip(beats).map(|(at, ahead)| at - ahead);
        }
        self.next = time.samples.map(|samples| samples + f64::from(frames));
        time
    }
}

/// The quarter notes from the song's start, out of what nice-plug 0.4.2 makes of JACK's bar, beat and tick:
/// it counts from 1 as JACK does, takes every bar for four quarters, and the tick for a part of one. `None`
/// where that cannot be undone, in metres of eighths: there samples and tempo have to do.
fn quarters(beats: f64, bar: i32, (above, below): (i32, i32)) -> Option<f64> {
    let beat = 4.0 / f64::from(below);
    if !(1.0..=4.0).contains(&beat) {
        return None;
    }
    let bars = f64::from(bar) - 1.0;
    let rest = beats - 4.0 * f64::from(bar);
    // A rounding must not make a beat of the one before.
    let whole = ((rest + 1e-9) / beat).floor();
    let part = rest - whole * beat;
    Some((bars * f64::from(above) + whole - 1.0 + part) * beat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::clock::Clock;

    #[test]
    fn bar_beat_and_tick_of_jack_are_quarters_from_the_start() {
        // As nice-plug adds them up.
        let told = |bar: i32, beat: i32, tick: f64, metre: (i32, i32)| {
            let below = f64::from(metre.1);
            let beats = f64::from(bar) * 4.0 + f64::from(beat) / below * 4.0 + tick;
            quarters(beats, bar, metre)
        };
        assert_eq!(told(1, 1, 0.0, (4, 4)), Some(0.0));
        assert_eq!(told(3, 2, 0.5, (4, 4)), Some(9.5));
        assert_eq!(told(2, 1, 0.0, (3, 4)), Some(3.0));
        assert_eq!(told(2, 5, 0.25, (5, 4)), Some(9.25));
        assert_eq!(told(2, 2, 0.75, (3, 2)), Some(9.5));
        for (below, tick) in [(2, 0.0), (4, 0.0), (2, 0.999), (4, 0.999)] {
            let exact = (6.0 + tick) * 4.0 / f64::from(below);
            let found = told(3, 1, tick, (3, below)).unwrap();
            assert!((found - exact).abs() < 1e-6, "{found}, not {exact}");
        }
        assert_eq!(told(2, 1, 0.0, (6, 8)), None);
        assert_eq!(told(2, 1, 0.0, (6, 0)), None);
    }

    fn by(backend: Backend) -> Option<Way> {
        Some(Way {
            backend,
            named: false,
            midi: (true, true),
        })
    }

    /// Where the clock takes blocks of 256 to begin, in samples, that JACK says begin there; and whether it
    /// takes one of them for a jump.
    fn steadied(told: &[i32]) -> (Vec<i32>, bool) {
        let (mut steady, mut clock) = (Steady::default(), Clock::default());
        let mut jumped = false;
        let at = told.iter().enumerate().map(|(index, samples)| {
            let time = HostTime {
                playing: true,
                tempo: Some(120.0),
                samples: Some(f64::from(*samples)),
                ..HostTime::default()
            };
            let time = steady.apply(time, 256, 48_000.0);
            let block = clock.advance(&time, 256, 48_000.0);
            jumped |= block.jumped && index > 0;
            (block.position(0).get() * 24_000.0).round() as i32
        });
        (at.collect(), jumped)
    }

    #[test]
    fn a_late_block_of_jack_is_no_leap_and_no_jump() {
        let late = [0, 512, 512, 768, 1024];
        assert_eq!(steadied(&late), (vec![0, 256, 512, 768, 1024], false));
        let lost = [0, 256, 768, 1024, 1280];
        assert_eq!(steadied(&lost), (vec![0, 256, 512, 1024, 1280], false));
        let moved = [0, 256, 48_000, 48_256];
        assert_eq!(steadied(&moved), (moved.to_vec(), true));
        let back = [48_000, 48_256, 256, 512];
        assert_eq!(steadied(&back), (back.to_vec(), true));
    }

    #[test]
    fn it_starts_and_stops_what_it_is_there_for() {
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
        own.hush();
        assert!(own.0.last_blocks.load(Ordering::Relaxed) >= 2);
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
