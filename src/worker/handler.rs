//! What the worker's thread does with a request: the network that is wanted hears and plays, or an
//! answer from before is played again.

use std::sync::Arc;

use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::{Metre, Span, Ticks};
use harmonai_core::play::continuation::{Continuation, Entry, Repeat, Settings};
use harmonai_core::play::duet::Request;

use super::scout::Scout;
use crate::link::view::EngineView;
use crate::project::history::{History, Take};
use crate::project::models::{Model, ModelMailbox, SLOTS};
use crate::project::phrase::PhraseKeeper;

/// What the worker shares with the rest of the plug-in.
#[derive(Clone)]
pub struct WorkerContext {
    pub mailboxes: [Arc<ModelMailbox>; SLOTS],
    /// Where it leaves the phrase, and finds one from elsewhere.
    pub phrases: PhraseKeeper,
    /// Where it writes down what it plays.
    pub history: History,
    /// Where it says what has gone wrong.
    pub view: Arc<EngineView>,
}

/// Plays with one network at a time.
pub struct RequestHandler {
    context: WorkerContext,
    models: [PickedUp; SLOTS],
    /// The slot that plays.
    slot: usize,
    /// Once there is a network.
    continuation: Option<Continuation>,
    metre: Metre,
    source: AnswerSource,
    scout: Scout,
}

/// A slot's model as it was last picked up, and its version in the mailbox.
#[derive(Default)]
struct PickedUp {
    version: u64,
    model: Option<Model>,
}

/// What the notes of a plan come from.
enum AnswerSource {
    /// The network's answer from there on, and its number in the history once it has a note.
    Network { start: Ticks, id: Option<u32> },
    /// An answer from before, from there on.
    Again(Take, Ticks),
}

impl RequestHandler {
    pub fn new(context: WorkerContext) -> Self {
        Self {
            scout: Scout::new(context.view.clone()),
            context,
            models: Default::default(),
            slot: 0,
            continuation: None,
            metre: Metre::COMMON,
            source: AnswerSource::Network {
                start: Ticks::ZERO,
                id: None,
            },
        }
    }

    /// Picks up models that are newer than those that it has.
    pub fn pick_up_models(&mut self) {
        let mailboxes = self.context.mailboxes.iter();
        let mut newer = false;
        for (slot, (mailbox, held)) in mailboxes.zip(&mut self.models).enumerate() {
            if let Some(model) = mailbox.newer(&mut held.version) {
                held.model = Some(model);
                newer |= slot == self.slot;
            }
        }
        if newer {
            self.take_over();
        }
    }

    /// Looks a step further ahead than it is asked to; `false` where there is nothing more to see.
    pub fn scout(&mut self) -> bool {
        let continuation = self.continuation.as_ref();
        continuation.is_some_and(|continuation| self.scout.step(continuation))
    }

    /// Does what is asked; `emit` gets the notes of a plan.
    pub fn handle(&mut self, request: Request, emit: &mut dyn FnMut(Note)) {
        if !matches!(request, Request::Plan { .. }) {
            self.scout.stop();
        }
        match request {
            Request::Clear {
                metre,
                style,
                voices,
            } => {
                self.metre = metre;
                self.context.phrases.put(None);
                self.with_network(|continuation| continuation.clear(metre, style, voices));
            }
            Request::NoteOn {
                at,
                pitch,
                velocity,
            } => self.with_network(|continuation| continuation.note_on(at, pitch, velocity)),
            Request::NoteOff { at, pitch } => {
                self.with_network(|continuation| continuation.note_off(at, pitch));
            }
            Request::Load { style } => self.load(style),
            Request::Model { slot } => {
                self.slot = usize::from(slot).min(SLOTS - 1);
                self.take_over();
            }
            Request::BeginAnswer {
                at,
                entry,
                end,
                seed,
                again,
            } => self.begin(at, end, seed, again, entry),
            Request::Recall { at, id } => {
                if let Some(answer) = self.context.history.get(id) {
                    self.source = AnswerSource::Again(answer.take, at);
                }
            }
            Request::Plan {
                from,
                until,
                end,
                settings,
                ..
            } => self.plan(from..until, end, &settings, emit),
        }
    }

    /// Before the first model is there, nothing hears.
    fn with_network(&mut self, hear: impl FnOnce(&mut Continuation)) {
        if let Some(continuation) = &mut self.continuation {
            hear(continuation);
        }
    }

    fn begin(
        &mut self,
        at: Ticks,
        end: Option<Ticks>,
        seed: u64,
        again: Option<Repeat>,
        entry: Entry,
    ) {
        self.source = AnswerSource::Network {
            start: at,
            id: None,
        };
        let Some(continuation) = &mut self.continuation else {
            return;
        };
        let first = !continuation.is_answered();
        continuation.begin_answer(at, end, seed, again, entry);
        // Of an answer that plays on, the phrase is the one before.
        if first {
            self.context.phrases.put(continuation.phrase());
        }
    }

    fn plan(
        &mut self,
        span: Span,
        end: Option<Ticks>,
        settings: &Settings,
        emit: &mut dyn FnMut(Note),
    ) {
        let Some(continuation) = &mut self.continuation else {
            return;
        };
        let until = span.end;
        match &mut self.source {
            AnswerSource::Again(take, at) => {
                let wanted = |note: &Note| span.contains(&note.onset);
                take.notes(*at).filter(wanted).for_each(emit);
                self.scout.recalled(take, *at, until, settings);
            }
            AnswerSource::Network { start, id } => {
                let (history, metre) = (&self.context.history, self.metre);
                let held = self.models.get(self.slot);
                let model = held.and_then(|held| held.model.as_ref());
                let name = model.map_or("", |model| &model.name);
                continuation.plan(span, end, settings, &mut |note| {
                    emit(note);
                    match *id {
                        Some(id) => history.note(id, note),
                        None => {
                            let take = Take::new(name, metre, *start, note);
                            *id = take.map(|take| history.add(take));
                        }
                    }
                });
                self.scout.planned(until, end, settings);
            }
        }
    }

    /// The network of the slot plays from here on, if there is one.
    fn take_over(&mut self) {
        let held = self.models.get(self.slot);
        let Some(model) = held.and_then(|held| held.model.as_ref()) else {
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
            && let Some(phrase) = self.context.phrases.get()
        {
            self.metre = phrase.metre();
            continuation.load(&phrase, style);
        }
    }
}
