//! A score as text and in a container, and what is none.

use std::io::Write;

use zip::write::SimpleFileOptions;

use super::*;

const WALTZ: &str = include_str!("../../../../tests/fixtures/music/waltz.musicxml");

fn of(name: &str, bytes: &[u8]) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let file = MusicFile {
        path,
        style: None,
        group: "scores".into(),
    };
    read(&file)
}

fn container(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Onsets and keys of the only melody.
fn notes(reading: &Reading) -> Vec<(i64, u8)> {
    assert_eq!(reading.pieces.len(), 1, "{:?}", reading.remarks);
    let notes = reading.pieces[0].melody.notes().iter();
    notes
        .map(|note| (note.onset.get(), note.pitch.get()))
        .collect()
}

/// The clarinet, sounding a tone lower: upbeat, two bars and the first ending, the bars again and
/// the second ending, a bar with a triplet.
fn expected() -> Vec<(i64, u8)> {
    let mut expected = vec![(48, 67)];
    for (start, ending) in [(72, vec![(144, 77)]), (288, vec![(144, 79), (192, 81)])] {
        let bars = [(0, 69), (24, 70), (48, 72), (96, 76), (120, 74)];
        let all = bars.into_iter().chain(ending);
        expected.extend(all.map(|(at, key)| (start + at, key)));
    }
    expected.extend([(504, 67), (512, 69), (520, 70), (528, 67)]);
    expected
}

#[test]
fn a_score_is_played_out_in_sounding_pitch() {
    let reading = of("waltz.musicxml", WALTZ.as_bytes());
    assert_eq!(notes(&reading), expected());
    let melody = &reading.pieces[0].melody;
    assert_eq!(melody.title(), "A small waltz");
    assert_eq!(melody.metre().to_string(), "3/4");
    let reasons: Vec<_> = reading.remarks.iter().map(|remark| remark.reason).collect();
    assert_eq!(
        reasons,
        [Reason::Short, Reason::Short],
        "{:?}",
        reading.remarks
    );
}

#[test]
fn containers_and_encodings_change_nothing() {
    let list =
        br#"<container><rootfiles><rootfile full-path="music/a.xml"/></rootfiles></container>"#;
    let whole = [
        ("META-INF/container.xml", &list[..]),
        ("other.xml", b"<score-partwise/>"),
        ("music/a.xml", WALTZ.as_bytes()),
    ];
    assert_eq!(notes(&of("a.mxl", &container(&whole))), expected());
    // Without its list of contents; under the ending of the other kind.
    assert_eq!(notes(&of("a.mxl", &container(&whole[2..]))), expected());
    assert_eq!(notes(&of("a.xml", &container(&whole))), expected());
    assert_eq!(notes(&of("a.mxl", WALTZ.as_bytes())), expected());
    let wide: Vec<u8> = format!("\u{FEFF}{WALTZ}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(notes(&of("a.xml", &wide)), expected());
}

#[test]
fn a_score_by_time_is_the_same_as_by_part() {
    let measure = |number: usize| {
        let of_part = |part: &str| {
            let part = WALTZ
                .split("<part id=")
                .find(|text| text.starts_with(part))
                .unwrap();
            let start = part.find(&format!("<measure number=\"{number}\"")).unwrap();
            let rest = &part[start..];
            let inner = &rest[rest.find('>').unwrap() + 1..rest.find("</measure>").unwrap()];
            inner.to_owned()
        };
        format!(
            "<measure><part id=\"P1\">{}</part><part id=\"P2\">{}</part></measure>",
            of_part("\"P1\""),
            of_part("\"P2\"")
        )
    };
    let measures: String = (0..6).map(measure).collect();
    let score = format!("<score-timewise>{measures}</score-timewise>");
    assert_eq!(notes(&of("a.xml", score.as_bytes())), expected());
}

#[test]
fn what_is_no_score_says_why() {
    let check = |name: &str, bytes: &[u8], expect: &str| {
        let reading = of(name, bytes);
        assert!(reading.pieces.is_empty());
        assert_eq!(reading.remarks[0].reason, Reason::NotScore);
        let text = reading.remarks[0].to_string();
        assert!(text.contains(expect), "{text}");
    };
    check("a.xml", b"<html></html>", "<html>");
    check("a.xml", b"<score-partwise/>", "no part");
    check("a.xml", &WALTZ.as_bytes()[..900], "score");
    check("a.mxl", b"", "score");
    check(
        "a.mxl",
        &container(&[("readme.txt", b"hello")]),
        "no score in the container",
    );
    let bomb = vec![b' '; LARGEST_FILE as usize + 1];
    check("a.mxl", &container(&[("a.xml", &bomb)]), "more than 64 MB");
    let deep = format!("<score-partwise>{}", "<a>".repeat(1_000_000));
    check("a.xml", deep.as_bytes(), "score");
    let laughs = r#"<!DOCTYPE s [<!ENTITY a "hahahaha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">
        <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]><s>&e;&e;&e;&e;</s>"#;
    check("a.xml", laughs.as_bytes(), "score");
}
