//! What several models say of some notes, laid out for the mixer.
//!
//! Filled by the experts, read by the mixer. Pure; any thread.

use super::alphabet::Alphabet;
use super::clues::{self, CANDIDATE_CLUES, NOTE_CLUES};
use super::counts::Grounds;
use super::data::Melody;

/// Orders that the mixer tells apart.
const ORDERS: usize = 7;

/// Features of a model at a note: 1, which order it knows, its entropy, its own weight.
pub const FEATURES: usize = 1 + ORDERS + 2;

/// No probability is taken to be less.
const LEAST: f32 = 1e-9;

/// The models' words on some notes.
#[derive(Clone, Debug, Default)]
pub struct Opinions {
    /// Candidates that each distribution is over.
    pub candidates: usize,
    /// Models that have spoken on every note.
    pub models: usize,
    /// Logarithms of probabilities: notes × models × candidates.
    logs: Vec<f32>,
    /// Notes × models × features.
    features: Vec<f32>,
    /// Rows of the notes' clues.
    note_clues: Vec<u16>,
    /// Rows of the candidates' clues: notes × candidates × clues.
    candidate_clues: Vec<u16>,
    /// Which candidate came.
    came: Vec<usize>,
}

impl Opinions {
    /// Of `models` models over `candidates` candidates.
    pub fn new(models: usize, candidates: usize) -> Self {
        Self {
            candidates,
            models,
            ..Self::default()
        }
    }

    /// Adds what the next model says of the note at hand.
    pub fn add(&mut self, distribution: &[f32], grounds: Grounds) {
        let mut entropy = 0.0;
        for p in distribution {
            let log = p.max(LEAST).ln();
            entropy -= p * log;
            self.logs.push(log);
        }
        // Of one candidate there is no doubt, nor anything to predict.
        let most = (distribution.len().max(2) as f32).ln();
        self.features.push(1.0);
        for order in 1..=ORDERS {
            let known = grounds.orders.min(ORDERS) == order;
            self.features.push(f32::from(u8::from(known)));
        }
        self.features.push(entropy / most - 0.5);
        self.features.push(grounds.weight);
    }

    /// Adds the clues of the note at hand.
    pub fn add_clues(&mut self, melody: &Melody, i: usize, alphabet: &Alphabet) {
        clues::find(
            melody,
            i,
            alphabet,
            &mut self.note_clues,
            &mut self.candidate_clues,
        );
    }

    /// Adds what the models of `other` said of a note.
    pub fn add_all(&mut self, other: &Self, note: usize) {
        let view = other.view(note);
        self.logs.extend_from_slice(view.logs);
        self.features.extend_from_slice(view.features);
        self.note_clues.extend_from_slice(view.note_clues);
        self.candidate_clues.extend_from_slice(view.candidate_clues);
    }

    /// Adds all notes of `other`, which is of the same models.
    pub fn append(&mut self, other: &Self) {
        self.logs.extend_from_slice(&other.logs);
        self.features.extend_from_slice(&other.features);
        self.came.extend_from_slice(&other.came);
        self.note_clues.extend_from_slice(&other.note_clues);
        self.candidate_clues
            .extend_from_slice(&other.candidate_clues);
    }

    /// Ends the note at hand: this candidate came.
    pub fn end(&mut self, came: usize) {
        self.came.push(came);
    }

    /// How many notes there are.
    pub fn notes(&self) -> usize {
        self.came.len()
    }

    /// Which candidate came.
    pub fn came(&self, note: usize) -> usize {
        self.came[note]
    }

    /// All that was said of a note.
    pub fn view(&self, note: usize) -> View<'_> {
        let words = self.models * self.candidates;
        let features = self.models * FEATURES;
        let clues = CANDIDATE_CLUES * self.candidates;
        View {
            candidates: self.candidates,
            logs: &self.logs[note * words..][..words],
            features: &self.features[note * features..][..features],
            note_clues: &self.note_clues[note * NOTE_CLUES..][..NOTE_CLUES],
            candidate_clues: &self.candidate_clues[note * clues..][..clues],
        }
    }
}

/// What was said of one note.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    candidates: usize,
    /// Models × candidates.
    logs: &'a [f32],
    /// Models × features.
    features: &'a [f32],
    /// Rows of the note's clues.
    pub note_clues: &'a [u16],
    /// Rows of the candidates' clues, candidates × clues.
    pub candidate_clues: &'a [u16],
}

impl<'a> View<'a> {
    /// By model, the logarithms of its probabilities.
    #[inline(always)]
    pub fn words(&self) -> std::slice::ChunksExact<'a, f32> {
        self.logs.chunks_exact(self.candidates)
    }

    /// By model, its features.
    #[inline(always)]
    pub fn features(&self) -> std::slice::ChunksExact<'a, f32> {
        self.features.chunks_exact(FEATURES)
    }

    /// By model, how much in doubt it is, from -1 to 1.
    #[inline(always)]
    pub fn doubts(&self) -> impl Iterator<Item = f32> {
        self.features().map(|features| 2.0 * features[FEATURES - 2])
    }
}
