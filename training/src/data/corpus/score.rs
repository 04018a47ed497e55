//! The melodies of a MusicXML score: `.musicxml` and `.xml` as text, `.mxl` in a zip container.
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. Each staff of each part is
//! a track; repeats and their endings are played out. Nothing larger than [`LARGEST`] is unpacked.

mod part;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};

use harmonai_core::music::time::{Metre, TICKS_PER_BEAT};
use roxmltree::{Document, Node, ParsingOptions};

use super::Reading;
use super::bars::{Marks, order, play, starts};
use super::files::MusicFile;
use super::remarks::{Reason, Remark};
use super::text;
use super::written::{Written, WrittenTrack};
use part::{PER_BEAT, Part};

/// No score is larger, packed or not, in bytes.
const LARGEST: u64 = 64 << 20;
/// No score has more elements.
const MOST_NODES: u32 = 8 << 20;

/// Reads one file.
pub fn read(file: &MusicFile, compressed: bool) -> Reading {
    let bytes = File::open(&file.path).and_then(|opened| {
        let mut bytes = Vec::new();
        opened.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let reading = match bytes {
        Err(error) => Err((Reason::Unreadable, error.to_string())),
        Ok(bytes) if bytes.len() as u64 > LARGEST => {
            Err((Reason::NotScore, "larger than 64 MB".into()))
        }
        // A container under the other ending, or the other way round, is still read.
        Ok(bytes) if compressed || bytes.starts_with(b"PK\x03\x04") => match unpack(&bytes) {
            Err(_) if bytes.trim_ascii_start().starts_with(b"<") => melodies(file, &bytes),
            Err(detail) => Err((Reason::NotScore, detail)),
            Ok(score) => melodies(file, &score),
        },
        Ok(bytes) => melodies(file, &bytes),
    };
    reading.unwrap_or_else(|(reason, detail)| Reading {
        pieces: Vec::new(),
        remarks: vec![Remark::on_file(&file.path, reason, detail)],
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
    let mut bytes = Vec::new();
    // What a container says of its sizes may be a lie: it is the bytes that are counted.
    let read = member.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("{name} unpacks to more than 64 MB"));
    }
    Ok(bytes)
}

/// The document. The parser goes through it without recursion, and limits what entities unfold to.
fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        allow_dtd: true,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

fn melodies(file: &MusicFile, bytes: &[u8]) -> Result<Reading, (Reason, String)> {
    let wrong = |detail: String| (Reason::NotScore, detail);
    let text = text::decode(bytes);
    let document = parse(&text).map_err(wrong)?;
    let root = document.root_element();
    let parts = match root.tag_name().name() {
        "score-partwise" => by_part(root),
        "score-timewise" => by_time(root),
        other => return Err(wrong(format!("it holds <{other}>, no score"))),
    };
    if parts.is_empty() {
        return Err(wrong("no part in it".into()));
    }
    Ok(written(root, &parts).melodies(file))
}

type Measures<'a, 'input> = Vec<(String, Vec<Node<'a, 'input>>)>;

fn by_part<'a, 'input>(root: Node<'a, 'input>) -> Measures<'a, 'input> {
    let parts = children(root, "part");
    parts
        .map(|part| (id(part), children(part, "measure").collect()))
        .collect()
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

fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn words<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

fn number(node: Node, name: &str) -> Option<i64> {
    let text = words(node, name)?;
    // Some programs write whole numbers as 4.0.
    text.parse().ok().or_else(|| {
        let value: f64 = text.parse().ok()?;
        (value.is_finite() && value.abs() < 1e12).then_some(value.round() as i64)
    })
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

fn written(root: Node, measures: &Measures) -> Written {
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
            tracks.push(WrittenTrack {
                name,
                channel: if part.drums { 9 } else { 0 },
                notes: play(&bars, &starts, &order),
            });
        }
    }
    tracks.retain(|track| !track.notes.is_empty());
    Written {
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
