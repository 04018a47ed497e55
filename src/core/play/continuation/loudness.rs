//! How loud the player plays, and how hard an answer strikes because of it. Part of the
//! continuation, on the worker's thread.

use super::settings::{Settings, Touch};
use crate::music::note::{Note, Velocity};
use crate::music::time::{Metre, Ticks};

/// The running mean of the player's velocities, in 1/256.
#[derive(Clone, Copy)]
pub struct Loudness(i64);

impl Loudness {
    pub const DEFAULT: Self = Self(Velocity::DEFAULT.get() as i64 * 256);

    /// As loud as one note.
    pub fn of(note: &Note) -> Self {
        Self(
            note.velocity
                .map_or(0, |velocity| i64::from(velocity.get()) * 256),
        )
    }

    /// Comes an eighth of the way nearer to a note.
    pub fn approach(&mut self, note: &Note) {
        self.0 += (Self::of(note).0 - self.0) / 8;
    }

    /// The mean, a little more on the bar and a little less off the beat.
    pub fn accent(self, onset: Ticks, metre: Metre) -> Velocity {
        let position = metre.position(onset).get();
        let accent = match position {
            0 => 8,
            _ if position % metre.beat().get() == 0 => 0,
            _ => -8,
        };
        Velocity::clamped(self.0 / 256 + accent)
    }

    /// How hard a drawn note sounds.
    pub fn strike(self, note: &Note, metre: Metre, settings: &Settings) -> Option<Velocity> {
        let played = match settings.touch {
            Touch::Learnt => note.velocity?,
            Touch::Follow => self.accent(note.onset, metre),
            Touch::Fixed(velocity) => return Some(velocity),
        };
        let middle = self.0 as f32 / 256.0;
        let stray = (f32::from(played.get()) - middle) * settings.dynamics;
        Some(Velocity::clamped((middle + stray).round() as i64))
    }
}
