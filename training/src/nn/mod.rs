//! The network out of Candle, its layer ops forth and back, and the optimiser.
//!
//! Knows neither files nor melodies: numbers in, numbers out. A test holds it to the core's
//! network.

#[cfg(feature = "cuda")]
pub(crate) mod cuda;
pub mod dropout;
pub mod embedding;
pub mod gemm;
pub mod heads;
pub mod model;
pub mod optimizer;
pub mod recurrent;
pub(crate) mod simd;
pub(crate) mod tensors;
