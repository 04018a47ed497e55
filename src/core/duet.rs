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
//! In any mode the player can ask for an answer ([`Duet::ask`]); one that plays begins anew then.
//!
//! Planning lines lie every [`LINE`]. At line g the duet asks for the span `[g + LINE, g + 2 LINE)`
//! with a snapshot of the knobs, so that what is played depends on musical positions alone, never
//! on the speed of the worker or the size of a block; and a turned knob is heard within 2 LINE, a
//! sixteenth.

mod messages;
#[cfg(test)]
mod tests;

pub use messages::{Action, Mode, Reply, Request, Rules};

use crate::note::{Pitch, Velocity};
use crate::time::{Span, Ticks};

/// Distance of planning lines: a thirty-second.
pub const LINE: Ticks = Ticks::new(3);

/// What the player sees it doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// For the first note of a phrase.
    #[default]
    Waiting,
    /// To the phrase.
    Listening,
    /// The answer is asked for and not begun.
    Thinking,
    /// The answer plays.
    Answering,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Waiting,
    /// Counted from the bar line `start`.
    Listening {
        start: Ticks,
    },
    /// From `start`, to `end` as last announced.
    Answering {
        start: Ticks,
        end: Option<Ticks>,
    },
}

/// The state of the turn-taking.
#[derive(Clone, Debug)]
pub struct Duet {
    phase: Phase,
    epoch: u32,
    next_id: u64,
    /// A bit for each key that the player holds.
    held: u128,
    /// When the player last let go of a key, or struck one.
    last_sound: Ticks,
    /// The last planning line that was passed.
    now: Ticks,
    /// Length of the call as of the last line.
    listen_until: Ticks,
    /// The player asks for an answer now.
    asked: bool,
    /// There is a phrase that could be answered.
    heard: bool,
    /// And it is to stay, as of the last note or line.
    frozen: bool,
}

impl Default for Duet {
    fn default() -> Self {
        Self::new()
    }
}

impl Duet {
    /// Waiting for the first note.
    pub fn new() -> Self {
        Self {
            phase: Phase::Waiting,
            epoch: 0,
            next_id: 0,
            held: 0,
            last_sound: Ticks::ZERO,
            now: Ticks::ZERO,
            listen_until: Ticks::ZERO,
            asked: false,
            heard: false,
            frozen: false,
        }
    }

    /// Replies of another epoch are not wanted any more.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What it is doing, for the player to see.
    pub fn activity(&self) -> Activity {
        match self.phase {
            Phase::Waiting => Activity::Waiting,
            Phase::Listening { .. } => Activity::Listening,
            Phase::Answering { start, .. } if self.now < start => Activity::Thinking,
            Phase::Answering { .. } => Activity::Answering,
        }
    }

    /// From where to where the answer goes, where its end is known.
    pub fn answer(&self) -> Option<(Ticks, Option<Ticks>)> {
        match self.phase {
            Phase::Answering { start, end } => Some((start, end)),
            _ => None,
        }
    }

