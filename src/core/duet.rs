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
//! Planning lines lie every [`LINE`]. At line g the duet asks for the span `[g + LINE, g + 2 LINE)`
//! with a snapshot of the knobs, so that what is played depends on musical positions alone, never
//! on the speed of the worker or the size of a block; and a turned knob is heard within 2 LINE, a
//! sixteenth.

use crate::continuation::Settings;
use crate::note::{Note, Pitch, Velocity};
use crate::time::{Metre, Span, Ticks};

/// Distance of planning lines: a thirty-second.
pub const LINE: Ticks = Ticks::new(3);

/// Who plays when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Listens for some bars from the bar of the first note, then answers on the bar.
    CallResponse,
    /// Answers on the next beat once the player has paused; yields at once when they come in.
    AfterSilence,
}

/// The knobs as they stand at a planning line or a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Who plays when.
    pub mode: Mode,
    /// Length of the call, in bars (call & response).
    pub listen_bars: u8,
    /// The pause that ends a phrase (after silence).
    pub silence: Ticks,
    /// Length of the answer; `None` plays on until something else ends it.
    pub length: Option<Ticks>,
    /// Of the answer's randomness.
    pub seed: u64,
    /// The host's time signature.
    pub metre: Metre,
    /// The knobs that shape the notes.
    pub settings: Settings,
}

/// What the worker is asked, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    /// A new phrase begins.
    Clear {
        /// Its metre.
        metre: Metre,
    },
    /// The player struck a key.
    NoteOn {
        /// When.
        at: Ticks,
        /// Which.
        pitch: Pitch,
        /// How hard.
        velocity: Velocity,
    },
    /// The player let go of a key.
    NoteOff {
        /// When.
        at: Ticks,
        /// Which.
        pitch: Pitch,
    },
    /// The answer begins.
    Begin {
        /// When.
        at: Ticks,
        /// Of its randomness.
        seed: u64,
    },
    /// A span of the answer is wanted.
    Plan {
        /// Comes back with [`Reply::Done`].
        id: u64,
        /// Comes back with every note.
        epoch: u32,
        /// First tick wanted.
        from: Ticks,
        /// First tick not wanted.
        until: Ticks,
        /// End of the whole answer, where it has one.
        end: Option<Ticks>,
        /// The knobs.
        settings: Settings,
    },
}

/// What the worker answers, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reply {
    /// A note to play.
    Note {
        /// Of the request. A note of another epoch than [`Duet::epoch`] is not wanted any more.
        epoch: u32,
        /// The note.
        note: Note,
    },
    /// All notes of that request have been given.
    Done {
        /// Of the request.
        id: u64,
    },
}

