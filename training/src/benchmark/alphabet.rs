//! The alphabet of a set: the pitches that occur in it, which share all the probability.
//!
//! Used by the models of the benchmark. Pure; any thread.

/// The pitches that may come.
#[derive(Clone, Debug)]
pub struct Alphabet {
    pitches: Vec<u8>,
    places: [Option<u8>; 128],
}

impl Alphabet {
    /// Of these MIDI keys, which rise.
    pub fn new(pitches: Vec<u8>) -> Self {
        let mut places = [None; 128];
        for (place, pitch) in (0..).zip(&pitches) {
            places[usize::from(*pitch) % 128] = Some(place);
        }
        Self { pitches, places }
    }

    /// The pitches, in order.
    pub fn pitches(&self) -> &[u8] {
        &self.pitches
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.pitches.len()
    }

    /// Where a pitch stands among them.
    pub fn place(&self, pitch: i32) -> Option<usize> {
        let pitch = usize::try_from(pitch).ok()?;
        self.places.get(pitch).copied().flatten().map(usize::from)
    }
}
