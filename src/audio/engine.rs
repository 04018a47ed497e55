//! The engine: a block of the player's events in, a block of notes out.
//!
//! Audio thread. Everything in a block happens in the order of musical time, whatever the block's
//! size: the player's notes go to the duet by their nearest tick, planning lines make the duet ask
//! for the answer a little ahead, and the answer's notes start and end on their samples.

use std::thread::Thread;
use std::time::Duration;

use harmonai_core::music::note::Velocity;
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::duet::{Action, Activity, Duet, PLAN_STEP, Rules};

use super::answer_playback::AnswerPlayback;
use super::call::{Controls, ProcessCall, Thru};
use super::clock::{Block, Clock};
use super::keys::{KeySet, MidiKey};
use super::port::{Gesture, Played, Port};

use crate::link::commands::{Command, CommandReceiver};
use crate::link::queues::AudioEnd;
use crate::link::view::{EngineSnapshot, EngineViewWriter, NoteSource};

/// Planning lines in a block, at most. More pass only where a host's time is not to be trusted.
const LINES: u32 = 1024;

/// One plug-in's engine.
pub struct Engine {
    clock: Clock,
    duet: Duet,
    playback: AnswerPlayback,
    /// The planning line to be passed next.
    line: Ticks,
    /// Did the host's transport roll in the block before?
    rolled: bool,
    /// Did the duet play, and by its own clock?
    playing: bool,
    own_clock: bool,
    commands: CommandReceiver,
    /// Where the block before ended.
    left: Ticks,
    pressed: KeySet,
}

/// Per-block inputs, constant for the block, and the host's port.
struct BlockContext<'a, P> {
    block: Block,
    rules: &'a dyn Fn(Metre) -> Rules,
    controls: Controls,
    /// Does the transport roll, and is nothing bypassed?
    playing: bool,
    patience: &'a mut dyn FnMut() -> Duration,
    port: &'a mut P,
}

/// What happens next. Of things that fall on one sample the earlier in this list comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    End,
    Line,
    Player,
    Note,
}

impl Engine {
    /// An engine that has heard nothing.
    pub fn new(queues: AudioEnd, writer: EngineViewWriter, commands: CommandReceiver) -> Self {
        Self {
            clock: Clock::default(),
            duet: Duet::default(),
            playback: AnswerPlayback::new(queues, writer),
            line: Ticks::ZERO,
            rolled: false,
            playing: false,
            own_clock: false,
            commands,
            left: Ticks::ZERO,
            pressed: KeySet::default(),
        }
    }

    /// Tells which thread to wake where the engine may wait for an answer. Not while processing.
    pub fn set_worker(&mut self, worker: Option<Thread>) {
        self.playback.worker = worker;
    }

    /// No block will be longer than that; buttons pressed so far are over. Not while processing.
    pub fn expect_blocks(&mut self, longest: u32) {
        self.clock.expect_blocks(longest);
        self.commands.forget_buttons();
    }

    /// Forgets everything; what still sounds is closed at the start of the next block.
    pub fn reset(&mut self) {
        self.clock.reset();
        // All that it asks for is a hush, and that is done here.
        self.duet.stop(&mut |_| {});
        self.playback.clear(self.duet.epoch());
        self.pressed.clear();
        (self.rolled, self.playing) = (false, false);
    }

    /// One block: starts and stops, commands, what the worker has answered, and then all that the
    /// player and the answer do, in the order of musical time ([`Self::play`]).
    pub fn process<P: Port>(&mut self, call: ProcessCall<'_>, port: &mut P) {
        let (frames, controls) = (call.frames, call.controls);
        let block = self.clock.advance(&call.time, frames, call.sample_rate);
        let mut context = BlockContext {
            block,
            rules: call.rules,
            controls,
            playing: block.rolling && !controls.bypass,
            patience: call.patience,
            port,
        };
        self.playback.sounding.settle(context.port);
        self.follow_transport(&mut context);
        self.playback.channel = controls.channel.unwrap_or(self.playback.channel);
        self.follow_commands(&mut context);
        self.playback.receive();
        self.report(&context);
        self.play(&mut context);
        self.left = block.tick_at(frames);
    }

