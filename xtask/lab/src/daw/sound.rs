//! Detects where notes begin in a sound, and their pitches.
//!
//! For hosts that return sound and no notes. It is made for the preview voice with a short *Gate*: one
//! note at a time, with a fast attack, which has died away when the next one begins.

use anyhow::{Context, ensure};
use std::path::Path;

/// A note begins where the sound is this many times louder than just before.
const RISE: f32 = 4.0;
/// What "just before" is, in seconds: longer than a period of the lowest note, and over when the
/// attack begins.
const BEFORE: (f64, f64) = (0.02, 0.0015);
/// Silence is below this, a fifth of the softest note.
const FLOOR: f32 = 0.007;
/// The part of a note that its pitch is found from, in seconds from its beginning.
const PART: (f64, f64) = (0.01, 0.09);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectedNote {
    /// Its first sample, or one a few after it.
    pub sample: u64,
    pub key: u8,
}

/// Reads a stereo sound from a file of 32-bit floats in the machine's byte order, interleaved.
pub fn read(file: &Path) -> anyhow::Result<Vec<[f32; 2]>> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let float = |four: &[u8]| four.try_into().map_or(0.0, f32::from_ne_bytes);
    let frames = bytes.chunks_exact(8);
    ensure!(frames.remainder().is_empty(), "{} is cut", file.display());
    Ok(frames
        .map(|frame| [float(&frame[..4]), float(&frame[4..])])
        .collect())
}

pub fn notes(sound: &[[f32; 2]], rate: f64) -> Vec<DetectedNote> {
    let mono: Vec<f32> = sound.iter().map(|[left, right]| left + right).collect();
    let [long, short] = [BEFORE.0, BEFORE.1].map(|seconds| (seconds * rate) as usize);
    let mut found = Vec::new();
    let mut next = 0;
    for (sample, value) in mono.iter().enumerate() {
        if sample < next || value.abs() < FLOOR {
            continue;
        }
        let before = &mono[sample.saturating_sub(long)..sample.saturating_sub(short)];
        if value.abs() > RISE * before.iter().fold(0.0, |most, v| v.abs().max(most)) {
            found.push(DetectedNote {
                sample: sample as u64,
                key: key(&mono[sample..], rate),
            });
            // The attack goes on.
            next = sample + long;
        }
    }
    found
}

/// The key whose frequency is strongest at the beginning of `sound`.
fn key(sound: &[f32], rate: f64) -> u8 {
    let at = |seconds: f64| ((seconds * rate) as usize).min(sound.len());
    let part = &sound[at(PART.0)..at(PART.1)];
    let strength = |key: u8| {
        let radians =
            std::f64::consts::TAU * 440.0 / rate * 2f64.powf((f64::from(key) - 69.0) / 12.0);
        let sum = part
            .iter()
            .enumerate()
            .fold((0.0, 0.0), |(c, s), (i, value)| {
                // A window that is 0 at both ends: neighbours do not leak into each other.
                let turn = std::f64::consts::TAU * i as f64 / part.len() as f64;
                let value = f64::from(*value) * (1.0 - turn.cos());
                let angle = radians * i as f64;
                (c + value * angle.cos(), s + value * angle.sin())
            });
        sum.0.hypot(sum.1)
    };
    let strongest = (24..=108).max_by(|a, b| strength(*a).total_cmp(&strength(*b)));
    strongest.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    /// Plucks of this many samples.
    fn sound(notes: &[DetectedNote], samples: u64) -> Vec<[f32; 2]> {
        let mut sound = vec![[0.0; 2]; 60_000];
        for note in notes {
            let frequency = 440.0 * 2f64.powf((f64::from(note.key) - 69.0) / 12.0);
            for (i, frame) in sound[note.sample as usize..].iter_mut().enumerate() {
                let over = (i as f64 - samples as f64).max(0.0) / (0.03 * RATE);
                let angle = std::f64::consts::TAU * frequency * i as f64 / RATE;
                let level = 0.05 * (i as f64 / 72.0).min(1.0) * (-over).exp();
                let value = level * (0.7 * angle.cos() + 0.22 * (2.0 * angle).cos());
                *frame = frame.map(|v| v + value as f32);
            }
        }
        sound
    }

    #[test]
    fn plucks_are_found_where_they_are_and_nowhere_else() {
        let notes_in = [(1000, 60), (13_000, 61), (25_000, 61), (37_000, 72)];
        let plucks = notes_in.map(|(sample, key)| DetectedNote { sample, key });
        let found = notes(&sound(&plucks, 6000), RATE);
        assert_eq!(found.len(), plucks.len(), "{found:?}");
        for (found, pluck) in found.iter().zip(&plucks) {
            assert_eq!(found.key, pluck.key);
            let late = found.sample - pluck.sample;
            assert!(late < 48, "{late} samples late");
        }
        assert_eq!(notes(&sound(&[], 0), RATE), []);
    }
}
