//! A melody of the corpus, with what is known of it.
//!
//! Made by the readers, kept by [`Corpus`](super::Corpus). Any thread.

use harmonai_core::music::melody::Melody;
use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::Ticks;

use super::moves::Moves;
use super::split::Split;
use crate::data::fingerprint;

/// A melody of the corpus.
#[derive(Clone, Debug)]
pub struct Piece {
    pub melody: Melody,
    /// What the tables call its source: its style, or the folder that it was found in.
    pub source: String,
    /// Whom to credit, and its licence, where the file says so.
    pub credit: Option<String>,
    /// Sharps of the first key signature, where the file has one; flats are negative.
    pub signature: Option<i8>,
    /// The key signatures after it, with their places.
    pub later_signatures: Vec<(Ticks, i8)>,
    /// The lowest note that sounds at the end, in whatever part, where the file is known to have all
    /// of the piece: as good as always the tonic.
    pub final_bass: Option<Pitch>,
    pub split: Split,
    pub moves: Moves,
    /// Whether the file itself says which part the melody is in.
    pub split_is_given: bool,
    /// Decides the part where the file does not.
    pub key: u64,
    /// Equal for equal melodies, transposed or not.
    pub fingerprint: u64,
}

impl Piece {
    pub fn new(melody: Melody, source: String, given: Option<Split>) -> Self {
        let fingerprint = fingerprint::of_melody(&melody);
        Self {
            melody,
            source,
            credit: None,
            signature: None,
            later_signatures: Vec::new(),
            final_bass: None,
            split: given.unwrap_or_else(|| Split::by_key(fingerprint)),
            moves: Moves::default(),
            split_is_given: given.is_some(),
            key: fingerprint,
            fingerprint,
        }
    }
}
