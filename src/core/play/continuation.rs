//! The answer: hears a phrase, then plays on, a short span at a time.
//!
//! What the player does goes through the [`MelodyListener`], which make one melody of it.
//! A note is read once it is known where the next one falls; of an answer that is when the next
//! note lies in the span to be planned. So a turned knob acts on the very next note that is not
//! planned yet.
//!
//! Lives on the worker's thread (and in the trainer's `generate`). Allocates when made,
//! cloned and [`Continuation::swap`]ped; a clone also as its notes grow.

mod drawing;
mod joining;
mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rand_pcg::Pcg32;

use crate::model::memory::Memory;
use crate::model::network::{Network, RecurrentState};
use crate::model::vocabulary::{Event, PhraseContext, Style};
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::{Metre, Span, Ticks};
use crate::play::constraints::pitch::PhraseProfile;
use crate::play::constraints::repetition::RepetitionPenalty;
use crate::play::listen::{MelodyListener, Voices};
use crate::play::phrase::Phrase;

use joining::Joined;
pub use settings::{Repeat, Settings, Touch};

/// Notes that are kept for being heard again by another network.
const REMEMBERED: usize = 1024;

/// Notes of a phrase from elsewhere that are heard, the last ones: nobody hears a difference beyond.
const LOADED: usize = 256;

/// A phrase being heard, or an answer being played. A clone goes its own way; they share the network.
#[derive(Clone)]
pub struct Continuation {
    network: Arc<Network>,
    state: RecurrentState,
    metre: Metre,
    /// As wished, whether or not the network knows it.
    style: Style,
    ears: MelodyListener,
    /// Where the phrase began; set by its first note.
    frame: Option<PhraseContext>,
    /// Everything heard and answered since the phrase began.
    notes: Vec<Note>,
    /// The same as symbols, up to the last note whose interval to the next is known.
    events: Vec<Event>,
    memory: Memory,
    runs: RepetitionPenalty,
    /// Where the answer is to end, as far as that is known.
    end: Option<Ticks>,
    /// Onset of the note to be planned next, while an answer is under way.
    next: Option<Ticks>,
    /// The player's last note, where it came into an answer.
    joined: Option<Joined>,
    random: Pcg32,
    /// Mean velocity of the phrase, in 1/256.
    loudness: i64,
    /// Where the phrase that is answered is at home.
    home: PhraseProfile,
    /// The phrase as it was when it was first answered.
    kept: Option<Kept>,
    /// What the network remembered then.
    kept_state: RecurrentState,
}

/// How far a phrase goes.
#[derive(Clone, Copy)]
struct Kept {
    /// Where its last answer began.
    at: Ticks,
    /// And its first.
    first: Ticks,
    /// How many of the notes are its.
    notes: usize,
    runs: RepetitionPenalty,
}

impl Continuation {
    /// Nothing heard yet. `network` is one of notes; one of the grid cannot play here.
    pub fn new(network: Arc<Network>) -> Self {
        let state = network.state();
        Self {
            network,
            kept_state: state.clone(),
            state,
            metre: Metre::COMMON,
            style: Style::ANY,
            ears: MelodyListener::default(),
            frame: None,
            notes: Vec::with_capacity(REMEMBERED),
            events: Vec::with_capacity(REMEMBERED),
            memory: Memory::default(),
            runs: RepetitionPenalty::default(),
            end: None,
            next: None,
            joined: None,
            random: Pcg32::new(0, 0),
            loudness: 0,
            home: PhraseProfile::default(),
            kept: None,
        }
    }

    /// The network that plays.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Forgets phrase and answer; a new phrase begins with the next note, in `metre`, and is heard
    /// as one in `style`, by these of its `voices`.
    pub fn clear(&mut self, metre: Metre, style: Style, voices: Voices) {
        (self.metre, self.style) = (metre, style);
        self.ears.clear(voices);
        self.frame = None;
        self.notes.clear();
        self.events.clear();
        self.runs = RepetitionPenalty::default();
        (self.next, self.end, self.kept) = (None, None, None);
        self.joined = None;
        self.state.clear();
    }

