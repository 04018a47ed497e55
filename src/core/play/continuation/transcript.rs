//! Everything heard and answered since the phrase began, as the network has read it.
//!
//! The network reads a note when it is known where the next one falls. What it read is kept symbol
//! by symbol, so that another network that takes over reads the same, knowing neither more nor less
//! than was known at the time: where the answer would end, what the memory offered, how long a key
//! had been held.
//!
//! Part of the continuation, on the worker's thread.

use std::sync::Arc;

use crate::model::memory::Memory;
use crate::model::network::{Network, RecurrentState};
use crate::model::vocabulary::{Event, Factor, Feature, Inputs, PhraseContext, Style, Targets};
use crate::music::note::Note;
use crate::music::scale::PitchClasses;
use crate::music::time::{Metre, Ticks};
use crate::play::constraints::repetition::RepetitionPenalty;
use crate::play::phrase::Phrase;

/// How many notes are kept; of more the older half is forgotten.
pub const REMEMBERED: usize = 1024;

#[derive(Clone)]
pub struct Transcript {
    network: Arc<Network>,
    state: RecurrentState,
    metre: Metre,
    /// Where the phrase began; known with its first note.
    context: Option<PhraseContext>,
    notes: Vec<Note>,
    /// Who played each of them.
    performers: Vec<Performer>,
    /// What the network read before each of the notes.
    inputs: Vec<Inputs>,
    /// The notes as symbols, up to the last one whose interval to the next is known.
    events: Vec<Event>,
    memory: Memory,
    repetition: RepetitionPenalty,
    answered: Option<AnsweredPhrase>,
}

/// The phrase as it was when it was first answered.
#[derive(Clone)]
struct AnsweredPhrase {
    /// Where its last answer began.
    at: Ticks,
    /// Where its first answer began.
    first: Ticks,
    /// How many of the notes belong to it.
    notes: usize,
    repetition: RepetitionPenalty,
    state: RecurrentState,
}

/// Who played a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Performer {
    Player,
    Network,
}

/// To whom the note belongs that is read next, and what is known of it.
#[derive(Clone, Copy)]
pub enum Turn {
    /// To the player's phrase, whose end nobody knows.
    Phrase,
    /// To an answer (or to the player who joins in), which is to end at `end` and keeps to the
    /// `scale` in what it takes up.
    Answer {
        end: Option<Ticks>,
        scale: PitchClasses,
    },
}

impl Transcript {
    pub fn new(network: Arc<Network>) -> Self {
        Self {
            state: network.state(),
            network,
            metre: Metre::COMMON,
            context: None,
            notes: Vec::with_capacity(REMEMBERED),
            performers: Vec::with_capacity(REMEMBERED),
            inputs: Vec::with_capacity(REMEMBERED),
            events: Vec::with_capacity(REMEMBERED),
            memory: Memory::default(),
            repetition: RepetitionPenalty::default(),
            answered: None,
        }
    }

    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    pub fn metre(&self) -> Metre {
        self.metre
    }

    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Those that the player has played.
    pub fn notes_of_player(&self) -> impl Iterator<Item = &Note> + Clone {
        let all = self.notes.iter().zip(&self.performers);
        all.filter(|(_, performer)| **performer == Performer::Player)
            .map(|(note, _)| note)
    }

    /// The last note, which has not been read yet.
    pub fn last_mut(&mut self) -> Option<&mut Note> {
        self.notes.last_mut()
    }

    /// `at`, or the first tick after the last note's onset.
    pub fn after_last(&self, at: Ticks) -> Ticks {
        let last = self.notes.last();
        last.map_or(at, |last| at.max(last.onset + Ticks::new(1)))
    }

    /// Forgets everything; a new phrase begins with the next note.
    pub fn clear(&mut self, metre: Metre) {
        self.metre = metre;
        self.context = None;
        self.notes.clear();
        self.performers.clear();
        self.inputs.clear();
        self.events.clear();
        self.repetition = RepetitionPenalty::default();
        self.answered = None;
        self.state.clear();
    }

    /// The network reads the last note, and that the next one falls at `onset`.
    pub fn read(&mut self, onset: Ticks, style: Style, turn: Turn) {
        if let Some(last) = self.notes.last() {
            self.events.push(Event::new(*last, onset - last.onset));
        }
        self.memory.listen(&self.events, onset, self.metre);
        let end = match turn {
            Turn::Phrase => None,
            Turn::Answer { end, scale } => {
                self.memory
                    .restrain(scale, self.notes.last().map(|note| note.pitch));
                end
            }
        };
        let first = || PhraseContext::new(self.metre, style, onset);
        let context = self.context.get_or_insert_with(first).in_style(style);
        let inputs = context.inputs(&self.events, &self.memory, onset, end);
        self.inputs.push(inputs);
        self.step(inputs);
    }

