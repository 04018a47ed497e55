//! What a DAW's track with the phrase on it plays to the plug-in.

use super::Stretch;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Ticks;

/// A key that the host presses or releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keystroke {
    /// When, in samples since the session's start.
    pub sample: u64,
    /// Which.
    pub pitch: Pitch,
    /// How hard, or `None` where it is released.
    pub velocity: Option<Velocity>,
}

/// What a track with `phrase` on it plays; the host releases what sounds when it jumps.
pub fn track(stretches: &[Stretch], phrase: &[Note], lag: f64) -> Vec<Keystroke> {
    let mut keys = Vec::new();
    let mut held: Vec<Note> = Vec::new();
    for stretch in stretches {
        if stretch.jump {
            let release = |note: Note| Keystroke {
                sample: stretch.first,
                pitch: note.pitch,
                velocity: None,
            };
            keys.extend(held.drain(..).map(release));
        }
        if !stretch.playing {
            continue;
        }
        let late = lag * stretch.frames_per_beat() / Ticks::BEAT.get() as f64;
        let within = |at: Ticks| {
            let sample = (stretch.exact_sample(at) + late).round();
            let inside = sample >= stretch.first as f64 && sample < stretch.end() as f64;
            inside.then_some(sample as u64)
        };
        for note in phrase {
            if let Some(sample) = within(note.onset) {
                let velocity = Some(note.velocity.unwrap_or(Velocity::DEFAULT));
                keys.push(Keystroke {
                    sample,
                    pitch: note.pitch,
                    velocity,
                });
                held.push(*note);
            }
        }
        held.retain(|note| match within(note.end()) {
            Some(sample) => {
                keys.push(Keystroke {
                    sample,
                    pitch: note.pitch,
                    velocity: None,
                });
                false
            }
            None => true,
        });
    }
    keys
}
