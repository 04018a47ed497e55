//! One part of a score: its measures, with the notes of each staff.
//!
//! Called by [`super`]. Pure; any thread.

use std::collections::BTreeMap;

use harmonai_core::music::note::Pitch;
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT};
use roxmltree::Node;

use super::xml::{child, children, number, words};
use crate::data::corpus::bars::{Bar, BarNote, Marks, PER_BEAT};

/// No position within a measure lies beyond: a thousand whole notes.
const LONGEST: i64 = 4000 * PER_BEAT;
/// The channel that General MIDI keeps for drums, counted from 1.
const DRUMS: i64 = 10;

/// A measure with the notes of all staves.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    pub length: i64,
    pub marks: Marks,
    notes: Vec<(i64, BarNote)>,
}

/// A part as it is read.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub name: String,
    /// Whether all it has is unpitched, or on the drum channel.
    pub drums: bool,
    /// The first metre that it names.
    pub metre: Option<Metre>,
    pub measures: Vec<Measure>,
}

/// What holds from measure to measure.
#[derive(Default)]
struct Reader {
    divisions: i64,
    /// Semitones from what is written to what sounds.
    transpose: i64,
    /// The first metre, and the length of a bar of the one that holds.
    metre: Option<Metre>,
    bar: Option<i64>,
    unpitched: usize,
    pitched: usize,
}

impl Part {
    /// Reads the measures; `entry` is the part's line in the list of parts.
    pub fn read(entry: Option<Node>, measures: &[Node]) -> Self {
        let mut reader = Reader {
            divisions: 1,
            ..Reader::default()
        };
        let measures = measures.iter().map(|node| reader.measure(*node)).collect();
        let name = entry.and_then(|entry| words(entry, "part-name"));
        let instrument = entry.and_then(|entry| child(entry, "midi-instrument"));
        let channel = instrument.and_then(|instrument| number(instrument, "midi-channel"));
        Self {
            name: name.unwrap_or_default().into(),
            drums: channel == Some(DRUMS) || reader.unpitched > reader.pitched,
            metre: reader.metre,
            measures,
        }
    }

    /// The bars of each staff that has notes, by its number.
    pub fn staves(&self) -> BTreeMap<i64, Vec<Bar>> {
        let mut staves: BTreeMap<i64, Vec<Bar>> = BTreeMap::new();
        for (place, measure) in self.measures.iter().enumerate() {
            for (staff, note) in &measure.notes {
                let bars = staves.entry(*staff).or_default();
                bars.resize_with(place + 1, Bar::default);
                bars[place].notes.push(*note);
            }
        }
        staves
    }
}

impl Reader {
    fn measure(&mut self, node: Node) -> Measure {
        let mut measure = Measure::default();
        // Where the next note falls, and where the last one began, for the notes of its chord.
        let (mut at, mut struck) = (0i64, 0i64);
        for item in node.children().filter(Node::is_element) {
            match item.tag_name().name() {
                "attributes" => self.attributes(item),
                "note" => {
                    // Grace and cue notes take no time and are no melody.
                    if child(item, "grace").is_some() {
                        continue;
                    }
                    let duration = self.duration(item);
                    if child(item, "chord").is_none() {
                        struck = at;
                        at = (at + duration).min(LONGEST);
                    }
                    if child(item, "cue").is_none() {
                        self.note(item, struck, duration, &mut measure);
                    }
                }
                "backup" => at = (at - self.duration(item)).max(0),
                "forward" => at = (at + self.duration(item)).min(LONGEST),
                "barline" => bar_line(item, &mut measure.marks),
                _ => {}
            }
            measure.length = measure.length.max(at);
        }
        // Some programs write a whole note's rest for a bar of rest in any metre.
        if let Some(bar) = self.bar.filter(|_| measure.notes.is_empty()) {
            measure.length = measure.length.min(bar);
        }
        measure
    }

