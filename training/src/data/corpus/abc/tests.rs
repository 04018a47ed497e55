//! Tunes as they are written, and what they sound like.

use super::*;

/// Onsets in twelfths of a quarter note, with keys, of each voice of a tune.
fn played(tune: &str) -> Vec<Vec<(i64, u8)>> {
    let book = Book::cut(tune);
    let tune = Tune::read(&book.head, &book.tunes[0]);
    let written = tune.notated(None);
    let track = |track: NotatedTrack| {
        let note = |note: super::super::notated::NotatedNote| {
            assert_eq!(note.onset * 12 % PER_BEAT, 0, "{note:?}");
            (note.onset * 12 / PER_BEAT, note.pitch.get())
        };
        track.notes.into_iter().map(note).collect()
    };
    written.tracks.into_iter().map(track).collect()
}

fn check(music: &str, expect: &[(i64, u8)]) {
    let head = "X:1\nM:4/4\nL:1/4\nK:G\n";
    assert_eq!(played(&format!("{head}{music}")), [expect], "{music}");
}

#[test]
fn lengths_octaves_and_accidentals() {
    check(
        "C D/ E// F3/2 G2",
        &[(0, 60), (12, 62), (18, 64), (21, 66), (39, 67)],
    );
    check("C, c c' c,", &[(0, 48), (12, 72), (24, 84), (36, 60)]);
    // To the end of the bar, in every octave; then the key's again.
    check(
        "^c c C =c | c F =F f",
        &[
            (0, 73),
            (12, 73),
            (24, 61),
            (36, 72),
            (48, 72),
            (60, 66),
            (72, 65),
            (84, 77),
        ],
    );
    // A tie carries an accidental over the bar line.
    check("^c- | c c", &[(0, 73), (24, 72)]);
    check("__B ^^F [K:F] B", &[(0, 69), (12, 67), (24, 70)]);
}

#[test]
fn broken_rhythm_tuplets_chords_and_layers() {
    check(
        "A>B A<B A>>B A",
        &[
            (0, 69),
            (18, 71),
            (24, 69),
            (30, 71),
            (48, 69),
            (69, 71),
            (72, 69),
        ]
        .map(|(at, key)| (at, key)),
    );
    check(
        "A >.B (A>)B {g}A",
        &[(0, 69), (18, 71), (24, 69), (42, 71), (48, 69)],
    );
    check(
        "(3ABc (3:2:2A2B2 z/ A",
        &[(0, 69), (8, 71), (16, 72), (24, 69), (40, 71), (62, 69)],
    );
    check(
        "[GB]2 +GB+ [A2c]/ d",
        &[
            (0, 67),
            (0, 71),
            (24, 67),
            (24, 71),
            (36, 69),
            (36, 72),
            (48, 74),
        ],
    );
    check("A2 B2 & D4 | A", &[(0, 69), (0, 62), (24, 71), (48, 69)]);
}

#[test]
fn bar_lines_and_repeats() {
    check(
        "|: A :|: B :| c |]",
        &[(0, 69), (12, 69), (24, 71), (36, 71), (48, 72)],
    );
    check(
        "A |1 B :|2 c || d",
        &[(0, 69), (12, 71), (24, 69), (36, 72), (48, 74)],
    );
    check(
        "A [1 B :| [2 c |] d",
        &[(0, 69), (12, 71), (24, 69), (36, 72), (48, 74)],
    );
    check("A :: B :|", &[(0, 69), (12, 69), (24, 71), (36, 71)]);
    check("A [|]:|\n||B||", &[(0, 69), (12, 69), (24, 71)]);
    check("A |[GB] c", &[(0, 69), (12, 67), (12, 71), (24, 72)]);
    check("A \"Fine\" !D.C.! | Z2 | x A", &[(0, 69), (120, 69)]);
}

#[test]
fn what_is_not_sound_is_passed_over() {
    check(
        "(A \"Gm\"B) .c !trill! ~d u^f % g g g\nw: a b c\nA\\\nB",
        &[
            (0, 69),
            (12, 71),
            (24, 72),
            (36, 74),
            (48, 78),
            (60, 69),
            (72, 71),
        ],
    );
    check("A0 B y2 [r:remark] c", &[(0, 71), (12, 72)]);
}

#[test]
fn clefs_and_voices() {
    let two = "X:1\nL:1/4\nM:3/4\nV:1\nV:2 octave=-1\nK:F\nV:1\nB c\n[V:2] B2\nV:1\nd";
    assert_eq!(
        played(two),
        [vec![(0, 70), (12, 72), (24, 74)], vec![(0, 58)]]
    );
    assert_eq!(played("X:1\nL:1/4\nK:C clef=treble-8\nC"), [[(0, 48)]]);
    assert_eq!(played("X:1\nM:2/4\nK:C\nC D"), [[(0, 60), (3, 62)]]);
    assert_eq!(
        played("X:1\nM:6/8\nK:C\nC[M:2/4]D E"),
        [[(0, 60), (6, 62), (12, 64)]],
        "a change of metre is none of the unit"
    );
    assert_eq!(played("T:no number\rK:C\rC D"), [[(0, 60), (6, 62)]]);
}

#[test]
fn a_book_is_read_tune_by_tune() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/music/book.abc");
    let file = MusicFile {
        path: path.into(),
        style: None,
        group: "books".into(),
    };
    let reading = read(&file);
    let pieces: Vec<_> = reading
        .pieces
        .iter()
        .map(|piece| (piece.melody.title(), piece.melody.notes().len()))
        .collect();
    assert_eq!(
        pieces,
        [
            ("Twinkle, Twinkle", 28),
            ("Signs and wonders", 23),
            ("Two voices", 12),
            ("Old habits", 8),
        ]
    );
    let notes = reading.pieces[0].melody.notes();
    assert_eq!(notes[27].duration.get(), 144, "a tie over a double bar");
    // The upbeat of the second tune ends at the first bar line.
    let second = &reading.pieces[1].melody;
    assert_eq!(second.notes()[0].onset.get(), 60);
    assert_eq!(second.metre().to_string(), "6/8");
    let remarks: Vec<String> = reading.remarks.iter().map(ToString::to_string).collect();
    let expect = [
        "tune 3 \"Two voices\", track 2",
        "tune 4 \"Nothing but rests\": no notes",
        "tune 5 \"Old habits\": signs that are not understood: passed over (3, such as '=')",
    ];
    assert_eq!(remarks.len(), expect.len(), "{remarks:#?}");
    for (remark, expect) in remarks.iter().zip(expect) {
        assert!(remark.contains(expect), "{remark}");
    }
}

#[test]
fn lines_after_an_empty_line_are_told_of() {
    let book = Book::cut("X:1\n\nT:slip\nK:C\nCDEF|\n\nGABc|\n%%text a|b\n");
    assert_eq!((book.tunes.len(), book.outside), (1, 1));
}
