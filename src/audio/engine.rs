//! The engine: a block of the player's events in, a block of notes out.
//!
//! Audio thread. Everything in a block happens in the order of musical time, whatever the block's
//! size: the player's notes go to the duet by their nearest tick, planning lines make the duet ask
//! for the answer a little ahead, and the answer's notes start and end on their samples.

use std::thread::Thread;
use std::time::Duration;

use harmonai_core::music::note::{Pitch, Velocity};
use harmonai_core::music::time::Ticks;
use harmonai_core::play::duet::{Activity, Duet, PLAN_STEP, Rules};

use super::clock::{Block, Clock};
use super::keys::{Key, Keys};
use super::port::{Gesture, Played, Port};
use super::stage::{Scene, Stage};
use super::{Buttons, Call, Controls, Thru};
use crate::link::queues::AudioEnd;
use crate::link::view::{Moment, Part, Reporter};

/// Planning lines in a block, at most. More pass only where a host's time is not to be trusted.
const LINES: u32 = 1024;

/// One plug-in's engine.
pub struct Engine {
    clock: Clock,
    duet: Duet,
    stage: Stage,
    /// The planning line to be passed next.
    line: Ticks,
    /// Did the host's transport roll in the block before?
    rolled: bool,
    /// Did the duet play, and by its own clock?
    playing: bool,
    own_clock: bool,
    /// The buttons as they were acted on last.
    buttons: Buttons,
    /// Phrases that have come from elsewhere, and wishes to hear an answer again, as of then.
    loaded: u32,
    recalls: u16,
    /// Where the block before ended.
    left: Ticks,
    /// Keys that the player holds.
    pressed: Keys,
}