    fn attributes(&mut self, node: Node) {
        let divisions = number(node, "divisions").filter(|n| (1..=1_000_000).contains(n));
        self.divisions = divisions.unwrap_or(self.divisions);
        if let Some(transpose) = child(node, "transpose") {
            let octaves = number(transpose, "octave-change").unwrap_or(0);
            let semitones = number(transpose, "chromatic").unwrap_or(0);
            self.transpose = (semitones.clamp(-60, 60)) + 12 * octaves.clamp(-5, 5);
        }
        if let Some(metre) = child(node, "time").and_then(metre) {
            self.metre.get_or_insert(metre);
            self.bar = Some(metre.bar().get() * PER_BEAT / TICKS_PER_BEAT);
        }
    }

    fn duration(&self, node: Node) -> i64 {
        let divisions = number(node, "duration").unwrap_or(0);
        let parts = i128::from(divisions.max(0)) * i128::from(PER_BEAT);
        (parts / i128::from(self.divisions)).min(LONGEST.into()) as i64
    }

    fn note(&mut self, node: Node, onset: i64, duration: i64, measure: &mut Measure) {
        let unpitched = child(node, "unpitched");
        let Some(pitch) = child(node, "pitch").or(unpitched) else {
            return;
        };
        let prefix = if unpitched.is_some() { "display-" } else { "" };
        let step = words(pitch, &format!("{prefix}step"));
        let octave = number(pitch, &format!("{prefix}octave"));
        let (Some(step), Some(octave)) = (step.and_then(semitones), octave) else {
            return;
        };
        if unpitched.is_some() {
            self.unpitched += 1;
        } else {
            self.pitched += 1;
        }
        if duration == 0 {
            return;
        }
        // Quarter tones (0.5) go to the key below.
        let alter = words(pitch, "alter").and_then(|text| text.parse::<f64>().ok());
        let alter = alter.unwrap_or(0.0).clamp(-4.0, 4.0).floor() as i64;
        let key = 12 * (octave.clamp(-2, 12) + 1) + step + alter + self.transpose;
        let tie = |kind| children(node, "tie").any(|tie| tie.attribute("type") == Some(kind));
        let note = BarNote {
            onset,
            duration,
            pitch: Pitch::clamped(key),
            tied: tie("start"),
            held: tie("stop"),
        };
        measure
            .notes
            .push((number(node, "staff").unwrap_or(1), note));
    }
}

fn semitones(step: &str) -> Option<i64> {
    Some(match step {
        "C" => 0,
        "D" => 2,
        "E" => 4,
        "F" => 5,
        "G" => 7,
        "A" => 9,
        "B" => 11,
        _ => return None,
    })
}

/// A metre of one or more sums, such as 3+2 over 8.
fn metre(time: Node) -> Option<Metre> {
    let below = number(time, "beat-type")?;
    let above = words(time, "beats")?
        .split('+')
        .map(|part| part.trim().parse::<i64>().ok())
        .try_fold(0i64, |sum, part| sum.checked_add(part?))?;
    Metre::new(above, below)
}

fn bar_line(node: Node, marks: &mut Marks) {
    if let Some(repeat) = child(node, "repeat") {
        match repeat.attribute("direction") {
            Some("forward") => marks.begins = true,
            Some("backward") => {
                let times = repeat
                    .attribute("times")
                    .and_then(|times| times.parse().ok());
                marks.ends = Some(times.unwrap_or(2u8).max(1));
            }
            _ => {}
        }
    }
    if let Some(ending) = child(node, "ending") {
        match ending.attribute("type") {
            Some("start") => {
                let numbers = ending.attribute("number").unwrap_or("1");
                let numbers = numbers.split([',', ' ', '.']);
                marks.ending = numbers
                    .filter_map(|number| number.trim().parse().ok())
                    .collect();
            }
            Some("stop" | "discontinue") => marks.closes = true,
            _ => {}
        }
    }
}
