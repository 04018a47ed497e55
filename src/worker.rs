//! The thread on which the network plays: one for each plug-in instance.
//!
//! It takes requests off the [bridge](crate::bridge) in order and puts the answer's notes back. New
//! networks come through the [`Slot`] and take over between two requests. A panic costs the phrase,
//! not the host: it is caught, shown, and the thread goes on with a fresh [`Continuation`].

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use harmonai_core::continuation::Continuation;
use harmonai_core::duet::{Reply, Request};
use harmonai_core::note::Note;

use crate::bridge::WorkerEnd;
use crate::display::{Display, Mishap};
use crate::library::Slot;

/// Looks for requests at least this far apart while there are none: nobody wakes it in real time,
/// since waking a thread is a system call.
const SHORTEST_NAP: Duration = Duration::from_millis(1);

/// And at most this far apart: far less than any answer is asked for ahead.
const LONGEST_NAP: Duration = Duration::from_millis(4);

/// After so long without a request no answer is under way, and a first note can wait a little.
const IDLE: Duration = Duration::from_secs(60);

/// How far apart it looks then.
const IDLE_NAP: Duration = Duration::from_millis(20);

/// The thread. Dropping it ends the thread and waits until it has ended.
pub struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. It begins to answer once there is a network in `slot`.
    pub fn start(bridge: WorkerEnd, slot: Arc<Slot>, display: Arc<Display>) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let desk = Desk {
            bridge,
            slot,
            display,
            stop: stop.clone(),
            version: 0,
            at_work: None,
        };
        let thread = thread::Builder::new()
            .name("harmonai-player".to_owned())
            .spawn(move || desk.run())?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }

    /// The thread, to be woken by whoever can afford to.
    pub fn thread(&self) -> Option<Thread> {
        self.thread.as_ref().map(|thread| thread.thread().clone())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Relaxed: the flag alone says it all, and the join orders the rest.
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // Panics are caught in the thread: nothing is lost by not looking at its end.
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Desk {
    bridge: WorkerEnd,
    slot: Arc<Slot>,
    display: Arc<Display>,
    stop: Arc<AtomicBool>,
    /// Of the network that plays.
    version: u64,
    /// The plan that is being made.
    at_work: Option<u64>,
}

impl Desk {
    fn run(mut self) {
        // AssertUnwindSafe: the continuation is dropped in a panic, the rest is whole at all times.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.play())) {
            self.display.mishaps(Mishap::WorkerRestart, 1);
            self.display.set_message(&format!(
                "The network failed ({}) and was started again. It plays on with the next phrase.",
                reason(&*panic)
            ));
            self.version = 0;
            // Whoever waits for this plan need not wait any longer.
            if let Some(id) = self.at_work.take() {
                self.reply(Reply::Done { id });
            }
        }
    }

    /// Answers requests until it is time to stop.
    fn play(&mut self) {
        let mut continuation: Option<Continuation> = None;
        let mut busy = Instant::now();
        while !self.stopping() {
            if let Some(network) = self.slot.newer(&mut self.version) {
                match &mut continuation {
                    Some(continuation) => continuation.swap(network),
                    None => continuation = Some(Continuation::new(network)),
                }
            }
            let request = self.bridge.requests.pop();
            match (request, &mut continuation) {
                (Some(request), Some(continuation)) => self.answer(continuation, request),
                // No network, no notes, but no one is kept waiting either.
                (Some(Request::Plan { id, .. }), None) => self.reply(Reply::Done { id }),
                (Some(_), None) => {}
                (None, _) => {
                    thread::park_timeout(nap(busy.elapsed()));
                    continue;
                }
            }
            busy = Instant::now();
        }
    }

    fn answer(&mut self, continuation: &mut Continuation, request: Request) {
        let Request::Plan { id, epoch, .. } = request else {
            return tell(continuation, request, &mut |_| {});
        };
        self.at_work = Some(id);
        tell(continuation, request, &mut |note| {
            self.reply(Reply::Note { epoch, note });
        });
        self.at_work = None;
        self.reply(Reply::Done { id });
    }

    /// Hands over a reply, when there is room for it: an idle host takes none.
    fn reply(&mut self, reply: Reply) {
        while self.bridge.replies.is_full() && !self.stopping() {
            thread::park_timeout(SHORTEST_NAP);
        }
        // Full here means that it is time to stop, and nobody listens any more.
        let _ = self.bridge.replies.push(reply);
    }

    fn stopping(&self) -> bool {
        // Relaxed: see `drop`.
        self.stop.load(Ordering::Relaxed)
    }
}

/// Hands a request to the continuation; `emit` gets the notes of a plan.
fn tell(continuation: &mut Continuation, request: Request, emit: &mut dyn FnMut(Note)) {
    match request {
        Request::Clear {
            metre,
            style,
            voices,
        } => continuation.clear(metre, style, voices),
        Request::NoteOn {
            at,
            pitch,
            velocity,
        } => continuation.note_on(at, pitch, velocity),
        Request::NoteOff { at, pitch } => continuation.note_off(at, pitch),
        Request::Begin {
            at,
            end,
            seed,
            again,
        } => continuation.begin(at, end, seed, again),
        Request::Plan {
            from,
            until,
            end,
            settings,
            ..
        } => continuation.plan(from..until, end, &settings, emit),
    }
}

/// How long to wait before looking again, when the last request is that long ago.
fn nap(idle: Duration) -> Duration {
    if idle > IDLE {
        IDLE_NAP
    } else {
        (idle / 50).clamp(SHORTEST_NAP, LONGEST_NAP)
    }
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

#[cfg(test)]
mod tests;
