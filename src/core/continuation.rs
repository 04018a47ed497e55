//! The answer: hears a phrase, then plays on, a short span at a time.
//!
//! What the player does goes through the [`Ears`], which make one melody of it.
//! A note is read once it is known where the next one falls; of an answer that is when the next
//! note lies in the span to be planned. So a turned knob acts on the very next note that is not
//! planned yet.
//!
//! Lives on the worker's thread (and in the trainer's `generate`). Allocates when made and when
//! [`Continuation::swap`]ped.

mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rand_pcg::Pcg32;

use crate::bounds::Home;
use crate::ears::{Ears, Voices};
use crate::memory::Memory;
use crate::network::{Network, State};
use crate::note::{Note, Pitch, Velocity};
use crate::runs::Runs;
use crate::sampler::Sampler;
use crate::time::{Metre, Span, Ticks};
use crate::vocabulary::{self, END, Event, Factor, Frame, NONE, Style, Targets};

pub use settings::{Settings, Touch};

/// Notes that are kept for being heard again by another network.
const REMEMBERED: usize = 1024;

/// A phrase being heard, or an answer being played.
pub struct Continuation {
    network: Arc<Network>,
    state: State,
    metre: Metre,
    /// As wished, whether or not the network knows it.
    style: Style,
    ears: Ears,
    /// Where the phrase began; set by its first note.
    frame: Option<Frame>,
    /// Everything heard and answered since the phrase began.
    notes: Vec<Note>,
    /// The same as symbols, up to the last note whose interval to the next is known.
    events: Vec<Event>,
    memory: Memory,
    runs: Runs,
    /// Where the answer is to end, as far as that is known.
    end: Option<Ticks>,
    /// Onset of the note to be planned next, while an answer is under way.
    next: Option<Ticks>,
    random: Pcg32,
    /// Mean velocity of the phrase, in 1/256.
    loudness: i64,
    /// Where the phrase that is answered is at home.
    home: Home,
    /// The phrase as it was when it was first answered.
    kept: Option<Kept>,
    /// What the network remembered then.
    kept_state: State,
}

