//! JSON Lines: one melody a line, or a score whose lead is its melody; plain or compressed by zstd.
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. A line that is no melody is
//! left out with its number and the reason; the lines after it are still read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use harmonai_core::music::melody::{Melody, skyline};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT, Ticks};
use serde::Deserialize;

use super::line::cut_overlaps;
use super::moves::{Moves, nearest};
use super::piece::Piece;
use super::reading::{MusicFile, Reading};
use super::remarks::{Reason, Remark};
use super::split::Split;
use crate::files;

/// A longer line is no melody: about a million notes.
const LONGEST_LINE: u64 = 16 << 20;
/// No onset or duration lies beyond: some 40,000 bars.
const LONGEST_TIME: i64 = 4_000_000;

/// A line as it stands: a melody's notes, or a score's parts. Unknown fields are free.
#[derive(Deserialize)]
struct Line {
    notes: Option<Vec<WrittenNote>>,
    parts: Option<Vec<Part>>,
    /// Sharps of the key signature; flats are negative.
    sharps: Option<i64>,
    /// All key signatures, each with its place; the first one is `sharps` again.
    #[serde(default)]
    keys: Vec<(i64, i64)>,
    tpq: Option<i64>,
    metre: Option<String>,
    anacrusis: Option<i64>,
    title: Option<String>,
    #[serde(alias = "set")]
    coll: Option<String>,
    split: Option<Split>,
    src: Option<String>,
    licence: Option<String>,
}

/// A part of a score. Of several that have the role of the lead, the first one is it.
#[derive(Deserialize)]
struct Part {
    role: Option<String>,
    notes: Vec<WrittenNote>,
}

/// Onset, key and duration, and a velocity where there is one.
#[derive(Deserialize)]
#[serde(from = "Numbers")]
struct WrittenNote([i64; 3], Option<i64>);

