//! The demo's report: what was heard, what was played, and how precisely.

use super::take::{self, LIVE, Take, Takes};
use super::{Args, Call};
use anyhow::{Context, ensure};
use harmonai_core::music::names::Names;
use harmonai_core::music::note::Note;
use harmonai_core::music::time::Metre;
use harmonai_tests::recording::{largest_error, late};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Printed as text or as JSON.
pub struct Report {
    head: Value,
    heard: Vec<String>,
    played: Vec<String>,
    takes: Vec<TakeReport>,
    same: Option<bool>,
    files: Vec<String>,
}

struct TakeReport {
    name: &'static str,
    notes: usize,
    error: i64,
    late: usize,
    process: (Duration, Duration),
    same: bool,
}

impl Report {
    /// Compares all takes with the first one.
    pub fn new(args: &Args, call: &Call, takes: &Takes, files: &[PathBuf]) -> anyhow::Result<Self> {
        let first = takes.answers.first().context("no host played")?;
        let metre = call.song.metre;
        let report = |take: &Take| TakeReport {
            name: take.name,
            notes: take.notes.len(),
            error: largest_error(&take.notes),
            late: late(&take.notes),
            process: take.process,
            same: take.melody() == first.melody(),
        };
        let takes: Vec<_> = takes.answers.iter().map(report).collect();
        let names = Names::of(&call.phrase.notes, metre);
        let named = |name: &str| takes.iter().find(|take| take.name == name);
        Ok(Self {
            head: json!({
                "phrase": call.name,
                "model": call.header.card.name,
                "metre": metre.to_string(),
                "bpm": (call.song.tempo * 100.0).round() / 100.0,
                "mode": args.mode.name(),
                "bars": call.phrase.bars,
                "length_beats": take::length(args, call),
                "temperature": hundredths(args.temperature),
                "memory_percent": args.memory,
                "seed": args.seed,
                "build": args.profile.to_string(),
            }),
            heard: bars(&call.phrase.notes, metre, names),
            played: bars(&first.melody(), metre, names),
            same: named("CLAP").and(named("VST3")).map(|vst3| vst3.same),
            takes,
            files: files
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
        })
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        let field = |name: &str| match &self.head[name] {
            Value::String(value) => value.clone(),
            value => value.to_string(),
        };
        let mut line = |content: String| writeln!(text, "{content}").unwrap_or_default();
        line(format!(
            "{}, {} at {} quarter notes a minute; {} by the model {}, temperature {}, memory {} %, seed {}, {} build\n",
            field("phrase"),
            field("metre"),
            field("bpm"),
            field("mode").to_lowercase(),
            field("model"),
            field("temperature"),
            field("memory_percent"),
            field("seed"),
            field("build"),
        ));
        line("Heard".into());
        self.heard.iter().for_each(|bar| line(format!("  {bar}")));
        line("Played".into());
        self.played.iter().for_each(|bar| line(format!("  {bar}")));
        line(String::new());
        for take in &self.takes {
            let (middle, longest) = take.process;
            line(format!(
                "{}: {} notes, {} samples off at most, {} late; process() {:.1} µs in the median, {:.1} µs at most{}",
                if take.name == LIVE {
                    "In real time"
                } else {
                    take.name
                },
                take.notes,
                take.error,
                take.late,
                middle.as_secs_f64() * 1e6,
                longest.as_secs_f64() * 1e6,
                if take.name == LIVE {
                    ""
                } else {
                    ", waiting for the model: a render is ahead of the clock"
                },
            ));
        }
        match self.same {
            Some(true) => line("CLAP and VST3 played the same, note for note.".into()),
            Some(false) => line("CLAP and VST3 did NOT play the same.".into()),
            None => {}
        }
        if let Some(live) = self.takes.iter().find(|take| take.name == LIVE) {
            let same = if live.same {
                "the same"
            } else {
                "NOT the same"
            };
            line(format!("In real time it played {same} as when rendered."));
        }
        line(format!("Wrote {}", self.files.join(", ")));
        text
    }

    pub fn json(&self) -> Value {
        let mut all = self.head.clone();
        let takes = self.takes.iter().map(|take| {
            let micros = |time: Duration| time.as_secs_f64() * 1e6;
            json!({
                "name": take.name,
                "notes": take.notes,
                "largest_error_samples": take.error,
                "late_notes": take.late,
                "process_us": { "median": micros(take.process.0), "max": micros(take.process.1) },
                "same_notes": take.same,
            })
        });
        all["takes"] = takes.collect();
        all["heard"] = json!(self.heard);
        all["played"] = json!(self.played);
        all["clap_equals_vst3"] = json!(self.same);
        all["files"] = json!(self.files);
        all
    }

    /// An error where a rendered answer is not what it must be. In real time a busy machine may
    /// make notes late, which is reported and no error.
    pub fn verdict(&self) -> anyhow::Result<()> {
        for take in self.takes.iter().filter(|take| take.name != LIVE) {
            let (name, error) = (take.name, take.error);
            ensure!(error == 0, "{name}: a note was {error} samples off");
            ensure!(take.same, "{name} did not play the same notes");
        }
        Ok(())
    }
}

/// A line for each bar: its number and its notes.
fn bars(notes: &[Note], metre: Metre, names: Names) -> Vec<String> {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for note in notes {
        let bar = metre.bar_index(note.onset) + 1;
        match lines.last_mut().filter(|(last, _)| *last == bar) {
            Some((_, line)) => *line += &format!(" {}", names.name(note.pitch)),
            None => lines.push((bar, names.name(note.pitch))),
        }
    }
    lines
        .into_iter()
        .map(|(bar, line)| format!("bar {bar:2}: {line}"))
        .collect()
}

/// A knob's value without the error of binary fractions.
fn hundredths(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
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
            ["bar  1: C4 C#4", "bar  3: D4"]
        );
    }
}
