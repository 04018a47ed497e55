//! The answer between being asked for and having sounded: what the duet's actions act upon.
//!
//! Audio thread; part of the [`super::Engine`].

use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use harmonai_core::music::note::Velocity;
use harmonai_core::music::time::Ticks;
use harmonai_core::play::duet::{Action, PLAN_STEP, Reply, Request};

use super::clock::Block;
use super::keys::MidiKey;
use super::port::Port;
use super::schedule::Schedule;
use super::sounding::Sounding;
use crate::link::queues::AudioEnd;
use crate::link::view::{EngineViewWriter, Glitch, NoteSource};

/// Tries to get an answer by yielding before it sleeps between them.
const YIELDS: u32 = 64;

/// Sleep between later tries.
const NAP: Duration = Duration::from_micros(50);

/// Requests, replies, planned notes and sounding notes.
pub struct AnswerPlayback {
    queues: AudioEnd,
    /// The worker's thread, to be woken where its answer is waited for.
    pub worker: Option<Thread>,
    pub writer: EngineViewWriter,
    pub schedule: Schedule,
    pub sounding: Sounding,
    /// Notes of other epochs are not wanted.
    pub epoch: u32,
    /// Channel of the answer: the one the player was heard on last.
    pub channel: u8,
    /// The last request that was answered in full.
    done: Option<u64>,
    /// The worker missed something: nothing is asked until a new phrase begins.
    pub lost: bool,
}

impl AnswerPlayback {
    pub fn new(queues: AudioEnd, writer: EngineViewWriter) -> Self {
        Self {
            queues,
            worker: None,
            writer,
            schedule: Schedule::default(),
            sounding: Sounding::default(),
            epoch: 0,
            channel: 0,
            done: None,
            lost: false,
        }
    }

    /// Takes in what the worker has answered.
    pub fn receive(&mut self) {
        while let Some(reply) = self.queues.replies.pop() {
            match reply {
                Reply::Note { epoch, note } if epoch == self.epoch => {
                    if self.schedule.insert(note) {
                        self.writer.planned(note);
                    } else {
                        self.writer.record(Glitch::LeftOutNote);
                    }
                }
                Reply::Note { .. } => {}
                Reply::Done { id } => self.done = Some(id),
            }
        }
    }

    /// Plays the next planned note, whose place is `due`, at `sample`; late if need be.
    pub fn play_next(
        &mut self,
        block: &Block,
        due: i64,
        end: Option<Ticks>,
        sample: u32,
        port: &mut impl Port,
    ) {
        let Some(note) = self.schedule.pop() else {
            return;
        };
        let late = i64::from(sample) - due;
        let end = end.map_or(note.end(), |end| end.min(note.end()));
        // A sample late is the last digit of the host's position.
        let gone = late > 1
            && (late as f64 > block.samples(PLAN_STEP)
                || block.sample_of(end) <= i64::from(sample));
        if gone {
            self.writer.record(Glitch::LeftOutNote);
            return;
        }
        if late > 1 {
            self.writer.record(Glitch::LateNote);
        }
        let key = MidiKey::new(self.channel, note.pitch);
        let velocity = note.velocity.unwrap_or(Velocity::DEFAULT);
        let struck = self.sounding.play(key, velocity.unit(), end, sample, port);
        // The one before it on the same key.
        self.tell_ended(note.onset);
        if struck {
            (self.writer).note_on(NoteSource::Answer, note.onset, note.pitch, velocity);
        } else {
            self.writer.record(Glitch::LeftOutNote);
        }
    }

    /// Closes the note of the answer that ends next.
    pub fn end_next(&mut self, sample: u32, at: Ticks, port: &mut impl Port) -> bool {
        let ended = self.sounding.end_next(sample, port);
        self.tell_ended(at);
        ended.is_some()
    }

    /// Shows that notes of the answer have ended, in whatever way.
    pub fn tell_ended(&mut self, at: Ticks) {
        for key in self.sounding.take_ended().iter() {
            self.writer.note_off(NoteSource::Answer, at, key.pitch);
        }
    }

    /// Drops all that is planned and closes all that sounds, at the next chance to. Notes of epochs
    /// before this one are not wanted any more.
    pub fn clear(&mut self, epoch: u32) {
        self.epoch = epoch;
        self.schedule.clear();
        self.sounding.owe_all();
        // Where that is, is not known here: they are shown as short.
        self.tell_ended(Ticks::new(i64::MIN));
        self.writer.hush();
    }

    /// Does what the duet wants at `sample` of the block, which is `at` in musical time.
    pub fn act(
        &mut self,
        action: Action,
        sample: u32,
        at: Ticks,
        port: &mut impl Port,
        patience: &mut dyn FnMut() -> Duration,
    ) {
        match action {
            Action::Ask(request) => self.ask(request, patience),
            Action::Hush => {
                self.schedule.clear();
                self.writer.hush();
                while self.end_next(sample, at, port) {}
            }
            Action::EndAt(end) => {
                // An end that is past already is now: at the next tick, since notes end on ticks.
                let end = end.max(at);
                self.schedule.truncate(end);
                self.sounding.cut(end);
                self.show_plan();
            }
        }
    }

    fn ask(&mut self, request: Request, patience: &mut dyn FnMut() -> Duration) {
        // After a loss the next phrase is the first thing that makes sense again.
        let restarts = matches!(request, Request::Clear { .. } | Request::Load { .. });
        if self.lost && !restarts {
            return;
        }
        if self.queues.requests.is_full() {
            self.wait(patience(), |playback| !playback.queues.requests.is_full());
        }
        let pushed = self.queues.requests.push(request);
        if !pushed {
            self.writer.record(Glitch::QueueOverrun);
        }
        match request {
            // The next plan makes up for a lost one.
            Request::Plan { id, epoch, .. } => {
                self.epoch = epoch;
                if pushed {
                    self.wait(patience(), |playback| playback.done == Some(id));
                }
            }
            _ => self.lost = !pushed,
        }
    }

    /// Waits for the worker until `done`, `patience` at most.
    fn wait(&mut self, patience: Duration, done: impl Fn(&Self) -> bool) {
        if patience.is_zero() {
            return;
        }
        let Some(worker) = &self.worker else { return };
        worker.unpark();
        let start = Instant::now();
        for tries in 0.. {
            self.receive();
            if done(self) || start.elapsed() >= patience {
                break;
            }
            if tries < YIELDS {
                thread::yield_now()
            } else {
                thread::sleep(NAP)
            }
        }
    }

    /// Shows the plan again after some of it was dropped.
    fn show_plan(&mut self) {
        self.writer.hush();
        for note in self.schedule.iter() {
            self.writer.planned(note);
        }
    }
}