    /// Takes in a phrase as if it had just been played, to be answered wherever that is wanted.
    pub fn load(&mut self, phrase: &Phrase, style: Style) {
        self.clear(phrase.metre(), style, Voices::All);
        let notes = phrase.notes();
        for note in &notes[notes.len().saturating_sub(LOADED)..] {
            self.take(*note);
        }
        self.keep(phrase.until());
    }

    /// Whether the phrase has been answered.
    pub fn is_answered(&self) -> bool {
        self.kept.is_some()
    }

    /// The phrase that is answered; `None` before its first answer.
    pub fn phrase(&self) -> Option<Phrase> {
        let kept = self.kept?;
        let notes = self.notes.get(..kept.notes)?.to_vec();
        Phrase::new(self.metre, notes, kept.at).ok()
    }

    /// The player strikes a key. While an answer is under way they play together: the answer goes on
    /// in its own rhythm, and what it plays next follows what it has heard.
    pub fn note_on(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        if self.next.is_some() {
            return self.join(at, pitch, velocity);
        }
        self.kept = None;
        self.ears.note_on(at, pitch, velocity);
        self.hear();
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch) {
        if self.next.is_some() {
            return self.leave(at, pitch);
        }
        self.ears.note_off(at, pitch);
        self.hear();
    }

    /// The answer is to begin at `at` and to end at `end`, as far as that is known. Same phrase,
    /// place and seed, same answer. Where the phrase was answered before, the new answer plays on from
    /// the old one; or, `again`, it answers the phrase itself, as if that had just been played: with
    /// the same random numbers as the first time, or others.
    pub fn begin(&mut self, at: Ticks, end: Option<Ticks>, seed: u64, again: Option<Repeat>) {
        let kept = self.kept.filter(|_| again.is_some());
        let place = match (again, kept) {
            (Some(Repeat::Same), Some(kept)) => kept.first,
            _ => at,
        };
        // PCG's stream tells answers at different places apart, its state those of different seeds.
        self.random = Pcg32::new(seed, place.get() as u64);
        match kept {
            Some(kept) => self.go_back(kept, at),
            None => {
                self.ears.settle(at);
                self.hear();
            }
        }
        if self.kept.is_none() {
            self.keep(at);
        }
        // Not before: of its own end the phrase knew nothing.
        self.end = end;
        if self.notes.is_empty() {
            self.loudness = i64::from(Velocity::DEFAULT.get()) * 256;
        }
        self.home = PhraseProfile::new(&self.notes);
        self.next = Some(self.after_last(at));
    }

    /// Gives every note of the answer whose onset lies before `span.end` and before `end` (the
    /// end of the whole answer, where it has one) and has not been given yet.
    pub fn plan(
        &mut self,
        span: Span,
        end: Option<Ticks>,
        settings: &Settings,
        emit: &mut dyn FnMut(Note),
    ) {
        (self.end, self.style) = (end, settings.style);
        while let Some(onset) = self.next
            && onset < span.end
            && end.is_none_or(|end| onset < end)
        {
            self.step(onset);
            self.joined = None;
            let (mut note, mut interval) = self.draw(onset, None, settings);
            if let Some(end) = end
                && onset + interval >= end
            {
                // Its rhythm makes it the last note: its pitch is drawn again, to close with.
                interval = end - onset;
                (note, _) = self.draw(onset, Some(interval), settings);
            }
            let pitch = settings.bounds.sounding(&self.home, note.pitch);
            let sounding = settings.groove.shape(note, interval, self.metre);
            emit(Note {
                pitch,
                velocity: self.strike(&note, settings),
                ..sounding
            });
            self.runs.played(note.pitch);
            self.remember(note);
            self.next = Some(onset + interval);
        }
    }

