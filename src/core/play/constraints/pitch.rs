//! What pitches an answer may have, as the player sets them.
//!
//! Scale, range, octave, and a taste for steps or leaps. What is not allowed gets a logit of minus
//! infinity, so that the network chooses among the rest in its own proportions. Called by the
//! continuation on the worker's thread; the window uses it to shade the keys.

use crate::music::key::Key;
use crate::music::key_finding::KeyEstimate;
use crate::music::note::{Note, Pitch};
use crate::music::scale::{PitchClasses, Scale};
use crate::music::time::{Metre, Ticks};

/// The scale that an answer keeps to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllowedScale {
    /// All twelve pitch classes: the network keeps to a key as it has learnt to.
    #[default]
    Any,
    /// The major or minor scale of the phrase's key.
    OfPhrase,
    Is(Scale),
}

/// What the player asks of the answer's pitches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PitchConstraints {
    pub scale: AllowedScale,
    /// The scale's tonic as a pitch class; `None` is the one that the phrase has.
    pub tonic: Option<u8>,
    /// The lowest and the highest pitch; which is which does not matter.
    pub low: Pitch,
    pub high: Pitch,
    /// How many octaves higher the answer sounds than the network plays it.
    pub octave: i8,
    /// -1 to 1: below 0 steps are favoured, above 0 leaps.
    pub leaps: f32,
}

impl Default for PitchConstraints {
    fn default() -> Self {
        Self {
            scale: AllowedScale::Any,
            tonic: None,
            low: Pitch::clamped(0),
            high: Pitch::clamped(127),
            octave: 0,
            leaps: 0.0,
        }
    }
}

/// How much the logit of an octave's leap moves with `leaps` at its end.
const TASTE: f32 = 6.0;

/// What the constraints need to know of the phrase that is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PhraseProfile {
    /// Sounding time of each pitch class, in ticks.
    sounding: [i64; 12],
    /// Mean pitch, weighed by that.
    middle: Option<Pitch>,
    key: Option<KeyEstimate>,
}

impl PhraseProfile {
    /// Of notes in the order of their onsets.
    pub fn new<'a>(
        phrase: impl IntoIterator<Item = &'a Note, IntoIter: Clone>,
        metre: Metre,
    ) -> Self {
        let phrase = phrase.into_iter();
        let mut profile = Self {
            key: KeyEstimate::of(phrase.clone(), metre),
            ..Self::default()
        };
        let (mut sum, mut time) = (0, 0);
        for note in phrase {
            let (pitch, duration) = (note.pitch.get(), note.duration.get().clamp(1, 1 << 20));
            profile.sounding[usize::from(pitch % 12)] += duration;
            sum += i64::from(pitch) * duration;
            time += duration;
        }
        profile.middle = (time > 0).then(|| Pitch::clamped(sum / time));
        profile
    }

    /// How likely each key is; `None` without notes.
    pub fn estimate(&self) -> Option<&KeyEstimate> {
        self.key.as_ref()
    }

    /// Its key; `None` without notes.
    pub fn key(&self) -> Option<Key> {
        self.key.map(|estimate| estimate.key())
    }

    /// How long each pitch class sounds.
    pub fn notes(&self) -> impl Iterator<Item = (Pitch, Ticks)> + '_ {
        let classes = (0..12).map(Pitch::clamped);
        classes.zip(self.sounding.map(Ticks::new))
    }
}

impl PitchConstraints {
    /// The pitch classes that are allowed after that phrase.
    pub fn classes(&self, profile: &PhraseProfile) -> PitchClasses {
        match self.scale {
            AllowedScale::Any => PitchClasses::ALL,
            AllowedScale::OfPhrase => match (profile.key, self.tonic) {
                (Some(estimate), tonic) => {
                    let key = tonic.map_or(estimate.key(), |tonic| estimate.key_on(tonic));
                    key.scale().on(key.tonic())
                }
                (None, Some(tonic)) => Scale::Major.on(tonic),
                (None, None) => PitchClasses::ALL,
            },
            AllowedScale::Is(scale) => match self.tonic.or_else(|| scale.tonic(profile.notes())) {
                Some(tonic) => scale.on(tonic),
                None => PitchClasses::ALL,
            },
        }
    }

