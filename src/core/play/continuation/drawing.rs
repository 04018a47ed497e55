//! One note drawn: what the network makes of everything read so far, within what the player allows.
//!
//! Part of the continuation, on the worker's thread; no allocation.

use std::sync::Arc;

use super::answer::Answer;
use super::loudness::Loudness;
use super::settings::Settings;
use super::transcript::Transcript;
use crate::model::vocabulary::{self, END, Factor, NONE, Targets};
use crate::music::note::{Note, Pitch};
use crate::music::time::Ticks;
use crate::play::sampler::Sampler;

/// How many times what the memory has learnt counts. In written melodies once is right; an answer,
/// drawn note by note, takes its figures up less exactly, hears fainter echoes, and in the end
/// repeats half as much as melodies do (`training/EXPERIMENTS.md`).
const EMPHASIS: f32 = 1.5;

/// The share of its temperature that an answer still has at its end: a close is no place to dare.
const CLOSING: f32 = 0.4;

/// What a note at `onset` is drawn from.
pub struct Drawing<'a> {
    pub transcript: &'a mut Transcript,
    pub answer: &'a mut Answer,
    pub loudness: Loudness,
    pub settings: &'a Settings,
    pub onset: Ticks,
}

impl Drawing<'_> {
    /// Where the answer's first note falls: at `onset` or up to a bar later, as the network expects
    /// the phrase to go on after its last note.
    pub fn entry(&mut self) -> Ticks {
        let Some(last) = self.transcript.notes().last().copied() else {
            return self.onset;
        };
        let bar_later = self.onset + self.transcript.metre().bar();
        let until = self.answer.end.map_or(bar_later, |end| end.min(bar_later));
        let mut known: Targets = [NONE; Factor::COUNT];
        known[Factor::Pitch.index()] = last.pitch.get().into();
        let mut logits = self.logits(Factor::Interval, &known);
        let logits = &mut logits[..Factor::Interval.symbols()];
        let metre = self.transcript.metre();
        self.settings.rhythm.mask_onsets(last.onset, metre, logits);
        let span = self.onset..until;
        for (symbol, logit) in (0..).zip(logits.iter_mut()) {
            if !span.contains(&(last.onset + vocabulary::time_of(symbol))) {
                *logit = f32::NEG_INFINITY;
            }
        }
        if logits.iter().all(|logit| !logit.is_finite()) {
            return self.onset;
        }
        let symbol = self
            .sampler(Factor::Interval)
            .choose(logits, &mut self.answer.random);
        last.onset + vocabulary::time_of(symbol)
    }

    /// The note, and the interval to the next one.
    pub fn note(&mut self) -> (Note, Ticks) {
        let (note, interval) = self.draw(None);
        match self.answer.end {
            // Its rhythm makes it the last note: it is drawn again, to close with.
            Some(end) if self.onset + interval >= end => self.draw(Some(end - self.onset)),
            _ => (note, interval),
        }
    }

    /// The last note of an answer has no interval to draw: `rest` is how long it is to the end.
    fn draw(&mut self, rest: Option<Ticks>) -> (Note, Ticks) {
        let mut known: Targets = [NONE; Factor::COUNT];
        let network = Arc::clone(self.transcript.network());
        for &factor in network.header().config.factors() {
            known[factor.index()] = match (factor, rest) {
                (Factor::Interval, Some(rest)) => vocabulary::time_symbol(rest),
                _ => self.choose(factor, &known, rest.is_some()),
            };
        }
        let [pitch, interval, duration, velocity] = known;
        let interval = rest.unwrap_or_else(|| vocabulary::time_of(interval));
        // A network that does not predict them plays legato, and as loud as the phrase.
        let duration = match duration {
            NONE => interval,
            symbol => vocabulary::time_of(symbol),
        };
        let velocity = match velocity {
            NONE => (self.loudness).accent(self.onset, self.transcript.metre()),
            symbol => vocabulary::velocity_of(symbol),
        };
        let note = Note {
            onset: self.onset,
            // One voice: a note ends where the next begins, at the latest.
            duration: duration.min(interval),
            pitch: Pitch::clamped(pitch.into()),
            velocity: Some(velocity),
        };
        (note, interval)
    }

    /// One factor of the note, given those in `known`; `last` for the note that closes the answer.
    fn choose(&mut self, factor: Factor, known: &Targets, last: bool) -> u16 {
        let settings = self.settings;
        let mut logits = self.logits(factor, known);
        let logits = &mut logits[..factor.symbols()];
        if factor == Factor::Pitch {
            let (network, notes) = (self.transcript.network(), self.transcript.notes());
            if let Some(cadence) = network.header().cadence.filter(|_| last) {
                cadence.weigh(notes, self.transcript.metre(), logits);
            }
            let before = notes.last().map(|note| note.pitch);
            self.answer.pull.lower(logits);
            (settings.pitch).mask_pitches(&self.answer.profile, before, logits);
            // How long an answer is, the player says.
            logits[usize::from(END)] = f32::NEG_INFINITY;
        }
        if factor == Factor::Interval {
            (settings.rhythm).mask_onsets(self.onset, self.transcript.metre(), logits);
        }
        (self.sampler(factor)).choose(logits, &mut self.answer.random)
    }

    /// What the network and its memory expect.
    fn logits(&mut self, factor: Factor, known: &Targets) -> [f32; 256] {
        let mut logits = [0.0; 256];
        // The sampler divides by the temperature, which is to sharpen what the network expects, not
        // what the memory offers: otherwise a low temperature would do nothing but quote.
        let sampler = self.sampler(factor);
        let memory = EMPHASIS * self.settings.memory * sampler.temperature;
        let memory = memory * self.distance_from_end();
        let room = &mut logits[..factor.symbols()];
        self.transcript.logits(factor, known, memory, room);
        logits
    }

    fn sampler(&self, factor: Factor) -> Sampler {
        let temperature = match factor {
            Factor::Pitch => self.settings.temperature,
            _ => self.settings.rhythm_temperature,
        };
        Sampler {
            temperature: temperature * (CLOSING + (1.0 - CLOSING) * self.distance_from_end()),
            top_p: self.settings.top_p,
        }
    }

    /// 1 until the last bar of the answer, then down to 0 at its end: a quotation would go on, but
    /// the answer is to close.
    fn distance_from_end(&self) -> f32 {
        let Some(end) = self.answer.end else {
            return 1.0;
        };
        let bar = self.transcript.metre().bar();
        ((end - self.onset).get() as f32 / bar.get() as f32).clamp(0.0, 1.0)
    }
}