    /// Goes on with another network, which hears everything again.
    pub fn swap(&mut self, network: Arc<Network>) {
        self.state = network.state();
        self.kept_state = network.state();
        self.network = network;
        let notes = std::mem::take(&mut self.notes);
        self.frame = None;
        self.events.clear();
        for note in &notes {
            self.step(note.onset);
            self.notes.push(*note);
            if self.kept.is_some_and(|kept| kept.notes == self.notes.len()) {
                self.kept_state.copy_from(&self.state);
            }
        }
        self.notes.reserve(REMEMBERED.saturating_sub(notes.len()));
    }

    /// The phrase is what has been heard so far; its first answer begins at `at`.
    fn keep(&mut self, at: Ticks) {
        let (notes, runs) = (self.notes.len(), self.runs);
        let first = at;
        self.kept = Some(Kept {
            at,
            first,
            notes,
            runs,
        });
        self.kept_state.copy_from(&self.state);
    }

    /// To the phrase, without its answers, moved in time so that it ends where its answer begins.
    fn go_back(&mut self, kept: Kept, at: Ticks) {
        let by = at - kept.at;
        self.notes.truncate(kept.notes);
        // The last note was not read yet.
        self.events.truncate(kept.notes.saturating_sub(1));
        self.notes.iter_mut().for_each(|note| note.onset += by);
        self.events.iter_mut().for_each(|event| event.onset += by);
        self.state.copy_from(&self.kept_state);
        self.runs = kept.runs;
        let first = self.notes.first().map(|note| note.onset);
        self.frame = first.map(|first| PhraseContext::new(self.metre, self.style, first));
        self.kept = Some(Kept { at, ..kept });
    }

    /// Takes in what the ears have made out.
    fn hear(&mut self) {
        while let Some(note) = self.ears.next_note() {
            let onset = self.after_last(note.onset);
            self.take(Note { onset, ..note });
        }
    }

    /// Takes in a note of the player's.
    fn take(&mut self, note: Note) {
        self.step(note.onset);
        let loudness = note
            .velocity
            .map_or(0, |velocity| i64::from(velocity.get()) * 256);
        self.loudness = match self.notes.is_empty() {
            true => loudness,
            false => self.loudness + (loudness - self.loudness) / 8,
        };
        self.runs.heard(note.pitch);
        self.remember(note);
    }

    /// `at`, or the first tick after the last note's onset.
    fn after_last(&self, at: Ticks) -> Ticks {
        let last = self.notes.last();
        last.map_or(at, |last| at.max(last.onset + Ticks::new(1)))
    }

    /// The network reads the last note and where the next one falls.
    fn step(&mut self, onset: Ticks) {
        let metre = self.metre;
        let known = usize::from(self.style.symbol()) <= self.network.header().config.styles().len();
        let style = if known { self.style } else { Style::ANY };
        let frame = self.frame.map_or_else(
            || PhraseContext::new(metre, style, onset),
            |frame| frame.in_style(style),
        );
        self.frame = Some(frame);
        let read = self.notes.len().saturating_sub(1);
        if let Some(last) = self.notes.last_mut() {
            if self.joined.is_some_and(|joined| joined.held) {
                last.duration = onset - last.onset;
            }
            // Where the same note was read before, another one came in place of its follower.
            self.events.truncate(read);
            self.events.push(Event::new(*last, onset - last.onset));
        }
        self.memory.listen(&self.events, onset, metre);
        let answering = self.next.is_some();
        if answering {
            self.memory.restrain();
        }
        let inputs = frame.inputs(&self.events, &self.memory, onset, self.end);
        self.network.step(&mut self.state, &inputs);
    }

    fn remember(&mut self, note: Note) {
        if self.notes.len() == REMEMBERED {
            // A phrase that may be answered once more stays.
            let phrase = self.kept.map_or(0, |kept| kept.notes);
            let from = if phrase < REMEMBERED / 4 { phrase } else { 0 };
            if from < phrase {
                self.kept = None;
            }
            self.notes.drain(from..from + REMEMBERED / 2);
            self.events.drain(from..from + REMEMBERED / 2);
        }
        self.notes.push(note);
    }
}