/// What does not change within a block.
struct Bar<'a, P> {
    block: Block,
    rules: &'a dyn Fn() -> Rules,
    thru: Thru,
    trigger: Option<Pitch>,
    channel: Option<u8>,
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
    pub fn new(bridge: AudioEnd, reporter: Reporter) -> Self {
        Self {
            clock: Clock::default(),
            duet: Duet::new(),
            stage: Stage::new(bridge, reporter),
            line: Ticks::ZERO,
            rolled: false,
            playing: false,
            own_clock: false,
            buttons: Buttons::default(),
            loaded: 0,
            recalls: 0,
            left: Ticks::ZERO,
            pressed: Keys::default(),
        }
    }

    /// Tells which thread to wake where the engine may wait for an answer. Not while processing.
    pub fn set_worker(&mut self, worker: Option<Thread>) {
        self.stage.set_worker(worker);
    }

    /// No block will be longer than that, and what was pressed so far is over. Not while processing.
    pub fn expect_blocks(&mut self, longest: u32, pressed: Buttons) {
        self.clock.expect_blocks(longest);
        self.buttons = pressed;
    }

    /// Forgets everything; what still sounds is closed at the start of the next block.
    pub fn reset(&mut self) {
        self.clock.reset();
        // All that it asks for is a hush, and that is done here.
        self.duet.stop(&mut |_| {});
        self.stage.epoch = self.duet.epoch();
        self.stage.clear();
        self.pressed.clear();
        (self.rolled, self.playing) = (false, false);
    }

    /// One block.
    pub fn process<P: Port>(&mut self, call: Call<'_>, port: &mut P) {
        let (frames, controls) = (call.frames, &call.controls);
        let block = self.clock.advance(&call.time, frames, call.sample_rate);
        let mut bar = Bar {
            block,
            rules: call.rules,
            thru: controls.thru,
            trigger: controls.trigger,
            channel: controls.channel,
            playing: block.rolling && !controls.bypass,
            patience: call.patience,
            port,
        };
        self.stage.sounding.settle(bar.port);
        self.follow_transport(&mut bar);
        self.stage.channel = bar.channel.unwrap_or(self.stage.channel);
        self.follow_wishes(controls, &mut bar);
        self.stage.receive();
        self.report(&bar);
        self.play(&mut bar);
        self.left = block.tick_at(frames);
    }

    /// Starts, stops and jumps.
    fn follow_transport<P: Port>(&mut self, bar: &mut Bar<'_, P>) {
        let at = bar.block.tick_at(0);
        let anew = !self.playing || bar.block.own_clock != self.own_clock;
        let started = bar.playing && (anew || bar.block.jumped);
        let stopped = self.playing && !bar.playing;
        if started {
            self.stage.reporter.jump(self.left, at);
            self.line = at.ceil_to(PLAN_STEP);
        }
        if started || stopped {
            let back = at < self.left;
            let mut scene = bar.scene(&mut self.stage, 0);
            if anew || stopped {
                self.duet.stop(&mut |action| scene.act(action));
            } else {
                self.duet.jump(back, &mut |action| scene.act(action));
            }
            self.stage.epoch = self.duet.epoch();
        }
        // A worker that missed something needs a new phrase, and a kept one would keep it waiting.
        let waits = self.duet.activity() == Activity::Waiting && !self.duet.keeps();
        if self.stage.has_lost() && !waits {
            let rules = bar.rules();
            let mut scene = bar.scene(&mut self.stage, 0);
            self.duet.clear(&rules, &mut |action| scene.act(action));
            self.stage.epoch = self.duet.epoch();
        }
        let rolls = bar.block.rolling && !bar.block.own_clock;
        if self.rolled && !rolls {
            // The player's notes too: hosts stop without letting go of the keys on their tracks.
            self.stage.sounding.close(0, bar.port);
            self.stage.tell_ended(at);
        }
        self.rolled = rolls;
        (self.playing, self.own_clock) = (bar.playing, bar.block.own_clock);
    }

    /// What the player wants by buttons and from the window.
    fn follow_wishes<P: Port>(&mut self, controls: &Controls, bar: &mut Bar<'_, P>) {
        let (before, now) = (self.buttons, controls.buttons);
        let loaded = controls.loaded != self.loaded;
        let recalled = controls.recall.count != self.recalls;
        (self.buttons, self.loaded, self.recalls) = (now, controls.loaded, controls.recall.count);
        if now == before && !loaded && !recalled {
            return;
        }
        let rules = bar.rules();
        let mut scene = bar.scene(&mut self.stage, 0);
        if now.panic != before.panic {
            self.duet.hush(&mut |action| scene.act(action));
            scene.stage.sounding.close(0, scene.port);
            scene.stage.tell_ended(scene.at);
        }
        if now.clear != before.clear {
            self.duet.clear(&rules, &mut |action| scene.act(action));
        }
        if loaded {
            self.duet.load(&rules, &mut |action| scene.act(action));
        }
        self.stage.epoch = self.duet.epoch();
        if bar.playing && now.generate != before.generate {
            self.duet.ask();
        }
        if bar.playing && recalled {
            self.duet.recall(controls.recall.id, controls.recall.length);
        }
    }

    /// Everything in the block, in the order in which it happens.
    fn play<P: Port>(&mut self, bar: &mut Bar<'_, P>) {
        let (mut now, mut lines) = (0, 0);
        let last = bar.block.frames.saturating_sub(1);
        let mut played = bar.port.next();
        loop {
            let player = played.map(|played| (i64::from(played.sample.min(last)), Next::Player));
            let all = self.next_musical(bar).into_iter().flatten().chain(player);
            // What is overdue comes now, in its turn.
            let soonest = all.min_by_key(|(due, next)| ((*due).max(i64::from(now)), *next));
            let Some((due, next)) = soonest else { break };
            let inside = next == Next::Player || due < i64::from(bar.block.frames);
            if !inside {
                break;
            }
            now = now.max(due.clamp(0, i64::from(last)) as u32);
            match next {
                Next::End => {
                    self.stage.end_next(now, bar.block.tick_at(now), bar.port);
                }
                Next::Line => {
                    lines += 1;
                    self.pass_line(bar, now, lines);
                }
                Next::Player => {
                    if let Some(played) = played {
                        self.hear(bar, now, played);
                    }
                    played = bar.port.next();
                }
                Next::Note => {
                    let end = self.duet.answer().and_then(|(_, end)| end);
                    self.stage.play_next(&bar.block, due, end, now, bar.port);
                }
            }
        }
    }

    /// What happens next of all that is not the player's, and on which sample.
    fn next_musical<P>(&self, bar: &Bar<'_, P>) -> [Option<(i64, Next)>; 3] {
        if !bar.playing {
            return [None; 3];
        }
        let end = self.stage.sounding.next_end();
        let note = self.stage.schedule.next();
        [
            end.map(|end| (bar.block.sample_of(end), Next::End)),
            Some((bar.block.sample_after(self.line), Next::Line)),
            note.map(|note| (bar.block.sample_of(note.onset), Next::Note)),
        ]
    }

    /// The position passes a planning line.
    fn pass_line<P: Port>(&mut self, bar: &mut Bar<'_, P>, sample: u32, count: u32) {
        let (line, rules) = (self.line, bar.rules());
        let mut scene = bar.scene(&mut self.stage, sample);
        self.duet
            .line(line, &rules, &mut |action| scene.act(action));
        self.stage.epoch = self.duet.epoch();
        self.line = if count < LINES {
            line + PLAN_STEP
        } else {
            // The next plan makes up for the lines left out.
            bar.block
                .tick_at(bar.block.frames)
                .ceil_to(PLAN_STEP)
                .max(line + PLAN_STEP)
        };
    }

    /// The player does something.
    fn hear<P: Port>(&mut self, bar: &mut Bar<'_, P>, sample: u32, played: Played) {
        // After the last line: that one has taken all earlier ticks for told.
        let at = bar
            .block
            .tick_at(sample)
            .max(self.line - PLAN_STEP + Ticks::new(1));
        match played.gesture {
            // Some hosts mean a note-off by a velocity of 0, others a note that is soft.
            Gesture::Press(key, velocity) if velocity > 0.0 || !self.pressed.contains(key) => {
                let loud = velocity > 0.0;
                self.press(
                    bar,
                    sample,
                    at,
                    key,
                    if loud { velocity } else { SOFT.unit() },
                );
            }
            Gesture::Press(key, _) => self.release(bar, sample, at, key),
            Gesture::Release {
                channel: Some(channel),
                pitch: Some(pitch),
            } => {
                self.release(bar, sample, at, Key::new(channel, pitch));
            }
            Gesture::Release { channel, pitch } => {
                for key in self.pressed.iter() {
                    let named = channel.is_none_or(|channel| channel == key.channel())
                        && pitch.is_none_or(|pitch| pitch == key.pitch);
                    if named {
                        self.release(bar, sample, at, key);
                    }
                }
            }
        }
    }

    fn press<P: Port>(
        &mut self,
        bar: &mut Bar<'_, P>,
        sample: u32,
        at: Ticks,
        key: Key,
        velocity: f32,
    ) {
        if bar.trigger == Some(key.pitch) {
            if bar.playing {
                self.duet.ask();
            }
            return;
        }
        self.pressed.insert(key);
        self.stage.channel = bar.channel.unwrap_or(key.channel());
        if bar.playing {
            let (struck, rules) = (Velocity::from_unit(velocity), bar.rules());
            let mut scene = bar.scene(&mut self.stage, sample);
            self.duet
                .note_on(at, key.pitch, struck, &rules, &mut |action| {
                    scene.act(action)
                });
            self.stage.epoch = self.duet.epoch();
            self.stage
                .reporter
                .note_on(Part::Phrase, at, key.pitch, struck);
        }
        let through = match bar.thru {
            Thru::Off => false,
            Thru::Listening => self.duet.activity() != Activity::Answering,
            Thru::Always => true,
        };
        if through {
            self.stage.sounding.press(key, velocity, sample, bar.port);
            self.stage.tell_ended(at);
        }
    }

    fn release<P: Port>(&mut self, bar: &mut Bar<'_, P>, sample: u32, at: Ticks, key: Key) {
        // The duet knows no channels: the key is up once it is up on all of them.
        let up = self.pressed.remove(key) && !self.pressed.contains_pitch(key.pitch);
        if bar.playing && up {
            let mut scene = bar.scene(&mut self.stage, sample);
            self.duet
                .note_off(at, key.pitch, &mut |action| scene.act(action));
            self.stage.reporter.note_off(Part::Phrase, at, key.pitch);
        }
        self.stage.sounding.release(key, sample, bar.port);
    }

    fn report<P>(&mut self, bar: &Bar<'_, P>) {
        let answer = self.duet.answer();
        self.stage.reporter.moment(&Moment {
            playing: bar.block.rolling,
            position: bar.block.position(0),
            tempo: bar.block.tempo,
            metre: bar.block.metre,
            activity: self.duet.activity(),
            listening: self.duet.listening(),
            answer: answer.map(|(start, end)| start..end.unwrap_or(Ticks::new(i64::MAX))),
        });
    }
}

/// What a note gets whose host says 0 and means a note.
const SOFT: Velocity = Velocity::DEFAULT;

impl<P: Port> Bar<'_, P> {
    fn scene<'s>(&'s mut self, stage: &'s mut Stage, sample: u32) -> Scene<'s, P> {
        Scene {
            stage,
            port: self.port,
            sample,
            at: self.block.tick_at(sample),
            patience: self.patience,
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            metre: self.block.metre,
            ..(self.rules)()
        }
    }
}

#[cfg(test)]
mod tests;
