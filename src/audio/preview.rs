//! The preview voice: a quiet pluck, so that the answer can be heard without an instrument.
//!
//! Audio thread. Nothing is allocated, and a note sounds from its very sample on: the waves start at
//! their crest, under an attack that starts above zero.

use harmonai_core::music::note::{Pitch, Velocity};

/// Notes that can sound together; one more takes the place of the quietest.
const VOICES: usize = 16;
/// Loudest a single note gets.
const PEAK: f32 = 0.12;
/// What the three partials add to that.
const PARTIALS: [f32; 3] = [0.7, 0.22, 0.08];
/// Seconds until a note is at full level.
const ATTACK: f32 = 0.0015;
/// Seconds in which a held note falls to a third.
const DECAY: f32 = 1.2;
/// The same once the key is up.
const RELEASE: f32 = 0.03;
/// The same for what is left of a note whose voice was taken.
const TAIL: f32 = 0.002;
/// Samples of a note after which its wave is put right. Counted from the note's beginning, not the block's:
/// the sound is the same to the last bit however the host cuts it.
const TURNS: u32 = 64;
/// Below this a note is over (-100 dB): long before numbers get too small to be quick.
const SILENCE: f32 = 1e-5;

/// All voices, at one sample rate.
#[derive(Clone)]
pub struct Preview {
    sample_rate: f32,
    attack: f32,
    decay: f32,
    release: f32,
    tail_decay: f32,
    voices: [Voice; VOICES],
    /// What voices sounded when they were taken, fading out.
    tail: [f32; 2],
    started: u64,
    /// Nothing sounds: the voices need not be looked at.
    silent: bool,
}

#[derive(Clone, Copy, Default)]
struct Voice {
    pitch: u8,
    held: bool,
    /// When it started, for the order of note-offs.
    started: u64,
    /// Level, falling; 0 is free.
    level: f32,
    /// 0 to 1 during the attack.
    attack: f32,
    /// The wave: a point on the unit circle, and how far it turns in a sample.
    wave: [f32; 2],
    turn: [f32; 2],
    /// How often it has turned since it was last put right.
    turned: u32,
    partials: [f32; 3],
    pan: [f32; 2],
}

impl Voice {
    /// What it sounds like at this sample, left and right.
    fn now(&self) -> [f32; 2] {
        let c = self.wave[0];
        // Multiples of an angle from its cosine alone.
        let (second, third) = (2.0 * c * c - 1.0, (4.0 * c * c - 3.0) * c);
        let [p1, p2, p3] = self.partials;
        let mono = self.level * self.attack * (p1 * c + p2 * second + p3 * third);
        self.pan.map(|gain| gain * mono)
    }

    fn advance(&mut self, attack: f32, fall: f32) {
        let ([c, s], [turn_c, turn_s]) = (self.wave, self.turn);
        self.wave = [c * turn_c - s * turn_s, s * turn_c + c * turn_s];
        self.turned += 1;
        if self.turned == TURNS {
            // Turning a long while lets the point drift off the circle; this pulls it back.
            let [c, s] = self.wave;
            let correction = 1.5 - 0.5 * (c * c + s * s);
            self.wave = [c * correction, s * correction];
            self.turned = 0;
        }
        self.attack = (self.attack + attack).min(1.0);
        self.level *= fall;
    }
}

impl Preview {
    /// Silence at this sample rate.
    pub fn new(sample_rate: f32) -> Self {
        // A host that gives nonsense gets a preview that is off key, not one that breaks.
        let rate = if sample_rate.is_finite() {
            sample_rate.max(1000.0)
        } else {
            48_000.0
        };
        let fall = |seconds: f32| (-1.0 / (seconds * rate)).exp();
        Self {
            sample_rate: rate,
            attack: 1.0 / (ATTACK * rate),
            decay: fall(DECAY),
            release: fall(RELEASE),
            tail_decay: fall(TAIL),
            voices: [Voice::default(); VOICES],
            tail: [0.0; 2],
            started: 0,
            silent: true,
        }
    }

