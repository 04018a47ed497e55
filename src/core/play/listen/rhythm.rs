//! The rhythm that a player means, out of the one that is played. Part of the melody listener, on
//! the worker's thread.
//!
//! An onset a tick beside a sixteenth or a triplet eighth falls on it. A note that sounds for most
//! of the time to the next one sounds up to the next one. Even lengths stay.

use std::collections::VecDeque;

use super::voice_separation::Onset;
use crate::music::note::Note;
use crate::music::time::{TICKS_PER_BEAT, Ticks};

/// Sixteenths, then triplet eighths: of a tick beside both, the sixteenth is meant.
const PLACES: [i64; 7] = [0, 6, 12, 18, 24, 8, 16];

/// A thirty-second.
const SHORT: Ticks = Ticks::new(3);

/// Lengths beside the even ones are multiples of one of these.
const STEPS: [i64; 2] = [3, 4];

/// The last note, while it is not known where the next one falls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rhythm {
    last: Option<Note>,
    /// It sounds up to the next one.
    rings: bool,
    /// Where the onset before was placed.
    before: Option<Ticks>,
}

impl Rhythm {
    /// The next note of the melody, of which it is known that another one is struck at `next`.
    pub fn place(&mut self, struck: &Onset, next: Ticks, notes: &mut VecDeque<Note>) {
        let onset = snapped(struck.onset, self.before, next);
        self.finish(onset, notes);
        let interval = (next - struck.onset).max(Ticks::new(1));
        let sounding = struck.end.map_or(interval, |end| end - struck.onset);
        let length = length(sounding.max(Ticks::new(1)), interval);
        self.last = Some(Note {
            onset,
            duration: length.unwrap_or(interval),
            pitch: struck.pitch,
            velocity: Some(struck.velocity),
        });
        self.rings = length.is_none();
        self.before = Some(onset);
    }

    /// What follows the last note begins at `next`.
    pub fn finish(&mut self, next: Ticks, notes: &mut VecDeque<Note>) {
        if let Some(mut note) = self.last.take() {
            let interval = (next - note.onset).max(Ticks::new(1));
            note.duration = match self.rings {
                true => interval,
                false => note.duration.min(interval),
            };
            notes.push_back(note);
        }
    }
}

/// Where an onset is meant to fall, `before` being the one before it and `next` the next as played.
fn snapped(onset: Ticks, before: Option<Ticks>, next: Ticks) -> Ticks {
    let place = onset.get().rem_euclid(TICKS_PER_BEAT);
    let meant = PLACES.iter().find(|meant| (*meant - place).abs() <= 1);
    let Some(meant) = meant.filter(|_| !PLACES.contains(&place)) else {
        return onset;
    };
    // Two of the thirty-seconds lie beside a triplet: among their own they are what they are.
    let short = place % SHORT.get() == 0
        && (next - onset == SHORT || before.is_some_and(|before| onset - before == SHORT));
    let meant = onset + Ticks::new(meant - place);
    let between = meant < next && before.is_none_or(|before| meant > before);
    if between && !short { meant } else { onset }
}

/// How long a note is meant to sound; `None` for up to the next one.
fn length(sounding: Ticks, interval: Ticks) -> Option<Ticks> {
    let n = sounding.get();
    let even = n % 6 == 0 || n % 8 == 0;
    if sounding >= interval || (!even && n.saturating_mul(10) >= interval.get().saturating_mul(7)) {
        return None;
    }
    if even {
        return Some(sounding);
    }
    // Of two as near the longer: keys are let go too early rather than too late.
    let near = STEPS.map(|step| ((n + step / 2) / step * step).max(SHORT.get()));
    let nearest = near
        .into_iter()
        .min_by_key(|near| ((near - n).abs(), -near));
    Some(nearest.map_or(sounding, Ticks::new))
}
