//! A matrix of weights, in either of two precisions.

use super::{Bytes, Floats, Level};

/// A matrix that a vector is multiplied with.
pub enum Matrix {
    /// Weights as they were learnt.
    Floats(Floats),
    /// Weights in eight bits, a scale a row.
    Bytes(Bytes),
}

impl Matrix {
    /// Of row-major `values`, as they are.
    pub fn floats(values: &[f32], columns: usize) -> Self {
        Self::Floats(Floats::new(values, columns))
    }

    /// Of row-major `values`, each rounded to one of 255 steps of its row. At most 4096 columns.
    pub fn bytes(values: &[f32], columns: usize) -> Self {
        Self::Bytes(Bytes::new(values, columns))
    }

    /// `y += W x`.
    pub fn add_product(&self, level: Level, x: &[f32], y: &mut [f32]) {
        match self {
            Self::Floats(floats) => floats.add_product(level, x, y),
            Self::Bytes(bytes) => bytes.add_product(level, x, y),
        }
    }
}