    /// A note begins at the next sample that is rendered.
    pub fn note_on(&mut self, pitch: Pitch, velocity: Velocity) {
        let frequency = 440.0 * 2f32.powf((f32::from(pitch.get()) - 69.0) / 12.0);
        let radians = std::f32::consts::TAU * frequency / self.sample_rate;
        // Partials too high for the sample rate would come back as other notes.
        let mut partials = PARTIALS;
        for (i, partial) in partials.iter_mut().enumerate() {
            if radians * (i + 1) as f32 > 0.9 * std::f32::consts::PI {
                *partial = 0.0;
            }
        }
        // Low notes a little to the left, high ones to the right.
        let pan = (f32::from(pitch.get()) - 64.0).clamp(-32.0, 32.0) / 100.0;
        self.started += 1;
        self.silent = false;
        let voice = Voice {
            pitch: pitch.get(),
            held: true,
            started: self.started,
            level: PEAK * (0.3 + 0.7 * velocity.unit()),
            attack: self.attack.min(1.0),
            wave: [1.0, 0.0],
            turn: [radians.cos(), radians.sin()],
            turned: 0,
            partials,
            pan: [1.0 - pan.max(0.0), 1.0 + pan.min(0.0)],
        };
        let voices = self.voices.iter_mut();
        if let Some(quietest) = voices.min_by(|a, b| a.level.total_cmp(&b.level)) {
            if quietest.level > 0.0 {
                let [left, right] = quietest.now();
                self.tail = [self.tail[0] + left, self.tail[1] + right];
            }
            *quietest = voice;
        }
    }

    /// The key is up: the note of this pitch held longest fades out.
    pub fn note_off(&mut self, pitch: Pitch) {
        let is_it = |voice: &&mut Voice| voice.held && voice.pitch == pitch.get();
        let held = self.voices.iter_mut().filter(is_it);
        if let Some(voice) = held.min_by_key(|voice| voice.started) {
            voice.held = false;
        }
    }

    /// All keys are up.
    pub fn all_off(&mut self) {
        if self.silent {
            return;
        }
        for voice in &mut self.voices {
            voice.held = false;
        }
    }

