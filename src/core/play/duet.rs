//! Turn-taking: who plays when. The audio thread's half of the engine, in pure musical time.
//!
//! The shell tells it what the player does ([`Duet::note_on`], [`Duet::note_off`], by the nearest
//! tick) and when a planning line is passed ([`Duet::line`]); it answers with [`Action`]s. Nothing
//! here allocates, waits or knows of samples.
//!
//! ```text
//!            first note          phrase complete            answer over
//!  Waiting ------------> Listening -------------> Answering ------------> Waiting
//!                            ^    player comes in (after silence)  |
//!                            +-------------------------------------+
//! ```
//!
//! In any mode the player can ask for an answer ([`Duet::ask`]) or for an earlier one
//! ([`Duet::recall`]); either takes the place of one that plays. In a jam the answer begins on the
//! beat after the first note, and the worker is told of what the player plays into it.
//!
//! Planning lines lie every [`PLAN_STEP`]. At line g the duet asks for the notes of
//! `[g + PLAN_STEP, g + 2 PLAN_STEP)` with a snapshot of the knobs, so that what is played depends
//! on musical positions alone, never on the speed of the worker or the size of a block; and a turned
//! knob is heard within two steps, a sixteenth.

// On the audio thread too.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::unwrap_used, clippy::panic)
)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unreachable))]

mod bars;
mod latch;
mod messages;
#[cfg(test)]
mod tests;

pub use crate::play::continuation::{Entry, Repeat};
pub use messages::{Action, Mode, Reply, Request, Rules};

use crate::music::note::{Pitch, Velocity};
use crate::music::pitch_set::PitchSet;
use crate::music::time::{Span, Ticks};
use bars::{call_end, call_start, next_beat};
use latch::PhraseLatch;

/// Distance of planning lines: a thirty-second.
pub const PLAN_STEP: Ticks = Ticks::new(3);

/// What the duet is doing, for the player to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    #[default]
    Waiting,
    Listening,
    /// The answer is asked for and has not begun.
    Thinking,
    Answering,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Phase {
    #[default]
    Waiting,
    /// The call is counted from the bar line `start`.
    Listening { start: Ticks },
    /// The answer goes from `start` to `end`, as last announced.
    Answering { start: Ticks, end: Option<Ticks> },
}

/// The state of the turn-taking; at first it waits for the first note.
#[derive(Clone, Debug, Default)]
pub struct Duet {
    phase: Phase,
    /// Goes up whenever an answer is dropped.
    epoch: u32,
    next_id: u64,
    /// The keys that the player holds.
    held: PitchSet,
    /// When the player last let go of a key, or struck one.
    last_sound: Ticks,
    /// The last planning line that was passed.
    now: Ticks,
    /// End of the call, as of the last line.
    listen_until: Ticks,
    /// What the player has asked for since the last line.
    pending: Option<PendingRequest>,
    /// Length of the answer that plays, where it is an earlier one.
    recalled: Option<Ticks>,
    latch: PhraseLatch,
    /// The network that plays, as last asked for.
    slot: u8,
    /// How often the position has gone back since the transport started.
    rounds: u32,
}

#[derive(Clone, Copy, Debug)]
enum PendingRequest {
    Answer(Entry),
    Recall { id: u32, length: Ticks },
}

