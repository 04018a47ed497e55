//! The scout: what is about to be played, further than it is planned, for the window to show.
//!
//! An answer's notes are a function of phrase, seed, position and knobs. So a copy of the continuation
//! that goes ahead of it plays what it is going to play, unless a knob turns or the player comes in;
//! then the copy is of no more use and another one is made. Nothing that the copy does comes back: the
//! notes that the host gets are the same with a scout and without.
//!
//! Owned by the [`RequestHandler`](super::handler::RequestHandler), on the worker's thread, which
//! lets it take a step while no request waits. It goes nowhere unless a window looks.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use harmonai_core::music::note::Note;
use harmonai_core::music::time::Ticks;
use harmonai_core::play::continuation::{Continuation, Settings};
use harmonai_core::play::duet::PLAN_STEP;

use crate::link::view::EngineView;
use crate::project::history::Take;

/// How far it goes beyond what is planned: a bar of 4/4.
pub const AHEAD: Ticks = Ticks::new(4 * Ticks::BEAT.get());

/// Goes ahead of one continuation, or of an answer from before.
pub struct Scout {
    view: Arc<EngineView>,
    /// While an answer is planned.
    course: Option<Course>,
    /// The view does not show what is known.
    news: bool,
}

/// On the way from one real plan.
struct Course {
    settings: Settings,
    end: Option<Ticks>,
    /// Up to where it is really planned.
    planned: Ticks,
    /// Up to where it has been scouted.
    reach: Ticks,
    /// What was found, each with the end of the span in which it was planned: swing moves onsets.
    found: VecDeque<(Ticks, Note)>,
    runner: Runner,
}

enum Runner {
    /// Is to be made of the continuation as it now is.
    Wanted,
    Ahead(Box<Continuation>),
    /// Has found everything that it can.
    Resting,
}

impl Scout {
    /// Knows of no answer.
    pub fn new(view: Arc<EngineView>) -> Self {
        Self {
            view,
            course: None,
            news: false,
        }
    }

    /// What comes next is no longer what it was.
    pub fn stop(&mut self) {
        self.news |= self.course.take().is_some();
    }

    /// The answer is really planned up to `until`.
    pub fn planned(&mut self, until: Ticks, end: Option<Ticks>, settings: &Settings) {
        self.news = true;
        match &mut self.course {
            Some(course) if course.leads(until, end, settings) => course.pass(until),
            course => *course = Some(Course::new(until, end, settings)),
        }
    }

    /// Of an answer from before, which begins at `at`, everything up to `until` has been given.
    pub fn recalled(&mut self, take: &Take, at: Ticks, until: Ticks, settings: &Settings) {
        self.news = true;
        let mut course = Course::new(until, None, settings);
        if self.view.is_watched() {
            let shown = until - PLAN_STEP..until + AHEAD;
            let notes = take.notes(at).filter(|note| shown.contains(&note.onset));
            course.found.extend(notes.map(|note| (note.onset, note)));
        }
        course.runner = Runner::Resting;
        self.course = Some(course);
    }

    /// One step ahead of the `continuation`, which stands where the last plan has left it. `false`
    /// where there is none to take.
    pub fn step(&mut self, continuation: &Continuation) -> bool {
        if self.course.is_some() && !self.view.is_watched() {
            self.stop();
        }
        let course = self.course.as_mut();
        let stepped = course.is_some_and(|course| course.step(continuation));
        if self.news || stepped {
            self.show();
        }
        stepped
    }

    fn show(&mut self) {
        let found = self.course.iter().flat_map(|course| &course.found);
        self.view.set_sketch(found.map(|(_, note)| *note));
        self.news = false;
    }
}

/// A handler that is dropped, perhaps in a panic, leaves nothing on show that nobody will play.
impl Drop for Scout {
    fn drop(&mut self) {
        self.view.set_sketch(std::iter::empty());
    }
}

impl Course {
    fn new(planned: Ticks, end: Option<Ticks>, settings: &Settings) -> Self {
        Self {
            settings: *settings,
            end,
            planned,
            reach: planned,
            found: VecDeque::new(),
            runner: Runner::Wanted,
        }
    }

    /// Whether a real plan up to `until` has given what was found for that span.
    fn leads(&self, until: Ticks, end: Option<Ticks>, settings: &Settings) -> bool {
        let on_the_way = (self.planned..=self.reach).contains(&until);
        // Between two steps it cannot be told what has been given.
        let on_a_step = (until - self.planned).get() % PLAN_STEP.get() == 0;
        on_the_way && on_a_step && self.end == end && self.settings == *settings
    }

    /// It is really planned up to `until`. What that gives stays for a plan more: the window learns of
    /// it from the audio thread, a block later, and is not to see a gap until then.
    fn pass(&mut self, until: Ticks) {
        let known = self.planned;
        self.found.retain(|(planned, _)| *planned > known);
        self.planned = until;
    }

    fn step(&mut self, continuation: &Continuation) -> bool {
        let far = self.planned + AHEAD;
        if self.reach >= self.end.map_or(far, |end| end.min(far)) {
            return false;
        }
        if let Runner::Wanted = self.runner {
            self.runner = Runner::Ahead(Box::new(continuation.clone()));
        }
        let Runner::Ahead(runner) = &mut self.runner else {
            return false;
        };
        let (from, until) = (self.reach, self.reach + PLAN_STEP);
        let (end, settings, found) = (self.end, &self.settings, &mut self.found);
        // AssertUnwindSafe: the copy is dropped in a panic. The original may have the same panic where
        // it gets there, or may never get there: that is its affair.
        let leg = catch_unwind(AssertUnwindSafe(|| {
            runner.plan(from..until, end, settings, &mut |note| {
                found.push_back((until, note));
            });
        }));
        match leg {
            Ok(()) => self.reach = until,
            Err(_) => self.runner = Runner::Resting,
        }
        true
    }
}
