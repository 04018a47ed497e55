//! What each thing that a phrase tells is worth in a key: the shape of the learnt table.

/// Rows of the evidence, as [`Role`](super::evidence::Role) numbers them.
type Degrees = [[i16; 12]; 6];
/// From a degree to the next note's.
type Moves = [[i16; 12]; 12];

/// Weights in hundredths of nats, by mode, major first, and by degree above the tonic.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyTable {
    /// Of the mode itself.
    pub mode: [i16; 2],
    pub degrees: [Degrees; 2],
    pub moves: [Moves; 2],
}

impl KeyTable {
    /// The mode's own weight, its degrees' and its moves', for either mode.
    pub fn modes(&self) -> impl Iterator<Item = (i16, &Degrees, &Moves)> {
        let tables = self.degrees.iter().zip(&self.moves);
        let tables = self.mode.iter().zip(tables);
        tables.map(|(mode, (degrees, moves))| (*mode, degrees, moves))
    }
}