impl Duet {
    /// Notes that come back with another epoch belong to an answer that has been dropped.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    pub fn activity(&self) -> Activity {
        match self.phase {
            Phase::Waiting => Activity::Waiting,
            Phase::Listening { .. } => Activity::Listening,
            Phase::Answering { start, .. } if self.now < start => Activity::Thinking,
            Phase::Answering { .. } => Activity::Answering,
        }
    }

    /// Whether the phrase stays when it has been answered.
    pub fn keeps(&self) -> bool {
        self.latch.is_kept()
    }

    /// From where to where the answer goes; `None` for an end that is not known.
    pub fn answer(&self) -> Option<(Ticks, Option<Ticks>)> {
        match self.phase {
            Phase::Answering { start, end } => Some((start, end)),
            _ => None,
        }
    }

    /// From where to where the call goes; the end means nothing after silence.
    pub fn listening(&self) -> Option<Span> {
        match self.phase {
            Phase::Listening { start } => Some(start..self.listen_until),
            _ => None,
        }
    }

    /// The player strikes a key.
    pub fn note_on(
        &mut self,
        at: Ticks,
        pitch: Pitch,
        velocity: Velocity,
        rules: &Rules,
        out: &mut dyn FnMut(Action),
    ) {
        self.held.insert(pitch);
        self.last_sound = at;
        self.apply_knobs(rules, out);
        if let Phase::Answering { start, .. } = self.phase {
            let over = self.length(rules).is_some_and(|l| at >= start + l);
            match rules.mode {
                _ if over => self.phase = Phase::Waiting,
                Mode::CallResponse => return,
                Mode::AfterSilence | Mode::Manual => self.drop_answer(out),
                Mode::Jam => {}
            }
        }
        if self.phase == Phase::Waiting {
            let start = call_start(at, rules);
            self.phase = Phase::Listening { start };
            self.listen_until = call_end(start, rules);
            self.pending = None;
            if !self.latch.is_frozen() {
                self.latch.start_phrase();
                out(Action::Ask(Request::clear(rules)));
            }
        }
        if !self.latch.is_frozen() {
            out(Action::Ask(Request::NoteOn {
                at,
                pitch,
                velocity,
            }));
        }
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch, out: &mut dyn FnMut(Action)) {
        if !self.held.remove(pitch) {
            return;
        }
        self.last_sound = at;
        if self.phase != Phase::Waiting && !self.latch.is_kept() {
            out(Action::Ask(Request::NoteOff { at, pitch }));
        }
    }

    /// The player wants an answer now, in whatever mode: to the phrase so far, or, once that is
    /// answered, another one that plays on. It begins on the next beat. Before the first note there
    /// is nothing to answer.
    pub fn ask(&mut self) {
        if self.latch.has_phrase() {
            self.pending = Some(PendingRequest::Answer(Entry::Prompt));
        }
    }

    /// The player wants to hear the answer number `id` again, which was `length` long.
    pub fn recall(&mut self, id: u32, length: Ticks) {
        self.pending = Some(PendingRequest::Recall { id, length });
    }

    /// There is a phrase from elsewhere for the worker to load. It stays until the player plays
    /// another.
    pub fn load(&mut self, rules: &Rules, out: &mut dyn FnMut(Action)) {
        self.hush(out);
        self.apply_knobs(rules, out);
        self.latch.load();
        let style = rules.settings.style;
        out(Action::Ask(Request::Load { style }));
    }

    /// The answer ends at once; the phrase stays.
    pub fn hush(&mut self, out: &mut dyn FnMut(Action)) {
        self.drop_answer(out);
        self.pending = None;
    }

    /// The phrase is forgotten, also a frozen one.
    pub fn clear(&mut self, rules: &Rules, out: &mut dyn FnMut(Action)) {
        self.hush(out);
        self.latch.clear();
        out(Action::Ask(Request::clear(rules)));
    }

    /// The position passes the planning line at `at`, a multiple of [`PLAN_STEP`]. Everything played
    /// up to that tick has been told before.
    pub fn line(&mut self, at: Ticks, rules: &Rules, out: &mut dyn FnMut(Action)) {
        self.now = at;
        self.apply_knobs(rules, out);
        let from = at + PLAN_STEP;
        let mut begin = None;
        if let Phase::Listening { start } = self.phase {
            self.listen_until = call_end(start, rules);
            let start = self.answer_start(start, from, rules);
            let entry = match rules.mode {
                Mode::CallResponse | Mode::AfterSilence => Entry::Free,
                Mode::Manual | Mode::Jam => Entry::Prompt,
            };
            begin = start.map(|start| (start, PendingRequest::Answer(entry)));
        }
        if let Some(wanted) = self.pending.take() {
            if let Phase::Answering { .. } = self.phase {
                self.drop_answer(out);
            }
            begin = Some((next_beat(from, rules), wanted));
        }
        if let Some((start, wanted)) = begin {
            self.begin_answer(start, wanted, rules, out);
        }
        if let Phase::Answering {
            start,
            end: announced,
        } = self.phase
        {
            let end = self.length(rules).map(|length| start + length);
            if end != announced {
                self.phase = Phase::Answering { start, end };
                // A lengthened answer has nothing to cut.
                if let Some(end) = end.filter(|end| announced.is_none_or(|was| *end < was)) {
                    out(Action::EndAt(end.max(at)));
                }
            }
            if end.is_some_and(|end| end <= at) {
                self.phase = Phase::Waiting;
            } else {
                self.plan(from, start, end, rules, out);
            }
        }
    }

    /// The position jumps: a seek, or a loop's wrap. What was played before it is past.
    pub fn jump(&mut self, back: bool, out: &mut dyn FnMut(Action)) {
        self.hush(out);
        self.held = PitchSet::EMPTY;
        self.rounds = self.rounds.wrapping_add(back.into());
        self.latch.jump();
    }

    /// The transport starts or stops.
    pub fn stop(&mut self, out: &mut dyn FnMut(Action)) {
        self.jump(false, out);
        self.rounds = 0;
    }

    /// Passes on the knobs that act at once.
    fn apply_knobs(&mut self, rules: &Rules, out: &mut dyn FnMut(Action)) {
        if rules.slot != self.slot {
            self.slot = rules.slot;
            out(Action::Ask(Request::Model { slot: self.slot }));
        }
        self.latch.set_freeze(rules.freeze);
    }

    /// How long the answer is that plays or would play now.
    fn length(&self, rules: &Rules) -> Option<Ticks> {
        let length = rules.length.filter(|_| rules.mode != Mode::Jam);
        self.recalled.or(length)
    }

    fn begin_answer(
        &mut self,
        at: Ticks,
        wanted: PendingRequest,
        rules: &Rules,
        out: &mut dyn FnMut(Action),
    ) {
        self.phase = Phase::Answering {
            start: at,
            end: None,
        };
        self.recalled = None;
        let request = match wanted {
            PendingRequest::Recall { id, length } => {
                self.recalled = Some(length);
                Request::Recall { at, id }
            }
            PendingRequest::Answer(entry) => Request::BeginAnswer {
                at,
                entry,
                end: self.length(rules).map(|length| at + length),
                seed: match rules.repeat {
                    Repeat::Same => rules.seed,
                    // Beyond all seeds and their variations.
                    Repeat::New => rules.seed ^ u64::from(self.rounds) << 40,
                },
                again: self.latch.is_kept().then_some(rules.repeat),
            },
        };
        self.latch.mark_answered();
        out(Action::Ask(request));
    }

    /// Where the answer to a call since `start` begins, if that is to be planned from `from` on.
    fn answer_start(&self, start: Ticks, from: Ticks, rules: &Rules) -> Option<Ticks> {
        match rules.mode {
            Mode::CallResponse => {
                let until = call_end(start, rules);
                // Late when the call was shortened under way: then the next bar.
                (from >= until).then(|| until.max(rules.metre.bar_from(from)))
            }
            Mode::AfterSilence => {
                let paused = self.held.is_empty() && self.now - self.last_sound >= rules.silence;
                paused.then(|| next_beat(from, rules))
            }
            Mode::Jam => Some(next_beat(from, rules)),
            Mode::Manual => None,
        }
    }

    fn plan(
        &mut self,
        from: Ticks,
        start: Ticks,
        end: Option<Ticks>,
        rules: &Rules,
        out: &mut dyn FnMut(Action),
    ) {
        let until = from + PLAN_STEP;
        if until <= start || end.is_some_and(|end| end <= from) {
            return;
        }
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        let (epoch, settings) = (self.epoch, rules.settings);
        out(Action::Ask(Request::Plan {
            id,
            epoch,
            from,
            until,
            end,
            settings,
        }));
    }

    fn drop_answer(&mut self, out: &mut dyn FnMut(Action)) {
        self.epoch = self.epoch.wrapping_add(1);
        self.phase = Phase::Waiting;
        out(Action::Hush);
    }
}