    /// The memory listens once more for what came when the last note was struck.
    pub fn recall_last(&mut self) {
        if let Some(last) = self.notes.last() {
            self.memory.listen(&self.events, last.onset, self.metre);
        }
    }

    /// A style that the network does not know is any.
    fn step(&mut self, mut inputs: Inputs) {
        let style = &mut inputs[Feature::Style];
        if usize::from(*style) > self.network.header().config.styles().len() {
            *style = Style::ANY.symbol();
        }
        self.network.step(&mut self.state, &inputs);
    }

    /// Logits of `factor` of the note to come, given its earlier factors in `known`: what the
    /// network expects, and `memory` times what it has learnt to expect of a repetition.
    pub fn logits(&mut self, factor: Factor, known: &Targets, memory: f32, logits: &mut [f32]) {
        self.network.logits(&self.state, factor, known, logits);
        let memory = (&mut self.memory, memory);
        self.network
            .add_memory_logits(&self.state, factor, known, memory, logits);
        if factor == Factor::Pitch {
            self.repetition.penalise(logits);
        }
    }

    /// Takes down a note of the player's.
    pub fn push_heard(&mut self, note: Note) {
        self.repetition.heard(note.pitch);
        self.push(note, Performer::Player);
    }

    /// Takes down a note of the answer.
    pub fn push_played(&mut self, note: Note) {
        self.repetition.played(note.pitch);
        self.push(note, Performer::Network);
    }

    fn push(&mut self, note: Note, performer: Performer) {
        if self.notes.len() == REMEMBERED {
            // A phrase that may be answered once more stays, unless it is a long one.
            let phrase = self.answered.as_ref().map_or(0, |phrase| phrase.notes);
            let from = if phrase < REMEMBERED / 4 { phrase } else { 0 };
            if from < phrase {
                self.answered = None;
            }
            let forgotten = from..from + REMEMBERED / 2;
            self.notes.drain(forgotten.clone());
            self.performers.drain(forgotten.clone());
            self.inputs.drain(forgotten.clone());
            self.events.drain(forgotten);
        }
        self.notes.push(note);
        self.performers.push(performer);
    }

    /// Whether there is a phrase that can be answered again.
    pub fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// The phrase that is answered; `None` before its first answer.
    pub fn phrase(&self) -> Option<Phrase> {
        let answered = self.answered.as_ref()?;
        let notes = self.notes.get(..answered.notes)?.to_vec();
        Phrase::new(self.metre, notes, answered.at).ok()
    }

    /// Where the first answer to the phrase began.
    pub fn first_answer(&self) -> Option<Ticks> {
        self.answered.as_ref().map(|phrase| phrase.first)
    }

    /// Everything heard so far is the phrase, whose first answer begins at `at`; where one is being
    /// answered already, that stays the phrase.
    pub fn mark_answered(&mut self, at: Ticks) {
        self.answered.get_or_insert_with(|| AnsweredPhrase {
            at,
            first: at,
            notes: self.notes.len(),
            repetition: self.repetition,
            state: self.state.clone(),
        });
    }

    /// The phrase goes on, and has not been answered as it will be.
    pub fn reopen(&mut self) {
        self.answered = None;
    }

    /// Goes back to the phrase, without its answers, moved in time so that its answer begins at `at`.
    pub fn go_back(&mut self, at: Ticks, style: Style) {
        let Some(phrase) = &mut self.answered else {
            return;
        };
        let by = at - phrase.at;
        phrase.at = at;
        self.notes.truncate(phrase.notes);
        self.performers.truncate(phrase.notes);
        self.inputs.truncate(phrase.notes);
        // The last note was not read yet.
        self.events.truncate(phrase.notes.saturating_sub(1));
        self.notes.iter_mut().for_each(|note| note.onset += by);
        self.events.iter_mut().for_each(|event| event.onset += by);
        self.state.copy_from(&phrase.state);
        self.repetition = phrase.repetition;
        let first = self.notes.first().map(|note| note.onset);
        self.context = first.map(|first| PhraseContext::new(self.metre, style, first));
    }

    /// Goes on with another network, which reads again what this one has read.
    pub fn swap(&mut self, network: Arc<Network>) {
        self.state = network.state();
        self.network = network;
        for place in 0..=self.inputs.len() {
            if let Some(phrase) = &mut self.answered
                && phrase.notes == place
            {
                phrase.state = self.state.clone();
            }
            if let Some(inputs) = self.inputs.get(place) {
                self.step(*inputs);
            }
        }
    }
}
