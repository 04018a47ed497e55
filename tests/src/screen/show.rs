//! A session in real time with a window: an audio thread of its own plays notes and turns knobs,
//! while the main thread opens and closes the window.

use super::Frame;
use crate::wait;
use anyhow::anyhow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How the audio thread calls.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Samples a second.
    pub rate: f64,
    /// Samples a block.
    pub frames: u32,
    /// As fast as a sound card would, or as fast as it goes.
    pub real_time: bool,
    /// How many knobs are turned in every block.
    pub turns: usize,
    /// Whether it plays on until something has come out, though the show is over: on a loaded machine
    /// it may be late.
    pub until_heard: bool,
}

/// One call to the process function.
#[derive(Clone, Copy, Debug)]
pub struct LiveBlock {
    /// Its first sample.
    pub first: u64,
    /// How many samples.
    pub frames: u32,
    /// Samples a second.
    pub rate: f64,
    /// Quarter notes a minute.
    pub tempo: f64,
    turns: usize,
}

impl LiveBlock {
    /// Where it begins, in quarter notes.
    pub fn beats(&self) -> f64 {
        self.first as f64 / self.rate * self.tempo / 60.0
    }

    /// The key that is struck or let go at its start: four bars are played and four are listened to.
    pub fn key(&self) -> Option<(i16, bool)> {
        let beat = |sample: u64| (sample as f64 / self.rate * self.tempo / 60.0 * 2.0) as i64;
        let (now, next) = (beat(self.first), beat(self.first + u64::from(self.frames)));
        let plays = now % 64 < 31;
        (plays && now != next).then(|| (60 + (now / 2 % 12) as i16, now % 2 == 0))
    }

    /// Which knobs are turned where.
    pub fn turns(&self, params: usize) -> impl Iterator<Item = (usize, f64)> {
        let block = self.first / u64::from(self.frames);
        (0..self.turns.min(params)).map(move |turn| {
            let param = (block as usize * self.turns + turn) % params;
            (param, (block % 101) as f64 / 100.0)
        })
    }
}

/// The half of a plug-in that processes.
pub trait Processor: Send {
    /// One block; how many events came out.
    fn block(&mut self, block: &LiveBlock) -> anyhow::Result<usize>;
}

/// The half that shows a window. The main thread's.
pub trait Shown {
    /// Opens it in the host's window; its size.
    fn open(&mut self, frame: &Frame) -> anyhow::Result<(u32, u32)>;
    /// Does what the plug-in wants done on the main thread.
    fn turn(&mut self);
    /// Resizes it, as the host's user does.
    fn resize(&mut self, width: u32, height: u32) -> anyhow::Result<()>;
    /// What size the plug-in asked the host for since it was last asked; the host has granted it.
    fn asked(&mut self) -> Option<(u32, u32)>;
    /// Its size as it says itself.
    fn size(&mut self) -> anyhow::Result<(u32, u32)>;
    fn close(&mut self) -> anyhow::Result<()>;
}

/// Lets the main thread do what the plug-in wants, for this long.
pub fn look(window: &mut dyn Shown, time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        window.turn();
        thread::sleep(Duration::from_millis(2));
    }
}

/// Lets the main thread do what the plug-in wants until `done`.
#[track_caller]
pub fn wait(window: &mut dyn Shown, what: &str, mut done: impl FnMut(&mut dyn Shown) -> bool) {
    wait::until(what, || {
        window.turn();
        done(window).then_some(())
    });
}

/// What the audio thread saw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    pub blocks: u64,
    /// How many events came out.
    pub events: usize,
    pub longest: Duration,
    /// Calls that took longer than their block lasts.
    pub overruns: u64,
}

/// Ends the audio thread, also where a test panics: it would be waited for.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Plays on a thread of its own as long as `show` takes.
pub fn run<P: Processor>(
    mut processor: P,
    pace: Pace,
    show: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<(P, Report)> {
    let ended = AtomicBool::new(false);
    let (shown, played) = thread::scope(|scope| {
        let ended = &ended;
        let audio = scope.spawn(move || {
            let report = play(&mut processor, pace, ended);
            report.map(|report| (processor, report))
        });
        let shown = {
            let _end = End(ended);
            show()
        };
        (shown, audio.join())
    });
    let played = played.map_err(|_| anyhow!("the audio thread panicked"))?;
    shown?;
    played
}

fn play(processor: &mut impl Processor, pace: Pace, ended: &AtomicBool) -> anyhow::Result<Report> {
    let length = Duration::from_secs_f64(f64::from(pace.frames) / pace.rate);
    if pace.real_time {
        urge();
    }
    let (mut report, start) = (Report::default(), Instant::now());
    let waits = |events| pace.until_heard && events == 0 && start.elapsed() < wait::HANG;
    while !ended.load(Ordering::Relaxed) || waits(report.events) {
        let due = length.mul_f64(report.blocks as f64);
        if pace.real_time {
            thread::sleep(due.saturating_sub(start.elapsed()));
        }
        let block = LiveBlock {
            first: report.blocks * u64::from(pace.frames),
            frames: pace.frames,
            rate: pace.rate,
            tempo: 120.0,
            turns: pace.turns,
        };
        let begun = Instant::now();
        report.events += processor.block(&block)?;
        let took = begun.elapsed();
        report.longest = report.longest.max(took);
        report.overruns += u64::from(took > length);
        report.blocks += 1;
    }
    Ok(report)
}

/// Gives this thread real-time priority, as hosts do with theirs, where that is allowed.
fn urge() {
    let urgent = libc::sched_param { sched_priority: 20 };
    // SAFETY: this thread is there, and the parameter is read before the call returns.
    unsafe {
        libc::pthread_setschedparam(libc::pthread_self(), libc::SCHED_FIFO, &raw const urgent)
    };
}
