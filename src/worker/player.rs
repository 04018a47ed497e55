//! What the worker's thread does with a request: the network that is wanted hears and plays, or an
//! answer from before is played again.

use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::Continuation;
use harmonai_core::play::duet::Request;

use super::Things;
use super::scout::Scout;
use crate::project::history::Take;
use crate::project::models::{Model, SLOTS};

/// Plays with one network at a time.
pub struct Player {
    things: Things,
    /// Versions of the models as they were last picked up, by slot.
    versions: [u64; SLOTS],
    models: [Option<Model>; SLOTS],
    /// The slot that plays.
    slot: usize,
    /// Once there is a network.
    continuation: Option<Continuation>,
    metre: Metre,
    part: Part,
    scout: Scout,
}

/// What the notes of a plan come from.
enum Part {
    /// The network's answer from there on, and its number in the history once it has a note.
    Answer { start: Ticks, id: Option<u32> },
    /// An answer from before, from there on.
    Again(Take, Ticks),
}

impl Player {
    /// Has no network yet.
    pub fn new(things: Things) -> Self {
        Self {
            scout: Scout::new(things.display.clone()),
            things,
            versions: [0; SLOTS],
            models: [const { None }; SLOTS],
            slot: 0,
            continuation: None,
            metre: Metre::COMMON,
            part: Part::Answer {
                start: Ticks::ZERO,
                id: None,
            },
        }
    }

    /// Picks up models that are newer than those at hand.
    pub fn look(&mut self) {
        for slot in 0..SLOTS {
            if let Some(model) = self.things.slots[slot].newer(&mut self.versions[slot]) {
                self.models[slot] = Some(model);
                if slot == self.slot {
                    self.take_over();
                }
            }
        }
    }

    /// Looks a step further ahead than it is asked to; `false` where there is nothing more to see.
    pub fn scout(&mut self) -> bool {
        let continuation = self.continuation.as_ref();
        continuation.is_some_and(|continuation| self.scout.step(continuation))
    }

    /// Does what is asked; `emit` gets the notes of a plan.
    pub fn tell(&mut self, request: Request, emit: &mut dyn FnMut(Note)) {
        if !matches!(request, Request::Plan { .. }) {
            self.scout.stop();
        }
        match request {
            Request::Clear { metre, .. } => {
                self.metre = metre;
                self.things.phrases.put(None);
            }
            Request::Model { slot } => {
                self.slot = usize::from(slot).min(SLOTS - 1);
                return self.take_over();
            }
            Request::Recall { at, id } => {
                if let Some(answer) = self.things.history.get(id) {
                    self.part = Part::Again(answer.take, at);
                }
                return;
            }
            Request::Begin { at, .. } => {
                self.part = Part::Answer {
                    start: at,
                    id: None,
                };
            }
            Request::Load { style } => return self.load(style),
            _ => {}
        }
        let Some(continuation) = &mut self.continuation else {
            return;
        };
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
            } => {
                let first = !continuation.is_answered();
                continuation.begin(at, end, seed, again);
                // Of an answer that plays on, the phrase is the one before.
                if first {
                    self.things.phrases.put(continuation.phrase());
                }
            }
            Request::Plan {
                from,
                until,
                end,
                settings,
                ..
            } => match &mut self.part {
                Part::Again(take, at) => {
                    let wanted = |note: &Note| (from..until).contains(&note.onset);
                    take.notes(*at).filter(wanted).for_each(emit);
                    self.scout.recalled(take, *at, until, &settings);
                }
                Part::Answer { start, id } => {
                    let (history, metre) = (&self.things.history, self.metre);
                    let model = self.models[self.slot].as_ref();
                    let name = model.map_or("", |model| &model.name);
                    continuation.plan(from..until, end, &settings, &mut |note| {
                        emit(note);
                        match *id {
                            Some(id) => history.note(id, note),
                            None => {
                                let take = Take::new(name, metre, *start, note);
                                *id = take.map(|take| history.add(take));
                            }
                        }
                    });
                    self.scout.planned(until, end, &settings);
                }
            },
            _ => {}
        }
    }

    /// The network of the slot plays from here on, if there is one.
    fn take_over(&mut self) {
        let Some(model) = &self.models[self.slot] else {
            return;
        };
        let network = model.network.clone();
        self.scout.stop();
        match &mut self.continuation {
            Some(continuation) => continuation.swap(network),
            None => self.continuation = Some(Continuation::new(network)),
        }
    }

    fn load(&mut self, style: Style) {
        if let Some(continuation) = &mut self.continuation
            && let Some(phrase) = self.things.phrases.get()
        {
            self.metre = phrase.metre();
            continuation.load(&phrase, style);
        }
    }
}
