//! The thread on which the network plays: one for each plug-in instance.
//!
//! It takes requests off the [queue](crate::link::queues) in order and puts the answer's notes
//! back. New networks come through a [mailbox](crate::project::models::ModelMailbox) a slot and take
//! over between two requests. A panic costs the phrase, not the host: it is caught, shown, and the
//! thread goes on with a fresh [`RequestHandler`]. While there is no request, the handler's [`scout`]
//! goes ahead, a step at a time, so that no request waits for long.
//!
//! Nothing here decides when an answer begins or ends: that is the duet's, on the audio thread.

mod handler;
mod scout;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use harmonai_core::play::duet::{Reply, Request};

use crate::link::queues::WorkerEnd;
use crate::link::sync::panic_message;
use crate::link::view::Glitch;
use handler::RequestHandler;
pub use handler::WorkerContext;

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
    /// Starts the thread. It begins to answer once there is a network in the first slot.
    pub fn start(queues: WorkerEnd, context: WorkerContext) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let worker_loop = WorkerLoop {
            queues,
            context,
            stop: stop.clone(),
            at_work: None,
            waited: Duration::ZERO,
        };
        let thread = thread::Builder::new()
            .name("harmonai-player".to_owned())
            .spawn(move || worker_loop.run())?;
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
struct WorkerLoop {
    queues: WorkerEnd,
    context: WorkerContext,
    stop: Arc<AtomicBool>,
    /// The plan that is being made.
    at_work: Option<u64>,
    /// How long it has waited for room for its replies, which is no work.
    waited: Duration,
}

impl WorkerLoop {
    fn run(mut self) {
        // AssertUnwindSafe: the handler is dropped in a panic, the rest is whole at all times.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.play())) {
            self.context.view.record(Glitch::WorkerRestart);
            self.context.view.messages().set_trouble(&format!(
                "The network failed ({}) and was started again. It plays on with the next phrase.",
                panic_message(&*panic)
            ));
            self.context.phrases.put(None);
            // Whoever waits for this plan need not wait any longer.
            if let Some(id) = self.at_work.take() {
                self.reply(Reply::Done { id });
            }
        }
    }

    /// Answers requests until it is time to stop.
    fn play(&mut self) {
        let mut handler = RequestHandler::new(self.context.clone());
        let mut asked = Instant::now();
        while !self.stopping() {
            let since = Instant::now();
            handler.pick_up_models();
            let working = match self.queues.requests.pop() {
                Some(request) => {
                    self.answer(&mut handler, request);
                    asked = Instant::now();
                    true
                }
                None => handler.scout(),
            };
            let waited = std::mem::take(&mut self.waited);
            let worked = since.elapsed().saturating_sub(waited);
            self.context.view.worked(worked);
            if !working {
                thread::park_timeout(nap(asked.elapsed()));
            }
        }
    }

    fn answer(&mut self, handler: &mut RequestHandler, request: Request) {
        let Request::Plan { id, epoch, .. } = request else {
            return handler.handle(request, &mut |_| {});
        };
        self.at_work = Some(id);
        // No network, no notes, but no one is kept waiting either.
        handler.handle(request, &mut |note| {
            self.reply(Reply::Note { epoch, note });
        });
        self.at_work = None;
        self.reply(Reply::Done { id });
    }

    /// Hands over a reply, when there is room for it: an idle host takes none.
    fn reply(&mut self, reply: Reply) {
        while self.queues.replies.is_full() && !self.stopping() {
            let since = Instant::now();
            thread::park_timeout(SHORTEST_NAP);
            self.waited += since.elapsed();
        }
        // Full here means that it is time to stop, and nobody listens any more.
        let _ = self.queues.replies.push(reply);
    }

    fn stopping(&self) -> bool {
        // Relaxed: see `drop`.
        self.stop.load(Ordering::Relaxed)
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

#[cfg(test)]
mod tests;
