//! The melodies of a MusicXML score: `.musicxml` and `.xml` as text, `.mxl` in a zip container.
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. Each staff of each part is
//! a track; repeats and their endings are played out. Nothing larger than
//! [`LARGEST_FILE`] is unpacked.

mod part;
mod xml;

use std::collections::BTreeMap;
use std::io::Cursor;

use harmonai_core::music::time::{Metre, TICKS_PER_BEAT};
use roxmltree::Node;

use self::part::Part;
use self::xml::{child, children, parse, words};
use super::bars::{Marks, PER_BEAT, order, play, starts};
use super::notated::{Notated, NotatedTrack};
use super::reading::{LARGEST_FILE, MusicFile, Reading};
use super::remarks::{Reason, Remark};
use super::text;
use crate::files::{ReadError, read_limited};

pub fn read(file: &MusicFile) -> Reading {
    let bytes = match file.bytes(Reason::NotScore) {
        Ok(bytes) => bytes,
        Err(remark) => return Reading::nothing(remark),
    };
    // A container under the other ending, or the other way round, is still read.
    let packed = file.has_extension("mxl") || bytes.starts_with(b"PK\x03\x04");
    let score = match packed.then(|| unpack(&bytes)) {
        None => Ok(bytes),
        Some(Err(_)) if bytes.trim_ascii_start().starts_with(b"<") => Ok(bytes),
        Some(unpacked) => unpacked,
    };
    let reading = score.and_then(|score| melodies(file, &score));
    reading.unwrap_or_else(|detail| {
        Reading::nothing(Remark::on_file(&file.path, Reason::NotScore, detail))
    })
}

/// The score in a container: the one that its list of contents names first, else the first that
/// is there.
fn unpack(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let named = member(&mut archive, "META-INF/container.xml")
        .ok()
        .and_then(|container| {
            let text = text::decode(&container);
            let document = parse(&text).ok()?;
            let mut nodes = document.descendants();
            let root = nodes.find(|node| node.has_tag_name("rootfile"))?;
            root.attribute("full-path").map(str::to_owned)
        });
    let is_score = |name: &String| {
        let lower = name.to_lowercase();
        !lower.starts_with("meta-inf") && (lower.ends_with(".xml") || lower.ends_with(".musicxml"))
    };
    let first = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .find(is_score);
    let name = named
        .filter(|name| archive.index_for_name(name).is_some())
        .or(first)
        .ok_or("no score in the container")?;
    member(&mut archive, &name)
}

fn member(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, String> {
    let member = archive.by_name(name).map_err(|error| error.to_string())?;
    read_limited(member, LARGEST_FILE).map_err(|error| match error {
        ReadError::TooLarge(_) => format!("{name} unpacks to more than 64 MB"),
        error => format!("{name}: {error}"),
    })
}

fn melodies(file: &MusicFile, bytes: &[u8]) -> Result<Reading, String> {
    let text = text::decode(bytes);
    let document = parse(&text)?;
    let root = document.root_element();
    let parts = match root.tag_name().name() {
        "score-partwise" => by_part(root),
        "score-timewise" => by_time(root),
        other => return Err(format!("it holds <{other}>, no score")),
    };
    if parts.is_empty() {
        return Err("no part in it".into());
    }
    Ok(notated(root, &parts).melodies(file))
}

type Measures<'a, 'input> = Vec<(String, Vec<Node<'a, 'input>>)>;

fn by_part<'a, 'input>(root: Node<'a, 'input>) -> Measures<'a, 'input> {
    let measures = |part| (id(part), children(part, "measure").collect());
    children(root, "part").map(measures).collect()
}

/// A score written measure by measure, turned into parts.
fn by_time<'a, 'input>(root: Node<'a, 'input>) -> Measures<'a, 'input> {
    let mut parts: Measures = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for measure in children(root, "measure") {
        for part in children(measure, "part") {
            let place = *places.entry(id(part)).or_insert_with(|| {
                parts.push((id(part), Vec::new()));
                parts.len() - 1
            });
            parts[place].1.push(part);
        }
    }
    parts
}

fn id(part: Node) -> String {
    part.attribute("id").unwrap_or_default().into()
}

fn title(root: Node) -> Option<String> {
    let work = child(root, "work").and_then(|work| words(work, "work-title"));
    let movement = words(root, "movement-title");
    let all: Vec<&str> = work
        .into_iter()
        .chain(movement)
        .filter(|title| !title.is_empty())
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn notated(root: Node, measures: &Measures) -> Notated {
    let list = child(root, "part-list");
    let parts: Vec<Part> = measures
        .iter()
        .map(|(id, measures)| {
            let mut entries = list
                .into_iter()
                .flat_map(|list| children(list, "score-part"));
            let entry = entries.find(|entry| entry.attribute("id") == Some(id));
            Part::read(entry, measures)
        })
        .collect();
    // A measure is as long as its longest part, and has the repeat marks of any of them.
    let count = parts.iter().map(|part| part.measures.len()).max();
    let mut lengths = vec![0i64; count.unwrap_or(0)];
    let mut marks = vec![Marks::default(); lengths.len()];
    for part in &parts {
        for (place, measure) in part.measures.iter().enumerate() {
            lengths[place] = lengths[place].max(measure.length);
            marks[place].merge(&measure.marks);
        }
    }
    let metre = parts.iter().find_map(|part| part.metre);
    let bar = metre.map_or(0, |metre| metre.bar().get() * PER_BEAT / TICKS_PER_BEAT);
    let upbeat = match lengths.as_slice() {
        [first, _, ..] if *first < bar => *first,
        _ => 0,
    };
    let order = order(&marks);
    let starts = starts(&lengths, &order);
    let mut tracks = Vec::new();
    for part in &parts {
        for (staff, bars) in part.staves() {
            let name = match staff {
                1 => part.name.clone(),
                staff => format!("{}, staff {staff}", part.name),
            };
            tracks.push(NotatedTrack {
                name,
                channel: if part.drums { 9 } else { 0 },
                notes: play(&bars, &starts, &order),
            });
        }
    }
    tracks.retain(|track| !track.notes.is_empty());
    Notated {
        title: title(root),
        place: None,
        per_beat: PER_BEAT,
        tempo: 120.0,
        metre: metre.unwrap_or(Metre::COMMON),
        upbeat,
        tracks,
    }
}

#[cfg(test)]
mod tests;
