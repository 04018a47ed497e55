//! The answer: hears a phrase note by note, then plays on, a short span at a time.
//!
//! The network stands one step ahead of the music: it has read everything up to the last note and
//! where the coming one falls, and is asked for that note only when its onset lies in the span to
//! be planned. So a turned knob acts on the very next note that is not planned yet.
//!
//! Lives on the worker's thread (and in the trainer's `generate`). Allocates when made and when
//! [`Continuation::swap`]ped.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rand_pcg::Pcg32;

use crate::memory::Memory;
use crate::network::{Network, State};
use crate::note::{Note, Pitch, Velocity};
use crate::sampler::Sampler;
use crate::time::{Metre, Span, Ticks};
use crate::vocabulary::{self, END, Event, Factor, Frame, NONE, Style, Targets};

/// Notes that are kept for being heard again by another network.
const REMEMBERED: usize = 1024;

/// The knobs that shape an answer; a snapshot of them goes with each request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Of the pitches; 1 as the network has it, lower is tamer, higher wilder.
    pub temperature: f32,
    /// Of intervals and durations.
    pub rhythm_temperature: f32,
    /// Unlikely notes beyond this probability mass are never played.
    pub top_p: f32,
    /// How much the phrase's own turns draw the answer: 0 not at all, 1 as learnt.
    pub memory: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            rhythm_temperature: 1.0,
            top_p: 0.95,
            memory: 1.0,
        }
    }
}

/// A phrase being heard, or an answer being played.
pub struct Continuation {
    network: Arc<Network>,
    state: State,
    metre: Metre,
    style: Style,
    /// Where the phrase began; set by its first note.
    frame: Option<Frame>,
    /// Everything heard and answered since the phrase began. Of a note that still sounds, the
    /// duration counts from `held` on.
    notes: Vec<Note>,
    /// The same as symbols, up to the last note whose interval to the next is known.
    events: Vec<Event>,
    memory: Memory,
    /// Where the answer is to end, as far as that is known.
    end: Option<Ticks>,
    /// Whether the last note of the phrase is still down.
    held: bool,
    /// Onset of the note to be planned next, while an answer is under way.
    next: Option<Ticks>,
    random: Pcg32,
    /// Mean velocity of the phrase, in 1/256.
    loudness: i64,
}

impl Continuation {
    /// Nothing heard yet. `network` is one of notes; one of the grid cannot play here.
    pub fn new(network: Arc<Network>) -> Self {
        let state = network.state();
        Self {
            network,
            state,
            metre: Metre::COMMON,
            style: Style::ANY,
            frame: None,
            notes: Vec::with_capacity(REMEMBERED),
            events: Vec::with_capacity(REMEMBERED),
            memory: Memory::default(),
            end: None,
            held: false,
            next: None,
            random: Pcg32::new(0, 0),
            loudness: 0,
        }
    }

    /// The network that plays.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The style that the network plays in.
    pub fn set_style(&mut self, style: Style) {
        let known = usize::from(style.symbol()) <= self.network.header().config.styles().len();
        self.style = if known { style } else { Style::ANY };
    }

    /// Forgets phrase and answer; a new phrase begins with the next note, in `metre`.
    pub fn clear(&mut self, metre: Metre) {
        self.metre = metre;
        self.frame = None;
        self.notes.clear();
        self.events.clear();
        self.held = false;
        (self.next, self.end) = (None, None);
        self.state.clear();
    }

    /// The player strikes a key. Of keys struck together the highest is the melody; playing on
    /// ends an answer that is under way.
    pub fn note_on(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        (self.next, self.end) = (None, None);
        let heard = Note {
            onset: at,
            duration: Ticks::new(1),
            pitch,
            velocity: Some(velocity),
        };
        match self.notes.last_mut() {
            Some(last) if at <= last.onset => {
                if pitch > last.pitch {
                    *last = Note {
                        onset: last.onset,
                        ..heard
                    };
                }
            }
            Some(last) => {
                if self.held {
                    last.duration = at - last.onset;
                }
                self.step(at);
                self.remember(heard);
            }
            None => {
                self.step(at);
                self.remember(heard);
            }
        }
        self.held = true;
        let loudness = i64::from(velocity.get()) * 256;
        let first = self.notes.len() == 1;
        self.loudness = if first {
            loudness
        } else {
            self.loudness + (loudness - self.loudness) / 8
        };
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch) {
        if let Some(last) = self.notes.last_mut()
            && self.held
            && last.pitch == pitch
        {
            last.duration = (at - last.onset).max(Ticks::new(1));
            self.held = false;
        }
    }

