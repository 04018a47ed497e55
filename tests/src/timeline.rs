//! Where the transport is at each sample of a session, and what the track plays there.
//!
//! Made from a [`Script`] before the session starts. The position in the song is a whole number
//! of samples, as in a DAW; beats follow from it and the tempo.

mod track;

use crate::script::{Action, Script};
use harmonai_core::music::time::{Beats, Span, Ticks};
pub use track::Keystroke;
use track::track;

/// A stretch of time in which the transport runs, or stands, undisturbed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its first sample, counted from the session's start.
    pub first: u64,
    /// How many samples it lasts.
    pub frames: u64,
    /// Position in the song at the first sample, in samples.
    pub song: i64,
    /// Whether the transport rolls.
    pub playing: bool,
    /// Whether the transport got here other than by running on.
    pub jump: bool,
    tempo: Tempo,
}

/// The tempo, and a place that pins beats to samples of the song.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tempo {
    bpm: f64,
    frames_per_beat: f64,
    song: i64,
    beats: f64,
}

impl Tempo {
    fn beats(&self, song: i64) -> f64 {
        self.beats + (song - self.song) as f64 / self.frames_per_beat
    }

    /// Samples of the song, not rounded.
    fn song(&self, beats: f64) -> f64 {
        self.song as f64 + (beats - self.beats) * self.frames_per_beat
    }
}

impl Stretch {
    /// The first sample after this stretch.
    pub fn end(&self) -> u64 {
        self.first + self.frames
    }

    /// Quarter notes a minute.
    pub fn bpm(&self) -> f64 {
        self.tempo.bpm
    }

    /// Samples in a quarter note.
    pub fn frames_per_beat(&self) -> f64 {
        self.tempo.frames_per_beat
    }

    /// Position in the song at `sample`, in samples.
    pub fn song_at(&self, sample: u64) -> i64 {
        if self.playing {
            self.song + (sample - self.first) as i64
        } else {
            self.song
        }
    }

    /// Position in the song at `sample`.
    pub fn beats_at(&self, sample: u64) -> Beats {
        Beats::new(self.tempo.beats(self.song_at(sample)))
    }

    /// The exact time of `at`, in samples since the session's start; not rounded, and perhaps
    /// outside the stretch.
    pub fn exact_sample(&self, at: Ticks) -> f64 {
        self.first as f64 + self.tempo.song(at.beats().get()) - self.song as f64
    }
}

/// The whole session's time.
#[derive(Clone, Debug)]
pub struct Timeline {
    sample_rate: f64,
    stretches: Vec<Stretch>,
    cycle: Option<Span>,
    /// What is pressed and released, in order.
    keys: Vec<Keystroke>,
    /// The script's other cues (knobs, states) with their samples, in order.
    cues: Vec<(u64, Action)>,
}

impl Timeline {
    /// Works the script out.
    pub fn new(script: &Script) -> Self {
        let mut builder = Builder::new(script);
        for cue in &script.cues {
            builder.run_until(cue.at.min(script.length));
            builder.act(&cue.action);
        }
        builder.run_until(script.length);
        builder.change(|b| b.playing = false);
        builder.run_until(script.length + Ticks::new(Ticks::BEAT.get() / 2));
        builder.finish(script)
    }

    /// In Hertz.
    pub fn sample_rate(&self) -> f64 {
        self.sample_rate
    }

    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    pub fn keys(&self) -> &[Keystroke] {
        &self.keys
    }

    /// Knobs and states on the way, in order.
    pub fn cues(&self) -> &[(u64, Action)] {
        &self.cues
    }

    /// The loop that the transport runs in.
    pub fn cycle(&self) -> Option<&Span> {
        self.cycle.as_ref()
    }

    /// Samples in the session.
    pub fn frames(&self) -> u64 {
        self.stretches.last().map_or(0, Stretch::end)
    }

    /// The stretch that `sample` falls in (the last one beyond the end).
    pub fn stretch_at(&self, sample: u64) -> &Stretch {
        let after = self.stretches.partition_point(|s| s.first <= sample);
        &self.stretches[after.max(1) - 1]
    }
}

struct Builder {
    sample_rate: f64,
    cycle: Option<Span>,
    stretches: Vec<Stretch>,
    cues: Vec<(u64, Action)>,
    loose: Vec<Keystroke>,
    /// Session time and its sample at the last change of tempo.
    anchor: (Ticks, f64),
    now: u64,
    song: i64,
    playing: bool,
    jumped: bool,
    tempo: Tempo,
}

impl Builder {
    fn new(script: &Script) -> Self {
        let frames_per_beat = script.sample_rate * 60.0 / script.tempo;
        let tempo = Tempo {
            bpm: script.tempo,
            frames_per_beat,
            song: 0,
            beats: 0.0,
        };
        Self {
            sample_rate: script.sample_rate,
            cycle: script.cycle.clone(),
            stretches: Vec::new(),
            cues: Vec::new(),
            loose: Vec::new(),
            anchor: (Ticks::ZERO, 0.0),
            now: 0,
            song: tempo.song(script.start.beats().get()).round() as i64,
            playing: script.rolling,
            jumped: true,
            tempo,
        }
    }

    fn exact(&self, elapsed: Ticks) -> f64 {
        self.anchor.1 + (elapsed - self.anchor.0).beats().get() * self.tempo.frames_per_beat
    }

