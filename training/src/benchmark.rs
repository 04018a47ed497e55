//! How well melodies are predicted, by the protocol that IDyOM's published figures are of.
//!
//! Pearce, M. T. & Wiggins, G. A. (2004), Improved methods for statistical modelling of monophonic
//! music, Journal of New Music Research 33(4); Pearce, M. T. (2005), The construction and evaluation
//! of statistical models of melodic structure in music perception and composition, PhD thesis, City
//! University London. What is measured here are models made for the purpose, from each set's own
//! training folds: viewpoint n-grams, a hidden tonic, short-term models and a mixer. Called by the
//! `benchmark` command.

pub mod alphabet;
pub mod clues;
pub mod counts;
pub mod data;
pub mod experts;
pub mod facet;
pub mod mixer;
pub mod ngram;
pub mod opinions;
pub mod pretrained;
pub mod protocol;
pub mod tonic;
pub mod viewpoint;
