//! How well the key of a phrase is heard, and the table that it is heard by.
//!
//! The core finds keys (`music::key_finding`); here are phrases whose written key signature is known
//! ([`phrases`]), how often it is heard ([`measure`]), and the regression that the table comes from
//! ([`fit`], on [`lbfgs`]). Called by `training key`. Main thread, and rayon's.

pub mod fit;
mod lbfgs;
pub mod measure;
pub mod phrases;
