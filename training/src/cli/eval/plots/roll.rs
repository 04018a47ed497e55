//! A phrase with the model's answer over the same phrase as it really goes on: two piano rolls.
//!
//! Called by [`super::write`]. Main thread.

use anyhow::Result;

use super::{GENERATED, HELD_OUT, PHRASE};
use crate::cli::pictures::roll::Roll;
use crate::cli::pictures::{sheet, shortened};
use crate::evaluate::statistics::Answered;

/// Characters of a melody's title; a longer one is cut off.
const LONGEST_TITLE: usize = 100;

/// Both rolls as SVG, with the same bounds, so that they can be compared by eye.
pub fn draw(answered: &Answered) -> Result<String> {
    let excerpt = &answered.excerpt;
    let title = shortened(&excerpt.title, LONGEST_TITLE);
    let title = format!("{title} ({}, {})", excerpt.source, excerpt.metre);
    let title = title.trim_start();
    let legend = [
        ("phrase", PHRASE),
        ("generated", GENERATED),
        ("held-out", HELD_OUT),
    ];
    let all = excerpt.phrase.iter().chain(&excerpt.held_out);
    let answer = answered.answers.first().map_or(&[][..], Vec::as_slice);
    let all = all.chain(answer);
    let roll = Roll::new(excerpt.metre, all, excerpt.span.end);
    sheet((1200, 640), title, &legend, |area| {
        let rolls = area.split_evenly((2, 1));
        let phrase = (&excerpt.phrase[..], PHRASE);
        let generated = (answer, GENERATED);
        let held_out = (&excerpt.held_out[..], HELD_OUT);
        roll.draw(&rolls[0], &[phrase, generated], None)?;
        roll.draw(&rolls[1], &[phrase, held_out], None)
    })
}
