//! The sizes that a run begins with; each can be overridden by its flag.
//!
//! Called by the commands that make a network. Main thread.

/// Sizes of a network, and of what it learns from at once.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Layers of cells.
    pub layers: usize,
    /// Cells in a layer.
    pub hidden: usize,
    /// Size of the embeddings.
    pub embedding: usize,
    /// Steps that are learnt from at once.
    pub seq_len: usize,
    /// Streams read side by side.
    pub batch: usize,
}

/// What is taken where nothing else is said.
pub const DEFAULT: Sizes = Sizes {
    layers: 2,
    hidden: 384,
    embedding: 192,
    seq_len: 64,
    batch: 32,
};