/// How far a phrase goes.
#[derive(Clone, Copy)]
struct Kept {
    /// Where its first answer began.
    at: Ticks,
    /// How many of the notes are its.
    notes: usize,
    runs: Runs,
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
            ears: Ears::default(),
            frame: None,
            notes: Vec::with_capacity(REMEMBERED),
            events: Vec::with_capacity(REMEMBERED),
            memory: Memory::default(),
            runs: Runs::default(),
            end: None,
            next: None,
            random: Pcg32::new(0, 0),
            loudness: 0,
            home: Home::default(),
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
        self.runs = Runs::default();
        (self.next, self.end, self.kept) = (None, None, None);
        self.state.clear();
    }

    /// The player strikes a key, which ends an answer that is under way.
    pub fn note_on(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        (self.next, self.end, self.kept) = (None, None, None);
        self.ears.note_on(at, pitch, velocity);
        self.hear();
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch) {
        self.ears.note_off(at, pitch);
        self.hear();
    }

    /// The answer is to begin at `at` and to end at `end`, as far as that is known. Same phrase,
    /// place and seed, same answer. Where the phrase was answered before, the new answer plays on from
    /// the old one; or, `again`, it answers the phrase itself, as if that had just been played.
    pub fn begin(&mut self, at: Ticks, end: Option<Ticks>, seed: u64, again: bool) {
        // PCG's stream tells answers at different places apart, its state those of different seeds.
        self.random = Pcg32::new(seed, at.get() as u64);
        match self.kept.filter(|_| again) {
            Some(kept) => self.go_back(kept, at),
            None => {
                self.ears.settle(at);
                self.hear();
            }
        }
        if self.kept.is_none() {
            let (notes, runs) = (self.notes.len(), self.runs);
            self.kept = Some(Kept { at, notes, runs });
            self.kept_state.copy_from(&self.state);
        }
        // Not before: of its own end the phrase knew nothing.
        self.end = end;
        if self.notes.is_empty() {
            self.loudness = i64::from(Velocity::DEFAULT.get()) * 256;
        }
        self.home = Home::new(&self.notes);
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
            let velocity = match settings.touch {
                Touch::Learnt => note.velocity,
                Touch::Follow => Some(self.accent(onset)),
                Touch::Fixed(velocity) => Some(velocity),
            };
            emit(Note {
                pitch,
                velocity,
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
        self.frame = first.map(|first| Frame::new(self.metre, self.style, first));
        self.kept = Some(Kept { at, ..kept });
    }

    /// Takes in what the ears have made out.
    fn hear(&mut self) {
        while let Some(note) = self.ears.next_note() {
            let onset = self.after_last(note.onset);
            self.step(onset);
            let loudness = note
                .velocity
                .map_or(0, |velocity| i64::from(velocity.get()) * 256);
            self.loudness = match self.notes.is_empty() {
                true => loudness,
                false => self.loudness + (loudness - self.loudness) / 8,
            };
            self.runs.heard(note.pitch);
            self.remember(Note { onset, ..note });
        }
    }

    /// `at`, or the first tick after the last note's onset.
    fn after_last(&self, at: Ticks) -> Ticks {
        let last = self.notes.last();
        last.map_or(at, |last| at.max(last.onset + Ticks::new(1)))
    }

    /// Draws the note at `onset` and the interval to the next one. The last note of an answer has
    /// none: `rest` is how long it is to the end.
    fn draw(&mut self, onset: Ticks, rest: Option<Ticks>, settings: &Settings) -> (Note, Ticks) {
        let pitches = Sampler {
            temperature: settings.temperature,
            top_p: settings.top_p,
        };
        let rhythm = Sampler {
            temperature: settings.rhythm_temperature,
            top_p: settings.top_p,
        };
        let mut known: Targets = [NONE; Factor::COUNT];
        for factor in Factor::ALL {
            let sampler = if factor == Factor::Pitch {
                pitches
            } else {
                rhythm
            };
            known[factor.index()] = match (factor, rest) {
                (Factor::Velocity, _) if !self.network.header().velocity => NONE,
                (Factor::Interval, Some(rest)) => vocabulary::time_symbol(rest),
                _ => self.choose(factor, &known, rest.is_some(), settings, sampler),
            };
        }
        let [pitch, interval, duration, velocity] = known;
        let interval = rest.unwrap_or_else(|| vocabulary::time_of(interval));
        let velocity = if velocity == NONE {
            self.accent(onset)
        } else {
            vocabulary::velocity_of(velocity)
        };
        let note = Note {
            onset,
            // One voice: a note ends where the next begins, at the latest.
            duration: vocabulary::time_of(duration).min(interval),
            pitch: Pitch::clamped(pitch.into()),
            velocity: Some(velocity),
        };
        (note, interval)
    }

    fn choose(
        &mut self,
        factor: Factor,
        known: &Targets,
        last: bool,
        settings: &Settings,
        by: Sampler,
    ) -> u16 {
        let mut logits = [0.0; 256];
        let logits = &mut logits[..factor.symbols()];
        self.network.logits(&self.state, factor, known, logits);
        // The sampler divides by the temperature, which is to sharpen the network's own mind, not
        // what is remembered: else a low temperature does nothing but quote.
        let share = settings.memory * by.temperature * self.distance_from_end();
        let memory = (&mut self.memory, share);
        self.network
            .remember(&self.state, factor, known, memory, logits);
        if factor == Factor::Pitch {
            self.runs.restrain(logits);
            if let Some(cadence) = self.network.header().cadence.filter(|_| last) {
                cadence.weigh(&self.notes, logits);
            }
            let before = self.notes.last().map(|note| note.pitch);
            settings.bounds.restrain(&self.home, before, logits);
            // How long an answer is, the player says.
            logits[usize::from(END)] = f32::NEG_INFINITY;
        }
        if factor == Factor::Interval
            && let Some(onset) = self.next
        {
            settings.groove.restrain(onset, self.metre, logits);
        }
        by.choose(logits, &mut self.random)
    }

    /// 1 until the last bar of the answer, then down to 0 at its end: a quotation goes on, an answer
    /// is to close.
    fn distance_from_end(&self) -> f32 {
        let (Some(end), Some(next)) = (self.end, self.next) else {
            return 1.0;
        };
        ((end - next).get() as f32 / self.metre.bar().get() as f32).clamp(0.0, 1.0)
    }

    /// The phrase's loudness, a little more on the bar and a little less off the beat.
    fn accent(&self, onset: Ticks) -> Velocity {
        let position = self.metre.position(onset).get();
        let accent = match position {
            0 => 8,
            _ if position % self.metre.beat().get() == 0 => 0,
            _ => -8,
        };
        Velocity::clamped(self.loudness / 256 + accent)
    }

    /// The network reads the last note and where the next one falls.
    fn step(&mut self, onset: Ticks) {
        let metre = self.metre;
        let known = usize::from(self.style.symbol()) <= self.network.header().config.styles().len();
        let style = if known { self.style } else { Style::ANY };
        let frame = self.frame.map_or_else(
            || Frame::new(metre, style, onset),
            |frame| frame.in_style(style),
        );
        self.frame = Some(frame);
        if let Some(last) = self.notes.last() {
            // Where the same note was read before, another one came in place of its follower.
            self.events.truncate(self.notes.len() - 1);
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
