//! What `eval` found: the figures of all melodies and of each source.
//!
//! Made by [`super::run`], printed and drawn by its other files. Main thread.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::Report;
use crate::evaluate::player::Measured;

#[derive(Serialize)]
pub struct Evaluation {
    #[serde(flatten)]
    pub all: Measured,
    pub by_source: BTreeMap<String, Measured>,
    /// The plain mean of the sources' figures, whatever their size.
    pub mean_of_sources: Measured,
    pub model: String,
    pub split: String,
    /// Melodies, of all counted ones, whose source the model was not trained on by name.
    pub melodies_of_other_styles: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Report>,
}
