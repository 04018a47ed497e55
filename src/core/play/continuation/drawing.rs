//! One note drawn: what the network makes of everything read so far, within what the player lets it.
//!
//! Part of the [`Continuation`], on the worker's thread.

use super::{Continuation, Settings, Touch};
use crate::model::vocabulary::{self, END, Factor, NONE, Targets};
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::Ticks;
use crate::play::sampler::Sampler;

impl Continuation {
    /// Draws the note at `onset` and the interval to the next one. The last note of an answer has
    /// none: `rest` is how long it is to the end.
    pub(super) fn draw(
        &mut self,
        onset: Ticks,
        rest: Option<Ticks>,
        settings: &Settings,
    ) -> (Note, Ticks) {
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

    /// How hard the note sounds.
    pub(super) fn strike(&self, note: &Note, settings: &Settings) -> Option<Velocity> {
        let played = match settings.touch {
            Touch::Learnt => note.velocity?,
            Touch::Follow => self.accent(note.onset),
            Touch::Fixed(velocity) => return Some(velocity),
        };
        let middle = self.loudness as f32 / 256.0;
        let stray = (f32::from(played.get()) - middle) * settings.dynamics;
        Some(Velocity::clamped((middle + stray).round() as i64))
    }

    /// The phrase's loudness, a little more on the bar and a little less off the beat.
    pub(super) fn accent(&self, onset: Ticks) -> Velocity {
        let position = self.metre.position(onset).get();
        let accent = match position {
            0 => 8,
            _ if position % self.metre.beat().get() == 0 => 0,
            _ => -8,
        };
        Velocity::clamped(self.loudness / 256 + accent)
    }
}