    /// Fills both channels with what sounds next (silence if nothing does). They are of one length.
    pub fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        left.fill(0.0);
        right.fill(0.0);
        if self.silent {
            return;
        }
        for voice in self.voices.iter_mut().filter(|voice| voice.level > 0.0) {
            for (l, r) in left.iter_mut().zip(right.iter_mut()) {
                let [now_l, now_r] = voice.now();
                *l += now_l;
                *r += now_r;
                let fall = if voice.held { self.decay } else { self.release };
                voice.advance(self.attack, fall);
                if voice.level < SILENCE {
                    break;
                }
            }
            if voice.level < SILENCE {
                *voice = Voice::default();
            }
        }
        for (l, r) in left.iter_mut().zip(right.iter_mut()) {
            if self.tail == [0.0; 2] {
                break;
            }
            *l += self.tail[0];
            *r += self.tail[1];
            let tail = self.tail.map(|tail| tail * self.tail_decay);
            self.tail = if tail.iter().all(|t| t.abs() < SILENCE) {
                [0.0; 2]
            } else {
                tail
            };
        }
        self.silent = self.tail == [0.0; 2] && self.voices.iter().all(|voice| voice.level == 0.0);
    }

    pub fn is_silent(&self) -> bool {
        self.silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f32 = 48_000.0;

    fn pitch(key: u8) -> Pitch {
        Pitch::new(key).unwrap()
    }

    fn render(preview: &mut Preview, samples: usize) -> (Vec<f32>, Vec<f32>) {
        let (mut left, mut right) = (vec![9.0; samples], vec![9.0; samples]);
        preview.render(&mut left, &mut right);
        (left, right)
    }

    /// Largest difference between neighbours.
    fn largest_step(samples: &[f32]) -> f32 {
        samples
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_note_sounds_from_its_first_sample() {
        for rate in [16_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            for key in [0, 21, 60, 108] {
                for velocity in [1, 127] {
                    let mut preview = Preview::new(rate);
                    let (left, right) = render(&mut preview, 17);
                    assert!(
                        left.iter().chain(&right).all(|s| *s == 0.0),
                        "sound from nothing"
                    );
                    preview.note_on(pitch(key), Velocity::clamped(velocity));
                    let (left, right) = render(&mut preview, 1);
                    assert!(
                        left[0] > 5e-5 && right[0] > 5e-5,
                        "{rate} {key} {velocity}: {left:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_pitch_is_right() {
        let mut preview = Preview::new(RATE);
        preview.note_on(pitch(69), Velocity::DEFAULT);
        let (left, _) = render(&mut preview, RATE as usize);
        // The fundamental outweighs the partials, so each period rises through zero once.
        let rises = left
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
            .count();
        assert!((439..=441).contains(&rises), "{rises} Hz");
    }

    /// Seen in Ardour: of two bounces that cut one block differently the last digits differed.
    #[test]
    fn blocks_change_not_a_bit() {
        let play = |block: usize| {
            let mut preview = Preview::new(RATE);
            preview.note_on(pitch(50), Velocity::DEFAULT);
            preview.note_on(pitch(57), Velocity::DEFAULT);
            let mut all = Vec::new();
            while all.len() < 9600 {
                all.extend(render(&mut preview, block).0);
            }
            all
        };
        let whole = play(9600);
        for block in [1, 64, 100, 256] {
            let cut = play(block);
            let differs = whole.iter().zip(&cut).position(|(a, b)| a != b);
            assert_eq!(
                differs, None,
                "the first sample that differs, in blocks of {block}"
            );
        }
    }

    #[test]
    fn nothing_clicks() {
        // A full-level wave of the highest note used here moves less than this in a sample.
        let limit = PEAK * std::f32::consts::TAU * 880.0 / RATE * 1.6;
        let mut preview = Preview::new(RATE);
        let mut all = Vec::new();
        preview.note_on(pitch(81), Velocity::clamped(127));
        all.extend(render(&mut preview, 1234).0);
        preview.note_off(pitch(81));
        all.extend(render(&mut preview, RATE as usize).0);
        assert!(
            largest_step(&all) < limit,
            "{} of {limit}",
            largest_step(&all)
        );
        assert!(preview.is_silent());
        assert!(all[1234..].iter().all(|s| s.abs() < PEAK));
    }

    #[test]
    fn a_taken_voice_does_not_click() {
        let mut preview = Preview::new(RATE);
        for key in 0..VOICES as u8 {
            preview.note_on(pitch(40 + key), Velocity::clamped(127));
        }
        let (before, _) = render(&mut preview, 1000);
        let step = largest_step(&before);
        preview.note_on(pitch(70), Velocity::clamped(1));
        let (after, _) = render(&mut preview, 1000);
        let seam = (after[0] - before[999]).abs();
        assert!(seam < 1.5 * step, "{seam} where {step} is usual");
    }

    #[test]
    fn sound_ends_and_leaves_no_tiny_numbers() {
        let mut preview = Preview::new(RATE);
        for key in 0..40 {
            preview.note_on(pitch(30 + key), Velocity::DEFAULT);
            render(&mut preview, 100);
        }
        preview.all_off();
        let mut rendered = 0;
        while !preview.is_silent() {
            let (left, right) = render(&mut preview, 64);
            for sample in left.iter().chain(&right) {
                assert!(sample.is_finite() && !sample.is_subnormal(), "{sample}");
            }
            rendered += 64;
            assert!(rendered < RATE as usize, "still sounding after a second");
        }
        assert!(render(&mut preview, 64).0.iter().all(|s| *s == 0.0));
    }

    #[test]
    fn held_notes_decay_and_one_off_ends_one_note() {
        let mut preview = Preview::new(RATE);
        preview.note_on(pitch(60), Velocity::DEFAULT);
        preview.note_on(pitch(60), Velocity::DEFAULT);
        preview.note_off(pitch(61));
        preview.note_off(pitch(60));
        assert_eq!(preview.voices.iter().filter(|voice| voice.held).count(), 1);
        preview.note_off(pitch(60));
        preview.note_off(pitch(60));
        assert_eq!(preview.voices.iter().filter(|voice| voice.held).count(), 0);
        let mut held = Preview::new(RATE);
        held.note_on(pitch(60), Velocity::DEFAULT);
        render(&mut held, 20 * RATE as usize);
        assert!(held.is_silent());
    }

    #[test]
    fn nonsense_rates_do_no_harm() {
        for rate in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let mut preview = Preview::new(rate);
            preview.note_on(pitch(127), Velocity::DEFAULT);
            let (left, right) = render(&mut preview, 256);
            assert!(
                left.iter()
                    .chain(&right)
                    .all(|s| s.is_finite() && s.abs() < 1.0)
            );
        }
    }
}