    /// From where to where the call goes; the end means nothing in the mode after silence.
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
        out: &mut impl FnMut(Action),
    ) {
        self.held |= bit(pitch);
        self.last_sound = at;
        self.frozen = rules.freeze && self.heard;
        if let Phase::Answering { start, .. } = self.phase {
            let over = rules.length.is_some_and(|length| at >= start + length);
            if over {
                self.phase = Phase::Waiting;
            } else if rules.mode != Mode::CallResponse {
                self.drop_answer(out);
            } else {
                return;
            }
        }
        if self.phase == Phase::Waiting {
            let start = call_start(at, rules);
            self.phase = Phase::Listening { start };
            self.listen_until = call_end(start, rules);
            self.asked = false;
            if !self.frozen {
                self.heard = true;
                out(Action::Ask(Request::Clear {
                    metre: rules.metre,
                    style: rules.settings.style,
                    voices: rules.voices,
                }));
            }
        }
        if self.frozen {
            return;
        }
        out(Action::Ask(Request::NoteOn {
            at,
            pitch,
            velocity,
        }));
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch, out: &mut impl FnMut(Action)) {
        if self.held & bit(pitch) == 0 {
            return;
        }
        self.held &= !bit(pitch);
        self.last_sound = at;
        if let Phase::Listening { .. } = self.phase
            && !self.frozen
        {
            out(Action::Ask(Request::NoteOff { at, pitch }));
        }
    }

    /// The player wants an answer now, in whatever mode: to the phrase so far, or, once that is answered,
    /// another one that plays on. It begins on the next beat. Before the first note there is nothing
    /// to answer.
    pub fn ask(&mut self) {
        self.asked = self.heard;
    }

    /// The position passes the planning line at `at`, a multiple of [`LINE`]. Everything played up
    /// to that tick has been told before.
    pub fn line(&mut self, at: Ticks, rules: &Rules, out: &mut impl FnMut(Action)) {
        self.now = at;
        self.frozen = rules.freeze && self.heard;
        let from = at + LINE;
        let mut begin = None;
        if let Phase::Listening { start } = self.phase {
            self.listen_until = call_end(start, rules);
            begin = self.answer_start(start, from, rules);
        }
        if std::mem::take(&mut self.asked) {
            if let Phase::Answering { .. } = self.phase {
                self.drop_answer(out);
            }
            begin = Some(next_beat(from, rules));
        }
        if let Some(answer) = begin {
            self.phase = Phase::Answering {
                start: answer,
                end: None,
            };
            out(Action::Ask(Request::Begin {
                at: answer,
                end: rules.length.map(|length| answer + length),
                seed: rules.seed,
                again: self.frozen,
            }));
        }
        if let Phase::Answering {
            start,
            end: announced,
        } = self.phase
        {
            let end = rules.length.map(|length| start + length);
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

    /// The position jumps: a seek, a loop's wrap, a start. What was played before it is past.
    pub fn jump(&mut self, out: &mut impl FnMut(Action)) {
        self.drop_answer(out);
        self.held = 0;
        // Elsewhere in time only what is frozen can be answered: it moves along.
        (self.asked, self.heard) = (false, self.frozen);
    }

    /// The transport stops.
    pub fn stop(&mut self, out: &mut impl FnMut(Action)) {
        self.jump(out);
    }

    /// Where the answer to a call since `start` begins, if that is to be planned from `from` on.
    fn answer_start(&self, start: Ticks, from: Ticks, rules: &Rules) -> Option<Ticks> {
        match rules.mode {
            Mode::CallResponse => {
                let until = call_end(start, rules);
                // Late when the call was shortened under way: then the next bar.
                (from >= until).then(|| until.max(from.ceil_to(rules.metre.bar())))
            }
            Mode::AfterSilence => {
                let paused = self.held == 0 && self.now - self.last_sound >= rules.silence;
                paused.then(|| next_beat(from, rules))
            }
            Mode::Manual => None,
        }
    }

    fn plan(
        &mut self,
        from: Ticks,
        start: Ticks,
        end: Option<Ticks>,
        rules: &Rules,
        out: &mut impl FnMut(Action),
    ) {
        let until = from + LINE;
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

    fn drop_answer(&mut self, out: &mut impl FnMut(Action)) {
        self.epoch = self.epoch.wrapping_add(1);
        self.phase = Phase::Waiting;
        out(Action::Hush);
    }
}

fn bit(pitch: Pitch) -> u128 {
    1 << pitch.get()
}

/// The beat at or after `from`: a quarter, or the metre's own where that is shorter.
fn next_beat(from: Ticks, rules: &Rules) -> Ticks {
    from.ceil_to(rules.metre.beat().min(Ticks::BEAT))
}

/// The bar line from which a call that begins with a note at `at` is counted: that of the note's
/// bar, or the next one where the note lies in the bar's second half and so is an upbeat.
fn call_start(at: Ticks, rules: &Rules) -> Ticks {
    let bar = rules.metre.bar();
    let start = at.floor_to(bar);
    let upbeat = (at - start).get() * 2 > bar.get();
    if upbeat { start + bar } else { start }
}

fn call_end(start: Ticks, rules: &Rules) -> Ticks {
    let bars = i64::from(rules.listen_bars.max(1));
    start + Ticks::new(bars * rules.metre.bar().get())
}
