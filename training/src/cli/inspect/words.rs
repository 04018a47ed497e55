//! The numbers of a corpus in words, for the terminal and the page.
//!
//! Called by [`super`] and [`super::page`]. Main thread.

use harmonai_core::music::note::Pitch;

use crate::cli::output::{count, melodies};
use crate::data::summary::{Amount, Summary};

pub fn amount(amount: &Amount) -> String {
    format!(
        "{} ({} notes)",
        melodies(amount.melodies),
        count(amount.notes)
    )
}

/// The most frequent ones of a list.
pub fn first(counts: &[(String, usize)]) -> String {
    const SHOWN: usize = 6;
    let shown = counts.iter().take(SHOWN);
    let mut shown: Vec<String> = shown
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if counts.len() > SHOWN {
        shown.push(format!("{} more", counts.len() - SHOWN));
    }
    shown.join(", ")
}

pub fn range(summary: &Summary) -> String {
    let (low, high) = summary.range;
    let name = |key: u8| Pitch::clamped(key.into());
    let (narrowest, middle, widest) = summary.compass;
    format!(
        "{} to {}; a melody spans {middle} semitones ({narrowest} to {widest})",
        name(low),
        name(high)
    )
}

pub fn lengths(summary: &Summary) -> String {
    let (shortest, middle, longest) = summary.lengths;
    format!("a melody has {middle} notes ({shortest} to {longest})")
}