    fn follow_transport<P: Port>(&mut self, context: &mut BlockContext<'_, P>) {
        let at = context.block.tick_at(0);
        let restarted = !self.playing || context.block.own_clock != self.own_clock;
        let started = context.playing && (restarted || context.block.jumped);
        let stopped = self.playing && !context.playing;
        if started {
            self.playback.writer.jump(self.left, at);
            self.line = at.ceil_to(PLAN_STEP);
        }
        if started || stopped {
            let (back, restarts) = (at < self.left, restarted || stopped);
            self.turn(context, 0, |duet, out| match restarts {
                true => duet.stop(out),
                false => duet.jump(back, out),
            });
        }
        // A worker that missed something needs a new phrase, and a kept one would keep it waiting.
        let waits = self.duet.activity() == Activity::Waiting && !self.duet.keeps();
        if self.playback.lost && !waits {
            let rules = context.rules();
            self.turn(context, 0, |duet, out| duet.clear(&rules, out));
        }
        let rolls = context.block.rolling && !context.block.own_clock;
        if self.rolled && !rolls {
            // The player's notes too: hosts stop without letting go of the keys on their tracks.
            self.playback.sounding.close(0, context.port);
            self.playback.tell_ended(at);
        }
        self.rolled = rolls;
        (self.playing, self.own_clock) = (context.playing, context.block.own_clock);
    }

    /// Lets the duet act at `sample`, and does what it asks for: the one way to it that can ask.
    fn turn<P: Port>(
        &mut self,
        context: &mut BlockContext<'_, P>,
        sample: u32,
        act: impl FnOnce(&mut Duet, &mut dyn FnMut(Action)),
    ) {
        let (at, playback) = (context.block.tick_at(sample), &mut self.playback);
        act(&mut self.duet, &mut |action| {
            playback.act(action, sample, at, context.port, context.patience);
        });
        self.playback.epoch = self.duet.epoch();
    }

    /// What the player wants by buttons and from the window; what an opened project brings.
    fn follow_commands<P: Port>(&mut self, context: &mut BlockContext<'_, P>) {
        for command in self.commands.take() {
            match command {
                Command::Panic => {
                    self.turn(context, 0, |duet, out| duet.hush(out));
                    self.playback.sounding.close(0, context.port);
                    self.playback.tell_ended(context.block.tick_at(0));
                }
                Command::Clear => {
                    let rules = context.rules();
                    self.turn(context, 0, |duet, out| duet.clear(&rules, out));
                }
                Command::Load => {
                    let rules = context.rules();
                    self.turn(context, 0, |duet, out| duet.load(&rules, out));
                }
                Command::Generate if context.playing => self.duet.ask(),
                Command::Recall { id, length } if context.playing => self.duet.recall(id, length),
                Command::Generate | Command::Recall { .. } => {}
            }
        }
    }

    /// Everything in the block, in the order in which it happens.
    fn play<P: Port>(&mut self, context: &mut BlockContext<'_, P>) {
        let (mut now, mut lines) = (0, 0);
        let last = context.block.frames.saturating_sub(1);
        let mut played = context.port.next();
        loop {
            let player = played.map(|played| (i64::from(played.sample.min(last)), Next::Player));
            let all = self.next_musical(context);
            let all = all.into_iter().flatten().chain(player);
            // What is overdue comes now, in its turn.
            let soonest = all.min_by_key(|(due, next)| ((*due).max(i64::from(now)), *next));
            let Some((due, next)) = soonest else { break };
            let inside = next == Next::Player || due < i64::from(context.block.frames);
            if !inside {
                break;
            }
            now = now.max(due.clamp(0, i64::from(last)) as u32);
            match next {
                Next::End => {
                    let at = context.block.tick_at(now);
                    self.playback.end_next(now, at, context.port);
                }
                Next::Line => {
                    lines += 1;
                    self.pass_line(context, now, lines);
                }
                Next::Player => {
                    if let Some(played) = played {
                        self.hear(context, now, played);
                    }
                    played = context.port.next();
                }
                Next::Note => {
                    let end = self.duet.answer().and_then(|(_, end)| end);
                    self.playback
                        .play_next(&context.block, due, end, now, context.port);
                }
            }
        }
    }

    /// What happens next of all that is not the player's, and on which sample.
    fn next_musical<P>(&self, context: &BlockContext<'_, P>) -> [Option<(i64, Next)>; 3] {
        if !context.playing {
            return [None; 3];
        }
        let end = self.playback.sounding.next_end();
        let note = self.playback.schedule.next();
        [
            end.map(|end| (context.block.sample_of(end), Next::End)),
            Some((context.block.sample_after(self.line), Next::Line)),
            note.map(|note| (context.block.sample_of(note.onset), Next::Note)),
        ]
    }