    /// How many semitones higher the answer to that phrase sounds than the network plays it: the
    /// octaves asked for, and those that bring the phrase's height into the range.
    pub fn shift(&self, profile: &PhraseProfile) -> i8 {
        let asked = 12 * i16::from(self.octave.clamp(-10, 10));
        let Some(middle) = profile.middle else {
            return asked as i8;
        };
        let middle = i16::from(middle.get()) + asked;
        let (low, high) = self.range();
        let (low, high) = (i16::from(low.get()), i16::from(high.get()));
        // Up or down by whole octaves until it lies inside; beyond a narrow range to its near side.
        let octaves = if middle < low {
            (low - middle + 11) / 12
        } else if middle > high {
            -((middle - high + 11) / 12)
        } else {
            0
        };
        (asked + 12 * octaves).clamp(-120, 120) as i8
    }

    /// Where a pitch of the network sounds.
    pub fn sounding(&self, profile: &PhraseProfile, pitch: Pitch) -> Pitch {
        Pitch::clamped(i64::from(pitch.get()) + i64::from(self.shift(profile)))
    }

    /// Forbids pitches outside scale and range, and favours steps or leaps from the pitch before.
    pub fn mask_pitches(&self, profile: &PhraseProfile, before: Option<Pitch>, logits: &mut [f32]) {
        if *self == Self::default() {
            return;
        }
        let (classes, shift, (low, high)) =
            (self.classes(profile), self.shift(profile), self.range());
        let inside = |pitch: Pitch| {
            let sounding = pitch.transposed(shift);
            sounding.is_some_and(|pitch| (low..=high).contains(&pitch))
        };
        let all = || (0..=127).map(Pitch::clamped);
        // A range too narrow for the scale wins over it, and neither may forbid everything.
        let any_inside = all().any(inside);
        let any_in_scale = all().any(|pitch| inside(pitch) && classes.contains(pitch));
        for (pitch, logit) in all().zip(logits) {
            let allowed =
                (!any_inside || inside(pitch)) && (!any_in_scale || classes.contains(pitch));
            if !allowed {
                *logit = f32::NEG_INFINITY;
            } else if let Some(before) = before {
                let leap = pitch.get().abs_diff(before.get()).min(12);
                *logit += self.leaps.clamp(-1.0, 1.0) * TASTE * f32::from(leap) / 12.0;
            }
        }
    }

