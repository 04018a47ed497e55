//! Viewpoints: in what terms a pitch is named, and what it is predicted from.
//!
//! After Conklin & Witten (1995) and Pearce (2005). A viewpoint here has a *reference*, the pitch
//! that the coming one is measured from, and a list of facets, from the nearest to the furthest:
//! the context of order k is the first k of them. Called by the models. Pure; any thread.

use super::data::Melody;
use super::facet::{
    Facet::{self, *},
    first_of_bar,
};

/// Keeps the symbols of pitches apart from those of intervals.
const APART: i32 = 1000;

/// What a pitch is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Nothing: it is itself.
    Absolute,
    /// The note before.
    Previous,
    /// The melody's first note.
    First,
    /// The first note of the bar.
    Bar,
}

/// A way of looking at melodies.
#[derive(Clone, Debug)]
pub struct Viewpoint {
    /// What the coming pitch is measured from.
    pub reference: Reference,
    /// What it is predicted from.
    pub facets: Vec<Facet>,
}

impl Viewpoint {
    fn new(reference: Reference, facets: &[Facet]) -> Self {
        let facets = facets.to_vec();
        Self { reference, facets }
    }

    /// A history: for each lag from 1 to `orders` these facets.
    fn history(reference: Reference, orders: usize, facets: impl Fn(usize) -> Vec<Facet>) -> Self {
        let facets = (1..=orders).flat_map(facets).collect();
        Self { reference, facets }
    }

    /// The symbol of pitch 0 at note `i`; that of pitch p is p more.
    pub fn origin(&self, melody: &Melody, i: usize) -> i32 {
        let from = match self.reference {
            Reference::Absolute => None,
            Reference::Previous => i.checked_sub(1),
            Reference::First => (i > 0).then_some(0),
            Reference::Bar => first_of_bar(melody, i),
        };
        from.map_or(APART, |at| -i32::from(melody.notes[at].pitch))
    }
}

/// What the long-term models look at.
pub fn long_term() -> Vec<Viewpoint> {
    use Reference::{Absolute, Bar, First, Previous};
    let view = Viewpoint::new;
    vec![
        Viewpoint::history(Absolute, 5, |lag| vec![Pitch(lag)]),
        Viewpoint::history(Previous, 5, |lag| vec![Interval(lag)]),
        Viewpoint::history(First, 4, |lag| vec![FromFirst(lag)]),
        view(Absolute, &[Pitch(1), Position, Pitch(2), Pitch(3)]),
        view(First, &[FromFirst(1), Position, FromFirst(2), FromFirst(3)]),
        view(
            Previous,
            &[Strength, Interval(1), Position, Interval(2), Interval(3)],
        ),
        view(Absolute, &[Pitch(1), Ioi(0), Pitch(2), Ioi(1), Pitch(3)]),
        Viewpoint::history(Previous, 3, |lag| vec![Ratio(lag - 1), Interval(lag)]),
        view(
            First,
            &[FromFirst(1), Ratio(0), FromFirst(2), Ratio(1), FromFirst(3)],
        ),
        view(
            Previous,
            &[Interval(1), FromFirst(1), Strength, Interval(2)],
        ),
        view(
            Previous,
            &[BelowHighest, AboveLowest, Interval(1), Strength],
        ),
        view(
            Previous,
            &[Interval(1), AboveLowest, BelowHighest, Interval(2)],
        ),
        view(
            Previous,
            &[BarsAgo(1), BarsAgoStep(1), Repeating(1), Interval(1)],
        ),
        view(
            Previous,
            &[BarsAgo(2), BarsAgoStep(2), Repeating(2), Interval(1)],
        ),
        view(
            Previous,
            &[BarsAgo(4), BarsAgoStep(4), Repeating(4), Interval(1)],
        ),
        view(Bar, &[FromBar(1), Position, FromBar(2)]),
        view(First, &[Period, Strength, FromFirst(1), Interval(1)]),
        view(Absolute, &[Count(12), Pitch(1), Strength]),
        view(First, &[Rest, Ioi(0), FromFirst(1), Strength]),
        view(
            Previous,
            &[BarsAgo(4), BarsAgo(2), Repeating(4), Interval(1)],
        ),
        view(
            Previous,
            &[BarsAgo(8), BarsAgoStep(8), Repeating(8), Interval(1)],
        ),
        view(Previous, &[Period, Position, Interval(1), Interval(2)]),
        view(First, &[Period, Position, FromFirst(1), FromFirst(2)]),
        view(Previous, &[BarsAgo(1), BarsAgo(2), BarsAgo(4)]),
        view(
            Previous,
            &[Repeating(4), BarsAgo(4), Repeating(2), BarsAgo(2)],
        ),
        view(
            Previous,
            &[Repeating(8), BarsAgo(8), Repeating(4), BarsAgo(4)],
        ),
        view(Previous, &[Interval(1), Interval(3), Interval(2)]),
        view(Previous, &[Period, BarsAgo(4), Strength]),
        view(Previous, &[Period, BarsAgo(2), Strength]),
    ]
}

/// What the short-term models, which know the melody at hand alone, look at.
pub fn short_term() -> Vec<Viewpoint> {
    use Reference::{Absolute, Previous};
    let view = Viewpoint::new;
    vec![
        Viewpoint::history(Absolute, 8, |lag| vec![Pitch(lag)]),
        Viewpoint::history(Previous, 8, |lag| vec![Interval(lag)]),
        Viewpoint::history(Absolute, 5, |lag| vec![Pitch(lag), Ratio(lag - 1)]),
        Viewpoint::history(Previous, 4, |lag| vec![Ratio(lag - 1), Interval(lag)]),
        view(
            Absolute,
            &[Strength, Position, Pitch(1), Pitch(2), Pitch(3), Pitch(4)],
        ),
        view(
            Absolute,
            &[Position, Ratio(0), Ratio(1), Ratio(2), Ratio(3), Ratio(4)],
        ),
        view(
            Previous,
            &[Position, Ratio(0), Interval(1), Ratio(1), Interval(2)],
        ),
        view(Absolute, &[Period, Position, Pitch(1)]),
    ]
}