    fn run_until(&mut self, elapsed: Ticks) {
        let end = self.exact(elapsed).round() as u64;
        while self.now < end {
            let mut frames = end - self.now;
            let mut wrap = None;
            if let Some(cycle) = self.cycle.as_ref().filter(|_| self.playing) {
                let loop_end = self.tempo.song(cycle.end.beats().get()).round() as i64;
                if self.song < loop_end && loop_end - self.song <= frames as i64 {
                    frames = (loop_end - self.song) as u64;
                    wrap = Some(self.tempo.song(cycle.start.beats().get()).round() as i64);
                }
            }
            let jump = std::mem::take(&mut self.jumped);
            match self.stretches.last_mut() {
                // A cue that leaves the transport alone, such as a knob, ends no stretch.
                Some(last) if !jump && last.tempo == self.tempo => last.frames += frames,
                _ => self.stretches.push(Stretch {
                    first: self.now,
                    frames,
                    song: self.song,
                    playing: self.playing,
                    jump,
                    tempo: self.tempo,
                }),
            }
            self.now += frames;
            if self.playing {
                self.song += frames as i64;
            }
            if let Some(start) = wrap {
                self.song = start;
                self.jumped = true;
            }
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        let before = (self.playing, self.song);
        change(self);
        self.jumped |= before != (self.playing, self.song);
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Play => self.change(|b| b.playing = true),
            Action::Stop => self.change(|b| b.playing = false),
            Action::Seek(to) => {
                self.change(|b| b.song = b.tempo.song(to.beats().get()).round() as i64);
            }
            Action::Tempo(bpm) => {
                let elapsed = (self.now as f64 - self.anchor.1) / self.tempo.frames_per_beat;
                // Cues sit on ticks, so the elapsed time is one to within a sample.
                let ticks = self.anchor.0 + Beats::new(elapsed).nearest_tick();
                self.anchor = (ticks, self.now as f64);
                self.tempo = Tempo {
                    bpm: *bpm,
                    frames_per_beat: self.sample_rate * 60.0 / bpm,
                    song: self.song,
                    beats: self.tempo.beats(self.song),
                };
            }
            Action::Press(pitch, velocity) => {
                let velocity = Some(*velocity);
                self.loose.push(Keystroke {
                    sample: self.now,
                    pitch: *pitch,
                    velocity,
                });
            }
            Action::Release(pitch) => {
                self.loose.push(Keystroke {
                    sample: self.now,
                    pitch: *pitch,
                    velocity: None,
                });
            }
            Action::Turn(..) | Action::Load(_) => self.cues.push((self.now, action.clone())),
        }
    }

    fn finish(self, script: &Script) -> Timeline {
        let mut keys = track(&self.stretches, &script.phrase, script.lag);
        keys.extend(self.loose);
        // Releases first, so that a repeated key is let go before it is pressed again.
        keys.sort_by_key(|key| (key.sample, key.velocity.is_some()));
        Timeline {
            sample_rate: self.sample_rate,
            stretches: self.stretches,
            cycle: self.cycle,
            keys,
            cues: self.cues,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::note::{Note, Pitch};
    use harmonai_core::music::time::Metre;

    fn note(onset: i64, duration: i64) -> Note {
        Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(duration),
            pitch: Pitch::MIDDLE_C,
            velocity: None,
        }
    }

    fn script() -> Script {
        Script::new(vec![note(24, 24)], Metre::COMMON, Ticks::new(96))
    }

    #[test]
    fn a_note_is_pressed_and_released_on_its_beat() {
        let timeline = Timeline::new(&script());
        let samples: Vec<_> = timeline.keys().iter().map(|k| k.sample).collect();
        assert_eq!(samples, [24_000, 48_000]);
        assert_eq!(timeline.frames(), 96_000 + 12_000);
        assert!(!timeline.stretch_at(96_000).playing);
    }

    #[test]
    fn a_loop_comes_round_without_losing_a_sample() {
        let mut script = script();
        script.cycle = Some(Ticks::ZERO..Ticks::new(48));
        let timeline = Timeline::new(&script);
        let samples: Vec<_> = timeline.keys().iter().map(|k| k.sample).collect();
        assert_eq!(
            samples,
            [24_000, 48_000, 72_000, 96_000],
            "released at the wrap"
        );
        let second = timeline.stretch_at(48_000);
        assert!(second.jump && second.song == 0);
        assert_eq!(second.exact_sample(Ticks::new(24)), 72_000.0);
    }

    #[test]
    fn a_new_tempo_keeps_the_position() {
        let script = script().at(Ticks::new(12), Action::Tempo(60.0));
        let timeline = Timeline::new(&script);
        let samples: Vec<_> = timeline.keys().iter().map(|k| k.sample).collect();
        assert_eq!(samples, [12_000 + 24_000, 12_000 + 24_000 + 48_000]);
        assert_eq!(timeline.frames(), 12_000 + 84 * 2_000 + 24_000);
    }

    #[test]
    fn a_knob_does_not_disturb_the_transport() {
        let script = script().turn(Ticks::new(7), "Length", "4");
        let timeline = Timeline::new(&script);
        assert_eq!(timeline.stretches().len(), 2, "rolling, then stopped");
        assert_eq!(timeline.cues()[0].0, 7_000);
    }

    #[test]
    fn a_stop_releases_the_key_and_holds_the_position() {
        let script = script()
            .at(Ticks::new(36), Action::Stop)
            .at(Ticks::new(48), Action::Play);
        let timeline = Timeline::new(&script);
        let samples: Vec<_> = timeline.keys().iter().map(|k| k.sample).collect();
        assert_eq!(samples, [24_000, 36_000]);
        assert_eq!(timeline.stretch_at(48_000).song, 36_000);
    }
}