/// What the shell is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Hand this to the worker.
    Ask(Request),
    /// Close the answer's sounding notes now and drop its planned ones.
    Hush,
    /// The answer ends there: drop planned notes from there on, cut what sounds across it.
    EndAt(Ticks),
}

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
    /// Since `start`, the bar line before the first note.
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
        if let Phase::Answering { start, .. } = self.phase {
            let over = rules.length.is_some_and(|length| at >= start + length);
            if over {
                self.phase = Phase::Waiting;
            } else if rules.mode == Mode::AfterSilence {
                self.drop_answer(out);
            } else {
                return;
            }
        }
        if self.phase == Phase::Waiting {
            let start = at.floor_to(rules.metre.bar());
            self.phase = Phase::Listening { start };
            self.listen_until = call_end(start, rules);
            out(Action::Ask(Request::Clear { metre: rules.metre }));
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
        if let Phase::Listening { .. } = self.phase {
            out(Action::Ask(Request::NoteOff { at, pitch }));
        }
    }

    /// The position passes the planning line at `at`, a multiple of [`LINE`]. Everything played up
    /// to that tick has been told before.
    pub fn line(&mut self, at: Ticks, rules: &Rules, out: &mut impl FnMut(Action)) {
        self.now = at;
        let from = at + LINE;
        if let Phase::Listening { start } = self.phase {
            self.listen_until = call_end(start, rules);
            if let Some(answer) = self.answer_start(start, from, rules) {
                self.phase = Phase::Answering {
                    start: answer,
                    end: None,
                };
                out(Action::Ask(Request::Begin {
                    at: answer,
                    seed: rules.seed,
                }));
            }
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
                let beat = rules.metre.beat().min(Ticks::BEAT);
                paused.then(|| from.ceil_to(beat))
            }
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

fn call_end(start: Ticks, rules: &Rules) -> Ticks {
    let bars = i64::from(rules.listen_bars.max(1));
    start + Ticks::new(bars * rules.metre.bar().get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(mode: Mode) -> Rules {
        Rules {
            mode,
            listen_bars: 2,
            silence: Ticks::BEAT,
            length: Some(Ticks::new(4 * 24)),
            seed: 9,
            metre: Metre::COMMON,
            settings: Settings::default(),
        }
    }

    /// Plays notes (onset, end) against lines and gives all actions with the line they came at.
    fn run(duet: &mut Duet, rules: &Rules, notes: &[(i64, i64)], ticks: i64) -> Vec<(i64, Action)> {
        let mut actions = Vec::new();
        for tick in 0..ticks {
            let at = Ticks::new(tick);
            let mut out = |action| actions.push((tick, action));
            for (onset, end) in notes {
                if *end == tick {
                    duet.note_off(at, Pitch::MIDDLE_C, &mut out);
                }
                if *onset == tick {
                    duet.note_on(at, Pitch::MIDDLE_C, Velocity::DEFAULT, rules, &mut out);
                }
            }
            if tick % LINE.get() == 0 {
                duet.line(at, rules, &mut out);
            }
        }
        actions
    }

    fn begins(actions: &[(i64, Action)]) -> Vec<(i64, i64)> {
        let begin = |(tick, action): &(i64, Action)| match action {
            Action::Ask(Request::Begin { at, .. }) => Some((*tick, at.get())),
            _ => None,
        };
        actions.iter().filter_map(begin).collect()
    }

    fn planned(actions: &[(i64, Action)]) -> Vec<(i64, i64)> {
        let plan = |(_, action): &(i64, Action)| match action {
            Action::Ask(Request::Plan { from, until, .. }) => Some((from.get(), until.get())),
            _ => None,
        };
        actions.iter().filter_map(plan).collect()
    }

    #[test]
    fn call_and_response_answers_on_the_bar_and_listens_again() {
        let notes = [(100, 110), (140, 150), (400, 410)];
        let actions = run(&mut Duet::new(), &rules(Mode::CallResponse), &notes, 700);
        // First note in bar 1: call is bars 1 and 2, answer at bar 3 for a bar, then a new call.
        assert_eq!(begins(&actions), [(285, 288), (573, 576)]);
        let plans = planned(&actions);
        assert_eq!(plans[0], (288, 291));
        let answer: Vec<_> = plans.iter().filter(|(from, _)| *from < 500).collect();
        assert_eq!(answer.last().unwrap().1, 384);
        assert!(answer.windows(2).all(|pair| pair[0].1 == pair[1].0));
    }

    #[test]
    fn silence_brings_the_answer_and_playing_ends_it() {
        let notes = [(0, 20), (30, 50), (120, 130)];
        let actions = run(&mut Duet::new(), &rules(Mode::AfterSilence), &notes, 130);
        assert_eq!(begins(&actions), [(75, 96)]);
        let hush = actions
            .iter()
            .find(|(_, action)| *action == Action::Hush)
            .unwrap();
        assert_eq!(hush.0, 120);
        let clears = |(_, a): &&(i64, Action)| matches!(a, Action::Ask(Request::Clear { .. }));
        assert_eq!(actions.iter().filter(clears).count(), 2);
    }

    #[test]
    fn a_held_key_is_no_silence() {
        let actions = run(
            &mut Duet::new(),
            &rules(Mode::AfterSilence),
            &[(0, 300)],
            290,
        );
        assert_eq!(begins(&actions), []);
    }

    #[test]
    fn length_acts_within_a_sixteenth() {
        let mut duet = Duet::new();
        let mut rules = rules(Mode::CallResponse);
        rules.length = None;
        run(&mut duet, &rules, &[(0, 10)], 220);
        assert_eq!(duet.activity(), Activity::Answering);
        rules.length = Some(Ticks::BEAT);
        let mut actions = Vec::new();
        duet.line(Ticks::new(222), &rules, &mut |action| actions.push(action));
        assert_eq!(actions, [Action::EndAt(Ticks::new(222))]);
        assert_eq!(duet.activity(), Activity::Waiting);
    }

    #[test]
    fn a_jump_forgets_the_phrase() {
        let mut duet = Duet::new();
        let rules = rules(Mode::CallResponse);
        run(&mut duet, &rules, &[(0, 10)], 96);
        let epoch = duet.epoch();
        duet.jump(&mut |action| assert_eq!(action, Action::Hush));
        assert_ne!(duet.epoch(), epoch);
        assert_eq!(begins(&run(&mut duet, &rules, &[], 400)), []);
    }
}