impl From<Numbers> for WrittenNote {
    fn from(numbers: Numbers) -> Self {
        match numbers {
            Numbers::Plain(note) => Self(note, None),
            Numbers::Played(onset, key, duration, velocity) => {
                Self([onset, key, duration], velocity)
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers {
    Plain([i64; 3]),
    Played(i64, i64, i64, Option<i64>),
}

impl Line {
    /// The melody's notes.
    fn take_notes(&mut self) -> Result<Vec<WrittenNote>, String> {
        if let Some(notes) = self.notes.take() {
            return Ok(notes);
        }
        let parts = self
            .parts
            .take()
            .ok_or("it has neither `notes` nor `parts`")?;
        let lead = parts
            .into_iter()
            .find(|part| part.role.as_deref() == Some("lead"));
        Ok(lead.ok_or("none of its parts has the role `lead`")?.notes)
    }

    /// The lowest note that sounds at the end.
    fn final_bass(&self) -> Option<Pitch> {
        let parts = self.parts.iter().flatten().flat_map(|part| &part.notes);
        let all = || self.notes.iter().flatten().chain(parts.clone());
        let ends =
            |WrittenNote([onset, _, duration], _): &WrittenNote| onset.checked_add(*duration);
        let end = all().filter_map(ends).max()?;
        let last = all().filter(|note| ends(note).is_some_and(|at| at >= end - 1));
        let lowest = last.map(|WrittenNote([_, key, _], _)| *key).min()?;
        u8::try_from(lowest).ok().and_then(Pitch::new)
    }

    fn credit(&self) -> Option<String> {
        let parts = [self.src.as_deref(), self.licence.as_deref()];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Reads all lines of a file, one after the other: a whole collection need not fit into memory.
pub fn read(file: &MusicFile) -> Reading {
    let mut reading = Reading::default();
    let unreadable = |line: usize, error: io::Error| {
        let cause = files::cause(&error);
        let detail = match line {
            0 => cause,
            line => format!("after line {line}: {cause}"),
        };
        Remark::on_file(&file.path, Reason::Unreadable, detail)
    };
    let opened = File::open(&file.path).and_then(|plain| {
        Ok(if file.has_extension("zst") {
            Box::new(BufReader::new(zstd::Decoder::new(plain)?)) as Box<dyn BufRead>
        } else {
            Box::new(BufReader::new(plain))
        })
    });
    let mut lines = match opened {
        Ok(lines) => lines,
        Err(error) => return Reading::nothing(unreadable(0, error)),
    };
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        match lines
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut bytes)
        {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                reading.remarks.push(unreadable(number - 1, error));
                break;
            }
        }
        let mut remark = |reason, detail: String| {
            let place = format!("line {number}");
            reading
                .remarks
                .push(Remark::on_part(&file.path, place, reason, detail));
        };
        if bytes.len() as u64 == LONGEST_LINE {
            remark(
                Reason::NotMelody,
                "longer than 16 MB; the rest of the file is left out".into(),
            );
            break;
        }
        let text = bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&bytes)
            .trim_ascii();
        if text.is_empty() {
            continue;
        }
        match parse(text, file) {
            Ok((piece, same_onsets, no_lengths)) => {
                if same_onsets > 0 {
                    remark(Reason::SameOnset, format!("{same_onsets} times"));
                }
                if no_lengths > 0 {
                    remark(Reason::NoLength, format!("{no_lengths} times"));
                }
                reading.pieces.push(piece);
            }
            Err((reason, detail)) => remark(reason, detail),
        }
    }
    if reading.pieces.is_empty() && reading.remarks.is_empty() {
        let none = Remark::on_file(&file.path, Reason::NoNotes, "no line in it");
        reading.remarks.push(none);
    }
    reading
}

/// The melody of a line, how many notes began with a higher one, and how many had no length.
fn parse(text: &[u8], file: &MusicFile) -> Result<(Piece, usize, usize), (Reason, String)> {
    let wrong = |detail: String| (Reason::NotMelody, detail);
    let mut line: Line = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
    let final_bass = line.final_bass();
    let written = line.take_notes().map_err(wrong)?;
    let metre = match line.metre.as_deref() {
        None => Metre::COMMON,
        Some(text) => Metre::parse(text).ok_or_else(|| wrong(format!("metre `{text}` is none")))?,
    };
    let tpq = line.tpq.unwrap_or(TICKS_PER_BEAT);
    if !(1..=100_000).contains(&tpq) {
        return Err(wrong(format!("tpq {tpq} is not between 1 and 100000")));
    }
    // Other grids are rounded to ours, halves up.
    let to_grid = |time: i64| nearest(time, tpq).0;
    let range = -LONGEST_TIME..=LONGEST_TIME;
    let in_range = |time: i64| {
        (range.contains(&time))
            .then(|| to_grid(time))
            .filter(|t| range.contains(t))
    };

    let credit = line.credit();
    let anacrusis = line.anacrusis.unwrap_or(0);
    let anacrusis = in_range(anacrusis)
        .filter(|ticks| *ticks >= 0)
        .ok_or_else(|| wrong(format!("anacrusis {anacrusis} is out of range")))?;
    let mut no_lengths = 0;
    let mut notes = Vec::with_capacity(written.len());
    let mut moves = Moves::default();
    for (i, WrittenNote([onset, key, duration], velocity)) in written.into_iter().enumerate() {
        let wrong = |what: &str| wrong(format!("notes[{i}]: {what}"));
        let start = in_range(onset).ok_or_else(|| wrong(&format!("onset {onset}")))?;
        let pitch = u8::try_from(key).ok().and_then(Pitch::new);
        let pitch = pitch.ok_or_else(|| wrong(&format!("pitch {key} is not 0 to 127")))?;
        let length = in_range(duration)
            .filter(|_| duration >= 0)
            .ok_or_else(|| wrong(&format!("duration {duration}")))?;
        moves.add(nearest(onset, tpq).1);
        no_lengths += usize::from(length == 0);
        let (onset, duration) = (Ticks::new(start), Ticks::new(length.max(1)));
        notes.push(Note {
            onset,
            duration,
            pitch,
            velocity: velocity.map(Velocity::clamped),
        });
    }
    if notes.is_empty() {
        return Err((Reason::NoNotes, String::new()));
    }
    let count = notes.len();
    let mut notes = skyline(&notes);
    let same_onsets = count - notes.len();
    cut_overlaps(&mut notes);
    let moved = to_bar_lines(&mut notes, metre, Ticks::new(anacrusis));
    let later = line.keys.iter().filter_map(|(at, sharps)| {
        let place = in_range(*at).filter(|at| *at > 0)?;
        Some((Ticks::new(place) + moved, i8::try_from(*sharps).ok()?))
    });
    let later_signatures = later.collect();
    let title = line.title.unwrap_or_default();
    let style = line
        .coll
        .filter(|name| !name.is_empty())
        .or_else(|| file.style.clone());
    let melody =
        Melody::new(title, style, metre, notes).map_err(|error| wrong(error.to_string()))?;
    let source = melody.style().unwrap_or(&file.group).to_owned();
    let piece = Piece {
        credit,
        moves,
        signature: line.sharps.and_then(|sharps| i8::try_from(sharps).ok()),
        later_signatures,
        final_bass,
        ..Piece::new(melody, source, line.split)
    };
    Ok((piece, same_onsets, no_lengths))
}

/// Moves the notes so that bar lines lie at multiples of the bar, where the first bar has only
/// `anacrusis` ticks (0: it is whole), and the first note falls into bar 0. Returns how far.
fn to_bar_lines(notes: &mut [Note], metre: Metre, anacrusis: Ticks) -> Ticks {
    let bar = metre.bar();
    let first_line = Ticks::new(anacrusis.get().rem_euclid(bar.get()));
    let shift = first_line.ceil_to(bar) - first_line;
    let Some(first) = notes.first() else {
        return Ticks::ZERO;
    };
    let shift = shift - (first.onset + shift).floor_to(bar);
    for note in notes {
        note.onset += shift;
    }
    shift
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(lines: &str) -> (tempfile::NamedTempFile, MusicFile) {
        let mut temp = tempfile::NamedTempFile::new().unwrap();
        temp.write_all(lines.as_bytes()).unwrap();
        let path = temp.path().to_path_buf();
        (
            temp,
            MusicFile {
                path,
                style: None,
                group: "folder".into(),
            },
        )
    }

    fn onsets(lines: &str) -> Vec<i64> {
        let (_temp, file) = file(lines);
        let reading = read(&file);
        assert_eq!(reading.remarks, []);
        reading.pieces[0]
            .melody
            .notes()
            .iter()
            .map(|note| note.onset.get())
            .collect()
    }

    #[test]
    fn an_upbeat_ends_at_a_bar_line() {
        let check = |head: &str, expect: &[i64]| {
            let notes = r#""notes":[[0,60,24],[24,62,24],[96,64,12]]"#;
            assert_eq!(onsets(&format!("{{{head}{notes}}}")), expect, "{head}");
        };
        check(r#""metre":"3/4","anacrusis":24,"#, &[48, 72, 144]);
        check(r#""metre":"3/4","anacrusis":0,"#, &[0, 24, 96]);
        check(r#""metre":"6/8","anacrusis":12,"#, &[60, 84, 156]);
        check(r#""metre":null,"#, &[0, 24, 96]);
        check(r#""tpq":48,"#, &[0, 12, 48]);
    }

    #[test]
    fn silent_first_bars_are_not_counted() {
        let line = r#"{"metre":"2/4","anacrusis":12,"notes":[[72,60,12],[84,62,12]]}"#;
        assert_eq!(onsets(line), [12, 24]);
    }

    #[test]
    fn each_bad_line_is_named_and_the_good_ones_are_read() {
        let lines = [
            r#"{"notes":[[0,60,12],[12,62,12]],"coll":"mine","split":"test","title":"T"}"#,
            "not json",
            "",
            r#"{"title":"no notes at all"}"#,
            r#"{"notes":[]}"#,
            r#"{"notes":[[0,128,12]]}"#,
            r#"{"notes":[[0,60,-1]]}"#,
            r#"{"notes":[[0,60]]}"#,
            r#"{"notes":[[0,60,12]],"metre":"4/5"}"#,
            r#"{"notes":[[0,60,12]],"split":"dev"}"#,
            r#"{"notes":[[0,60,12]],"tpq":0}"#,
            r#"{"notes":[[9223372036854775807,60,12]]}"#,
            r#"{"notes":[[0,60,12]],"anacrusis":-24}"#,
            r#"[1,2,3]"#,
            r#"{"notes":[[0,60,12],[0,67,12],[12,62,0]]}"#,
        ];
        let (_temp, file) = file(&lines.join("\n"));
        let reading = read(&file);
        assert_eq!(reading.pieces.len(), 2);
        assert_eq!(reading.pieces[0].source, "mine");
        assert_eq!(reading.pieces[0].split, Split::Test);
        assert_eq!(reading.pieces[1].source, "folder");
        assert_eq!(reading.pieces[1].melody.notes()[0].pitch.get(), 67);
        let found: Vec<_> = reading
            .remarks
            .iter()
            .map(|remark| (remark.place.as_deref().unwrap_or_default(), remark.reason))
            .collect();
        let wrong = |line| (line, Reason::NotMelody);
        let mut expect = vec![
            wrong("line 2"),
            wrong("line 4"),
            ("line 5", Reason::NoNotes),
        ];
        expect.extend(
            [
                "line 6", "line 7", "line 8", "line 9", "line 10", "line 11", "line 12", "line 13",
            ]
            .map(wrong),
        );
        expect.push(wrong("line 14"));
        expect.push(("line 15", Reason::SameOnset));
        expect.push(("line 15", Reason::NoLength));
        assert_eq!(found, expect);
        let pitch = reading
            .remarks
            .iter()
            .find(|r| r.place.as_deref() == Some("line 6"));
        assert!(pitch.unwrap().detail.contains("pitch 128"), "{pitch:?}");
    }

    #[test]
    fn of_a_score_the_lead_is_read() {
        let parts = r#""parts":[{"role":"bass","notes":[[0,40,96,80]]},
            {"role":"lead","notes":[[0,60,24,49],[0,64,24,60],[24,62,24,null],[48,60,48]]}]"#;
        let score = format!(r#"{{"coll":"x","sharps":-2,"keys":[[0,-2],[48,1]],{parts}}}"#)
            .replace('\n', " ");
        let (_temp, music) = file(&score);
        let reading = read(&music);
        let piece = &reading.pieces[0];
        let heard = piece.melody.notes().iter();
        let heard: Vec<_> = heard
            .map(|note| (note.pitch.get(), note.velocity.map(Velocity::get)))
            .collect();
        assert_eq!(heard, [(64, Some(60)), (62, None), (60, None)]);
        assert_eq!(piece.signature, Some(-2));
        assert_eq!(piece.later_signatures, [(Ticks::new(48), 1)]);
        assert_eq!(piece.final_bass.map(Pitch::get), Some(40));
        assert_eq!(
            reading.remarks[0].reason,
            Reason::SameOnset,
            "of its chord the top note"
        );

        let wrong = r#"{"parts":[{"role":"bass","notes":[[0,60,12]]}]}"#;
        let (_temp, music) = file(&format!("{wrong}\n{{\"coll\":\"x\"}}"));
        let details = read(&music).remarks.into_iter().map(|remark| remark.detail);
        let details: Vec<String> = details.collect();
        assert!(details[0].contains("`lead`"), "{details:?}");
        assert!(details[1].contains("`parts`"), "{details:?}");
    }

    #[test]
    fn compressed_lines_are_read_and_a_cut_file_is_reported() {
        let line = r#"{"notes":[[0,60,12],[12,62,12]]}"#;
        let packed = zstd::encode_all(format!("{line}\n").repeat(50).as_bytes(), 3).unwrap();
        let (_temp, mut music) = file("");
        let folder = tempfile::tempdir().unwrap();
        music.path = folder.path().join("a.jsonl.zst");
        std::fs::write(&music.path, &packed).unwrap();
        assert_eq!(read(&music).pieces.len(), 50);
        std::fs::write(&music.path, &packed[..packed.len() - 9]).unwrap();
        let reading = read(&music);
        assert_eq!(
            reading.remarks.last().map(|r| r.reason),
            Some(Reason::Unreadable)
        );
    }
}
