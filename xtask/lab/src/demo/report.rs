//! The demo's report: what was heard, what was played, and how precisely.

use super::take::{LIVE, Takes};
use super::{Args, Call};
use anyhow::{Context, ensure};
use harmonai_core::music::names::Names;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Metre;
use harmonai_tests::recording::{largest_error, late};
use std::path::PathBuf;

/// Compares all takes with the first one, and says how they differ.
pub fn text(args: &Args, call: &Call, takes: &Takes, files: &[PathBuf]) -> anyhow::Result<String> {
    let (first, others) = takes.answers.split_first().context("no host played")?;
    let metre = call.song.metre;
    let names = Names::of(&call.phrase.notes, metre);
    let mut text = format!(
        "{}, {metre} at {} quarter notes a minute; {} by the model {}, temperature {}, seed {}, {} build\n\n\
         Heard\n{}Played\n{}\n",
        call.name,
        (call.song.tempo * 100.0).round() / 100.0,
        args.mode.name().to_lowercase(),
        call.header.card.name,
        args.temperature,
        args.seed,
        args.profile,
        bars(&call.phrase.notes, metre, names),
        bars(&first.melody(), metre, names)
    );
    for take in &takes.answers {
        let (median, longest) = take.process;
        let (name, waiting) = match take.name {
            LIVE => ("In real time", ""),
            name => (
                name,
                ", waiting for the model: a render is ahead of the clock",
            ),
        };
        text += &format!(
            "{name}: {} notes, {} samples off at most, {} late; process() {:.1} µs in the median, {:.1} µs at most{waiting}\n",
            take.notes.len(),
            largest_error(&take.notes),
            late(&take.notes),
            median.as_secs_f64() * 1e6,
            longest.as_secs_f64() * 1e6
        );
    }
    for take in others {
        let not = match take.melody() == first.melody() {
            true => "",
            false => "NOT ",
        };
        text += &match take.name {
            LIVE => format!("In real time it played {not}the same as when rendered.\n"),
            name => format!("{name} played {not}the same as {}.\n", first.name),
        };
    }
    let files: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
    Ok(format!("{text}Wrote {}\n", files.join(", ")))
}

/// An error where a rendered answer is not what it must be. In real time a busy machine may make
/// notes late, which is reported and no error.
pub fn verdict(takes: &Takes) -> anyhow::Result<()> {
    let first = takes.answers.first().context("no host played")?.melody();
    for take in takes.answers.iter().filter(|take| take.name != LIVE) {
        let (name, error) = (take.name, largest_error(&take.notes));
        ensure!(error == 0, "{name}: a note was {error} samples off");
        let same = take.melody() == first;
        ensure!(same, "{name} did not play the same notes");
    }
    Ok(())
}

/// A line for each bar: its number and its notes.
fn bars(notes: &[Note], metre: Metre, names: Names) -> String {
    let bar = |note: &Note| metre.bar_index(note.onset) + 1;
    let line = |notes: &[Note]| {
        let names: Vec<_> = notes.iter().map(|note| names.name(note.pitch)).collect();
        format!("  bar {:2}: {}\n", bar(&notes[0]), names.join(" "))
    };
    let by_bar = notes.chunk_by(|one, other| bar(one) == bar(other));
    by_bar.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use harmonai_core::music::note::Pitch;
    use harmonai_core::music::time::Ticks;

    #[test]
    fn notes_are_listed_bar_by_bar() {
        let note = |onset, key| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(6),
            pitch: Pitch::clamped(key),
            velocity: None,
        };
        let notes = [note(0, 60), note(95, 61), note(192, 62)];
        assert_eq!(
            bars(&notes, Metre::COMMON, Names::default()),
            "  bar  1: C4 C#4\n  bar  3: D4\n"
        );
    }
}