    /// The position passes a planning line.
    fn pass_line<P: Port>(&mut self, context: &mut BlockContext<'_, P>, sample: u32, count: u32) {
        let (line, rules) = (self.line, context.rules());
        self.turn(context, sample, |duet, out| duet.line(line, &rules, out));
        self.line = line + PLAN_STEP;
        if count >= LINES {
            // The next plan makes up for the lines left out.
            let end = context.block.tick_at(context.block.frames);
            self.line = self.line.max(end.ceil_to(PLAN_STEP));
        }
    }

    /// The player does something.
    fn hear<P: Port>(&mut self, context: &mut BlockContext<'_, P>, sample: u32, played: Played) {
        // After the last line: that one has taken all earlier ticks for told.
        let told = self.line - PLAN_STEP;
        let at = context.block.tick_at(sample).max(told + Ticks::new(1));
        match played.gesture {
            // Some hosts mean a note-off by a velocity of 0, others a note that is soft.
            Gesture::Press(key, velocity) if velocity > 0.0 || !self.pressed.contains(key) => {
                let loud = velocity > 0.0;
                let velocity = if loud { velocity } else { SOFT.unit() };
                self.press(context, sample, at, key, velocity);
            }
            Gesture::Press(key, _) => self.release(context, sample, at, key),
            Gesture::Release {
                channel: Some(channel),
                pitch: Some(pitch),
            } => {
                self.release(context, sample, at, MidiKey::new(channel, pitch));
            }
            Gesture::Release { channel, pitch } => {
                for key in self.pressed.iter() {
                    let named = channel.is_none_or(|channel| channel == key.channel())
                        && pitch.is_none_or(|pitch| pitch == key.pitch);
                    if named {
                        self.release(context, sample, at, key);
                    }
                }
            }
        }
    }

    fn press<P: Port>(
        &mut self,
        context: &mut BlockContext<'_, P>,
        sample: u32,
        at: Ticks,
        key: MidiKey,
        velocity: f32,
    ) {
        if context.controls.trigger == Some(key.pitch) {
            if context.playing {
                self.duet.ask();
            }
            return;
        }
        self.pressed.insert(key);
        self.playback.channel = context.controls.channel.unwrap_or(key.channel());
        if context.playing {
            let (struck, rules) = (Velocity::from_unit(velocity), context.rules());
            self.turn(context, sample, |duet, out| {
                duet.note_on(at, key.pitch, struck, &rules, out);
            });
            let writer = &mut self.playback.writer;
            writer.note_on(NoteSource::Phrase, at, key.pitch, struck);
        }
        let through = match context.controls.thru {
            Thru::Off => false,
            Thru::Listening => self.duet.activity() != Activity::Answering,
            Thru::Always => true,
        };
        if through {
            let sounding = &mut self.playback.sounding;
            sounding.press(key, velocity, sample, context.port);
            self.playback.tell_ended(at);
        }
    }

    fn release<P: Port>(
        &mut self,
        context: &mut BlockContext<'_, P>,
        sample: u32,
        at: Ticks,
        key: MidiKey,
    ) {
        // The duet knows no channels: the key is up once it is up on all of them.
        let up = self.pressed.remove(key) && !self.pressed.contains_pitch(key.pitch);
        if context.playing && up {
            self.turn(context, sample, |duet, out| {
                duet.note_off(at, key.pitch, out);
            });
            let writer = &mut self.playback.writer;
            writer.note_off(NoteSource::Phrase, at, key.pitch);
        }
        self.playback.sounding.release(key, sample, context.port);
    }

    fn report<P>(&mut self, context: &BlockContext<'_, P>) {
        let answer = self.duet.answer();
        self.playback.writer.snapshot(&EngineSnapshot {
            playing: context.block.rolling,
            position: context.block.position(0),
            tempo: context.block.tempo,
            metre: context.block.metre,
            activity: self.duet.activity(),
            listening: self.duet.listening(),
            answer: answer.map(|(start, end)| start..end.unwrap_or(Ticks::new(i64::MAX))),
        });
    }
}

/// What a note gets whose host says 0 and means a note.
const SOFT: Velocity = Velocity::DEFAULT;

impl<P> BlockContext<'_, P> {
    fn rules(&self) -> Rules {
        (self.rules)(self.block.metre)
    }
}

#[cfg(test)]
mod tests;