    /// The range, whichever way round it was given.
    fn range(&self) -> (Pitch, Pitch) {
        (self.low.min(self.high), self.low.max(self.high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(keys: &[i64]) -> PhraseProfile {
        PhraseProfile::new(&Note::line(keys, 24), Metre::COMMON)
    }

    /// The pitches that may sound.
    fn allowed(bounds: PitchConstraints, profile: &PhraseProfile) -> Vec<u8> {
        let mut logits = [0.0; 129];
        bounds.mask_pitches(profile, None, &mut logits);
        assert_eq!(logits[128], 0.0, "no pitch");
        let free = (0..128).filter(|pitch| logits[*pitch] == 0.0);
        free.map(|pitch| bounds.sounding(profile, Pitch::clamped(pitch as i64)).get())
            .collect()
    }

    fn classes(bounds: PitchConstraints, profile: &PhraseProfile) -> Vec<u8> {
        let inside = |class: &u8| {
            bounds
                .classes(profile)
                .contains(Pitch::clamped((*class).into()))
        };
        (0..12).filter(inside).collect()
    }

    /// A tune in D major.
    const TUNE: [i64; 9] = [62, 66, 69, 67, 66, 64, 61, 62, 62];

    #[test]
    fn left_alone_nothing_is_out_of_bounds() {
        assert_eq!(
            allowed(PitchConstraints::default(), &phrase(&TUNE)).len(),
            128
        );
    }

    #[test]
    fn a_key_is_found_or_given() {
        let profile = phrase(&TUNE);
        let auto = PitchConstraints {
            scale: AllowedScale::OfPhrase,
            ..PitchConstraints::default()
        };
        assert_eq!(classes(auto, &profile), [1, 2, 4, 6, 7, 9, 11]);
        // B is the relative minor's tonic: the same notes, and its leading note.
        let on_b = PitchConstraints {
            tonic: Some(11),
            ..auto
        };
        assert_eq!(classes(on_b, &profile), [1, 2, 4, 6, 7, 9, 10, 11]);
        let dorian = PitchConstraints {
            scale: AllowedScale::Is(Scale::Dorian),
            ..auto
        };
        assert_eq!(classes(dorian, &profile), [1, 2, 4, 6, 7, 9, 11]);
        let of_c = PitchConstraints {
            tonic: Some(0),
            ..dorian
        };
        assert_eq!(classes(of_c, &profile), [0, 2, 3, 5, 7, 9, 10]);
        // Nothing heard: what is given still holds, what is to be found does not.
        let nothing = phrase(&[]);
        assert_eq!(classes(auto, &nothing).len(), 12);
        assert_eq!(classes(of_c, &nothing), [0, 2, 3, 5, 7, 9, 10]);
        assert_eq!(
            classes(
                PitchConstraints {
                    tonic: Some(2),
                    ..auto
                },
                &nothing
            ),
            [1, 2, 4, 6, 7, 9, 11]
        );
    }

    #[test]
    fn the_answer_sounds_inside_its_range_an_octave_or_more_away_if_need_be() {
        let profile = phrase(&TUNE);
        let within = |low: i64, high: i64, octave: i8| {
            let bounds = PitchConstraints {
                low: Pitch::clamped(low),
                high: Pitch::clamped(high),
                octave,
                ..PitchConstraints::default()
            };
            (bounds.shift(&profile), allowed(bounds, &profile))
        };
        assert_eq!(within(60, 72, 0), (0, (60..=72).collect()));
        assert_eq!(within(36, 50, 0), (-24, (36..=50).collect()));
        assert_eq!(within(36, 50, 3), (-24, (36..=50).collect()));
        assert_eq!(within(72, 60, 0), (0, (60..=72).collect()));
        assert_eq!(within(0, 127, 1).0, 12);
        // A range of one note is a drone.
        assert_eq!(within(40, 40, 0).1, [40]);
        assert_eq!(within(0, 127, 100).0 % 12, 0);
    }

    #[test]
    fn a_range_without_a_note_of_the_scale_wins() {
        let bounds = PitchConstraints {
            scale: AllowedScale::Is(Scale::Major),
            tonic: Some(0),
            low: Pitch::clamped(61),
            high: Pitch::clamped(61),
            ..PitchConstraints::default()
        };
        assert_eq!(allowed(bounds, &phrase(&TUNE)), [61]);
    }

    #[test]
    fn a_taste_for_steps_lowers_leaps_and_the_other_way_round() {
        let profile = phrase(&TUNE);
        let of = |leaps: f32| {
            let mut logits = [0.0; 129];
            let bounds = PitchConstraints {
                leaps,
                ..PitchConstraints::default()
            };
            bounds.mask_pitches(&profile, Some(Pitch::MIDDLE_C), &mut logits);
            [logits[60], logits[62], logits[48], logits[90]]
        };
        assert_eq!(of(-1.0), [0.0, -1.0, -6.0, -6.0]);
        assert_eq!(of(0.5), [0.0, 0.5, 3.0, 3.0]);
    }
}
