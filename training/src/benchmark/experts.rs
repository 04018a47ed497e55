//! The models of a set, and what they say note by note.
//!
//! Long-term models learn whole melodies and then only predict; short-term models begin every
//! melody with nothing and learn each note after they have predicted it. Called by the protocol.
//! Any thread.

use super::alphabet::Alphabet;
use super::counts::Smoothing;
use super::data::Set;
use super::ngram::{Contexts, Ngram};
use super::opinions::Opinions;
use super::tonic::Tonic;
use super::viewpoint;

/// Of long-term counts.
const LONG: Smoothing = Smoothing {
    discount: 0.5,
    escape: 0.5,
};
/// Of counts of one melody.
const SHORT: Smoothing = Smoothing {
    discount: 0.3,
    escape: 0.2,
};
/// Of scale degrees.
const DEGREES: Smoothing = Smoothing {
    discount: 0.6,
    escape: 1.5,
};

/// A set as its models see it.
pub struct Experts<'a> {
    set: &'a Set,
    alphabet: Alphabet,
    long: Vec<Contexts>,
    short: Vec<Contexts>,
}

/// What is known of other melodies.
#[derive(Clone)]
pub struct LongTerm {
    ngrams: Vec<Ngram>,
    tonic: Tonic,
}

impl<'a> Experts<'a> {
    /// For this set. Nothing is learnt of it here.
    pub fn new(set: &'a Set) -> Self {
        let all = |viewpoints: Vec<viewpoint::Viewpoint>| {
            let contexts = viewpoints.iter();
            contexts
                .map(|viewpoint| Contexts::new(viewpoint, &set.melodies))
                .collect()
        };
        Self {
            set,
            alphabet: Alphabet::new(set.alphabet()),
            long: all(viewpoint::long_term()),
            short: all(viewpoint::short_term()),
        }
    }

    /// The set.
    pub fn set(&self) -> &Set {
        self.set
    }

    /// The pitches that may come.
    pub fn alphabet(&self) -> &Alphabet {
        &self.alphabet
    }

    /// Long-term models that know nothing yet.
    pub fn blank(&self) -> LongTerm {
        LongTerm {
            ngrams: self.long.iter().map(Ngram::new).collect(),
            tonic: Tonic::new(DEGREES),
        }
    }

    /// Room for what the long-term models of `blank` say, or for that and the short-term models'.
    pub fn room(&self, blank: &LongTerm, adaptive: bool) -> Opinions {
        let short = if adaptive { self.short.len() } else { 0 };
        let models = self.long.len() + blank.tonic.views() + short;
        Opinions::new(models, self.alphabet.size())
    }

    /// Teaches the long-term models a melody.
    pub fn learn(&self, models: &mut LongTerm, melody: usize) {
        let whole = &self.set.melodies[melody];
        for (ngram, contexts) in models.ngrams.iter_mut().zip(&self.long) {
            for (i, note) in whole.notes.iter().enumerate() {
                ngram.learn(contexts, (melody, i), note.pitch);
            }
        }
        models.tonic.learn(whole);
    }

    /// Takes that back.
    pub fn forget(&self, models: &mut LongTerm, melody: usize) {
        let whole = &self.set.melodies[melody];
        for (ngram, contexts) in models.ngrams.iter_mut().zip(&self.long) {
            for (i, note) in whole.notes.iter().enumerate() {
                ngram.forget(contexts, (melody, i), note.pitch);
            }
        }
        models.tonic.forget(whole);
    }

    /// What long-term models say of every note of a melody.
    pub fn long_term(&self, models: &LongTerm, melody: usize, opinions: &mut Opinions) {
        let whole = &self.set.melodies[melody];
        let size = self.alphabet.size();
        let mut out = vec![0.0; size];
        let mut views = vec![0.0; size * models.tonic.views()];
        let mut belief = models.tonic.prior(&self.alphabet);
        for i in 0..whole.notes.len() {
            for (ngram, contexts) in models.ngrams.iter().zip(&self.long) {
                let grounds = ngram.predict(contexts, (melody, i), LONG, &self.alphabet, &mut out);
                opinions.add(&out, grounds);
            }
            let grounds = models
                .tonic
                .predict(whole, i, &mut belief, &self.alphabet, &mut views);
            for (view, grounds) in views.chunks_exact(size).zip(grounds) {
                opinions.add(view, grounds);
            }
            opinions.add_clues(whole, i, &self.alphabet);
            let came = self.came(melody, i);
            belief.hear(came);
            opinions.end(came);
        }
    }

    /// Adds what short-term models say to what long-term models said of a melody.
    pub fn adaptive(&self, long: &Opinions, melody: usize, opinions: &mut Opinions) {
        let whole = &self.set.melodies[melody];
        let mut out = vec![0.0; self.alphabet.size()];
        let mut ngrams: Vec<Ngram> = self.short.iter().map(Ngram::new).collect();
        for (i, note) in whole.notes.iter().enumerate() {
            opinions.add_all(long, i);
            for (ngram, contexts) in ngrams.iter_mut().zip(&self.short) {
                let place = (melody, i);
                let grounds = ngram.predict(contexts, place, SHORT, &self.alphabet, &mut out);
                opinions.add(&out, grounds);
                ngram.learn(contexts, place, note.pitch);
            }
            opinions.end(self.came(melody, i));
        }
    }

    /// The place in the alphabet of what came.
    fn came(&self, melody: usize, i: usize) -> usize {
        let pitch = self.set.melodies[melody].notes[i].pitch;
        // PANIC: the alphabet is made of the pitches of these very notes.
        let place = self.alphabet.place(i32::from(pitch));
        place.expect("a pitch of the set is in its alphabet")
    }
}
