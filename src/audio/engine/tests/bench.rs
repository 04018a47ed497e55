//! An engine between a made-up host and a made-up worker.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::duet::{Mode, Rules};
use nice_assert_no_alloc::assert_no_alloc;

use super::super::super::keys::KeySet;
use super::super::super::{Controls, Engine, ProcessCall, Thru};
use super::fake::{Fake, Flags, answer};
use super::host::{Host, Outcome, Paper, Sent};
use crate::link::commands::{CommandSender, commands};
use crate::link::queues::{AudioEnd, queue_pair};
use crate::link::view::{EngineView, engine_view};
use crate::params::HarmonAiParams;

/// Only a hang takes the worker that long.
pub const PATIENT: Duration = Duration::from_secs(300);

/// All knobs.
#[derive(Clone, Copy)]
pub struct Board {
    pub rules: Rules,
    pub controls: Controls,
}

impl Deref for Board {
    type Target = Controls;
    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl DerefMut for Board {
    fn deref_mut(&mut self) -> &mut Controls {
        &mut self.controls
    }
}

pub fn controls(mode: Mode) -> Board {
    let params = HarmonAiParams::default();
    Board {
        rules: Rules {
            mode,
            listen_bars: 2,
            silence: Ticks::BEAT,
            length: Some(Ticks::new(192)),
            seed: 1,
            ..params.rules(Metre::COMMON)
        },
        controls: Controls {
            thru: Thru::Off,
            ..params.controls()
        },
    }
}

/// Onset, end (ticks) and key: two bars, some of it between the ticks that 44.1 kHz can hit.
pub fn phrase() -> Vec<(i64, i64, i64)> {
    (0..12)
        .map(|n| (n * 12 + n % 3, n * 12 + 10, 57 + (n * 5) % 12))
        .collect()
}

/// An engine with a worker behind it.
pub struct Bench {
    pub engine: Engine,
    pub commands: CommandSender,
    pub view: Arc<EngineView>,
    pub patience: Duration,
    pub sent: Vec<Sent>,
    down: KeySet,
    worker: Fake,
    ticks_a_sample: f64,
}

impl Bench {
    pub fn new() -> Self {
        let (audio_end, worker_end) = queue_pair();
        let flags = Arc::<Flags>::default();
        let thread = thread::spawn({
            let flags = flags.clone();
            move || answer(worker_end, &flags)
        });
        let waker = thread.thread().clone();
        let mut bench = Self::with(
            audio_end,
            Fake::Thread {
                flags,
                thread: Some(thread),
            },
        );
        bench.engine.set_worker(Some(waker));
        bench
    }

    /// The worker's answers come this long after the request, by the host's clock.
    pub fn delayed(late_by: Duration) -> Self {
        let (audio_end, end) = queue_pair();
        Self::with(
            audio_end,
            Fake::Clocked {
                end,
                late_by: late_by.as_secs_f64(),
                due: vec![],
            },
        )
    }

    fn with(audio_end: AudioEnd, worker: Fake) -> Self {
        let (writer, view) = engine_view();
        let (commands, receiver) = commands();
        Self {
            engine: Engine::new(audio_end, writer, receiver),
            commands,
            view,
            patience: PATIENT,
            sent: vec![],
            down: KeySet::default(),
            worker,
            ticks_a_sample: 0.0,
        }
    }

    /// Makes the worker wake up, while the engine goes on.
    pub fn wake(&mut self) {
        self.flags().held.store(false, Ordering::Relaxed);
    }

    /// Makes the worker sleep on its requests, or work them all off; there must be room for all
    /// its answers.
    pub fn hold(&mut self, hold: bool) {
        let flags = self.flags();
        flags.held.store(hold, Ordering::Relaxed);
        let before = flags.idle.load(Ordering::Relaxed);
        while !hold && flags.idle.load(Ordering::Relaxed) == before {
            thread::yield_now();
        }
    }

    fn flags(&self) -> &Flags {
        let Fake::Thread { flags, .. } = &self.worker else {
            panic!("not held by a flag")
        };
        flags
    }

    /// How many requests the worker has got, in the end.
    pub fn asked(&mut self) -> usize {
        let Fake::Thread { flags, thread } = &mut self.worker else {
            panic!("not counted")
        };
        flags.stop.store(true, Ordering::Relaxed);
        thread
            .take()
            .expect("asked once")
            .join()
            .expect("the worker has not failed")
    }

    pub fn sounds(&self) -> bool {
        !self.down.is_empty()
    }

    pub fn absolute(&self, host: &Host) -> i64 {
        host.clock
    }

    pub fn block(&mut self, host: &mut Host, frames: u32, controls: &Board) {
        self.ticks_a_sample = host.tempo / 60.0 / host.rate * 24.0;
        let (time, rate) = (host.time(), host.rate);
        let room = host.room.unwrap_or(usize::MAX);
        let mut port = Paper {
            host,
            down: &mut self.down,
            sent: &mut self.sent,
            frames,
            last: 0,
            room,
        };
        let (engine, patience) = (&mut self.engine, self.patience);
        let call = ProcessCall {
            time,
            frames,
            sample_rate: rate,
            controls: controls.controls,
            rules: &|metre| Rules {
                metre,
                ..controls.rules
            },
            patience: &mut || patience,
        };
        // As nice-plug runs it in builds like this one: an allocation aborts.
        assert_no_alloc(|| engine.process(call, &mut port));
        host.clock += i64::from(frames);
        if host.playing {
            host.at += i64::from(frames);
        }
        self.worker.tick(host.clock, rate);
    }

    pub fn run(&mut self, host: &mut Host, seconds: f64, sizes: &[u32], controls: &Board) {
        let end = host.clock + (seconds * host.rate) as i64;
        for &frames in sizes.iter().cycle() {
            if host.clock >= end {
                break;
            }
            self.block(host, frames.min((end - host.clock) as u32), controls);
        }
    }

    /// Lets go of all keys, stops, and checks that nothing sounds on.
    pub fn finish(mut self, mut host: Host, controls: &Board) -> Outcome {
        let ticks_a_sample = self.ticks_a_sample;
        host.playing = false;
        host.room = None;
        for (_, on, _) in &mut host.events {
            *on = None;
        }
        let rest = host
            .events
            .last()
            .map_or(0, |(at, ..)| at - host.clock)
            .max(0);
        let seconds = rest as f64 / host.rate + 0.1;
        self.run(&mut host, seconds, &[4096], controls);
        for key in self.down.iter() {
            host.events.push((host.clock, None, key.pitch.get().into()));
        }
        self.block(&mut host, 64, controls);
        assert!(
            !self.sounds(),
            "{:?} sound on",
            self.down.iter().collect::<Vec<_>>()
        );
        Outcome {
            sent: std::mem::take(&mut self.sent),
            ticks_a_sample,
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Fake::Thread { flags, thread } = &mut self.worker {
            flags.stop.store(true, Ordering::Relaxed);
            if let Some(thread) = thread.take() {
                let _ = thread.join();
            }
        }
    }
}
