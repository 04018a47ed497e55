//! A worker that plays sixteenths.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Ticks;
use harmonai_core::play::duet::{Reply, Request};

use crate::link::queues::WorkerEnd;

/// What a worker's thread is told, and tells.
#[derive(Default)]
pub struct Flags {
    pub stop: AtomicBool,
    pub held: AtomicBool,
    /// How often it found nothing to do.
    pub idle: AtomicUsize,
}

/// The made-up worker.
pub enum Fake {
    /// A thread that answers at once unless it is held.
    Thread {
        flags: Arc<Flags>,
        thread: Option<JoinHandle<usize>>,
    },
    /// Answers by the host's clock, this many seconds late.
    Clocked {
        end: WorkerEnd,
        late_by: f64,
        due: Vec<(i64, Request)>,
    },
}

/// A thread that plays until it is stopped; gives the number of its requests.
pub fn answer(mut end: WorkerEnd, flags: &Flags) -> usize {
    let mut count = 0;
    loop {
        if flags.held.load(Ordering::Relaxed) && !flags.stop.load(Ordering::Relaxed) {
            thread::yield_now();
            continue;
        }
        match end.requests.pop() {
            Some(request) => {
                count += 1;
                play(&mut end, request, &flags.stop);
            }
            None if flags.stop.load(Ordering::Relaxed) => return count,
            None => {
                flags.idle.fetch_add(1, Ordering::Relaxed);
                thread::park_timeout(Duration::from_micros(200));
            }
        }
    }
}

impl Fake {
    /// The host's clock has come to `clock` samples.
    pub fn tick(&mut self, clock: i64, rate: f64) {
        let Self::Clocked { end, late_by, due } = self else {
            return;
        };
        while let Some(request) = end.requests.pop() {
            due.push((clock + (*late_by * rate) as i64, request));
        }
        let ready = due.partition_point(|(at, _)| *at <= clock);
        for (_, request) in due.drain(..ready) {
            play(end, request, &AtomicBool::new(false));
        }
    }
}

/// The made-up network: a sixteenth at each sixteenth, as long as the next one, in turn on
/// three high keys.
fn play(end: &mut WorkerEnd, request: Request, stop: &AtomicBool) {
    let mut send = |reply| {
        while !end.replies.push(reply) && !stop.load(Ordering::Relaxed) {
            thread::yield_now();
        }
    };
    if let Request::Plan {
        id,
        epoch,
        from,
        until,
        ..
    } = request
    {
        for onset in from.get()..until.get() {
            if onset % 6 == 0 {
                let note = Note {
                    onset: Ticks::new(onset),
                    duration: Ticks::new(if onset % 4 == 0 { 6 } else { 12 }),
                    pitch: Pitch::clamped(84 + onset / 6 % 3),
                    velocity: Some(Velocity::clamped(60 + onset % 30)),
                };
                send(Reply::Note { epoch, note });
            }
        }
        send(Reply::Done { id });
    }
}