    /// The answer is to begin at `at` and to end at `end`, as far as that is known. Same phrase,
    /// place and seed, same answer.
    pub fn begin(&mut self, at: Ticks, end: Option<Ticks>, seed: u64) {
        self.end = end;
        // PCG's stream tells answers at different places apart, its state those of different seeds.
        self.random = Pcg32::new(seed, at.get() as u64);
        let mut at = at;
        if let Some(last) = self.notes.last_mut() {
            at = at.max(last.onset + Ticks::new(1));
            if self.held {
                last.duration = at - last.onset;
                self.held = false;
            }
        } else {
            self.loudness = i64::from(Velocity::DEFAULT.get()) * 256;
        }
        self.step(at);
        self.next = Some(at);
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
        self.end = end;
        while let Some(onset) = self.next
            && onset < span.end
            && end.is_none_or(|end| onset < end)
        {
            // The melody may come to its own end in the last bar of the answer, not before.
            let may_end = end.is_some_and(|end| onset + self.metre.bar() >= end);
            let Some((mut note, interval)) = self.draw(onset, may_end, settings) else {
                self.next = None;
                break;
            };
            if let Some(end) = end {
                note.duration = note.duration.min(end - onset);
            }
            emit(note);
            self.remember(note);
            self.step(onset + interval);
            self.next = Some(onset + interval);
        }
    }

    /// Goes on with another network, which hears everything again.
    pub fn swap(&mut self, network: Arc<Network>) {
        self.state = network.state();
        self.network = network;
        self.set_style(self.style);
        let notes = std::mem::take(&mut self.notes);
        self.frame = None;
        self.events.clear();
        for note in &notes {
            self.step(note.onset);
            self.notes.push(*note);
        }
        if let Some(next) = self.next {
            self.step(next);
        }
        self.notes.reserve(REMEMBERED.saturating_sub(notes.len()));
    }

    /// Draws the note at `onset` and the interval to the next one; `None` where the melody ends.
    fn draw(&mut self, onset: Ticks, may_end: bool, settings: &Settings) -> Option<(Note, Ticks)> {
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
            known[factor.index()] = match factor {
                Factor::Velocity if !self.network.header().velocity => NONE,
                _ => self.choose(factor, &known, may_end, settings.memory, sampler),
            };
            if known[Factor::Pitch.index()] == END {
                return None;
            }
        }
        let [pitch, interval, duration, velocity] = known;
        let interval = vocabulary::time_of(interval);
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
        Some((note, interval))
    }

    fn choose(
        &mut self,
        factor: Factor,
        known: &Targets,
        may_end: bool,
        memory: f32,
        by: Sampler,
    ) -> u16 {
        let mut logits = [0.0; 256];
        let logits = &mut logits[..factor.symbols()];
        self.network.logits(&self.state, factor, known, logits);
        let memory = (&mut self.memory, memory);
        self.network
            .remember(&self.state, factor, known, memory, logits);
        if factor == Factor::Pitch && !may_end {
            logits[usize::from(END)] = f32::NEG_INFINITY;
        }
        by.choose(logits, &mut self.random)
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
        let (metre, style) = (self.metre, self.style);
        let frame = *self
            .frame
            .get_or_insert_with(|| Frame::new(metre, style, onset));
        if let Some(last) = self.notes.last() {
            // Where the same note was read before, another one came in place of its follower.
            self.events.truncate(self.notes.len() - 1);
            self.events.push(Event::new(*last, onset - last.onset));
        }
        self.memory.listen(&self.events, onset, metre);
        let inputs = frame.inputs(&self.events, self.memory.clearest(), onset, self.end);
        self.network.step(&mut self.state, &inputs);
    }

    fn remember(&mut self, note: Note) {
        if self.notes.len() == REMEMBERED {
            self.notes.drain(..REMEMBERED / 2);
            self.events.drain(..REMEMBERED / 2);
        }
        self.notes.push(note);
    }
}
