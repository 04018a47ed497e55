//! The keys' owners, and one note-off for each note-on.

use super::*;
use crate::audio::port::Played;
use harmonai_core::music::note::Pitch;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng;

/// Takes notes down; refuses every event while `full`.
#[derive(Default)]
struct Paper {
    full: bool,
    lines: Vec<String>,
}

impl Port for Paper {
    fn next(&mut self) -> Option<Played> {
        None
    }
    fn note_on(&mut self, sample: u32, key: MidiKey, _: f32) -> bool {
        self.write(format!("{sample} on {}", key.pitch.get()))
    }
    fn note_off(&mut self, sample: u32, key: MidiKey) -> bool {
        self.write(format!("{sample} off {}", key.pitch.get()))
    }
}

impl Paper {
    fn write(&mut self, line: String) -> bool {
        if !self.full {
            self.lines.push(line);
        }
        !self.full
    }
}

fn key(pitch: i64) -> MidiKey {
    MidiKey::new(0, Pitch::clamped(pitch))
}

const END: Ticks = Ticks::new(24);

#[test]
fn a_struck_key_changes_hands_with_an_off_first() {
    let (mut sounding, mut port) = (Sounding::default(), Paper::default());
    sounding.press(key(60), 0.5, 1, &mut port);
    sounding.play(key(60), 0.5, END, 2, &mut port);
    // The player's own off is swallowed: it would end the answer's note.
    sounding.release(key(60), 3, &mut port);
    sounding.press(key(60), 0.5, 4, &mut port);
    assert_eq!(
        sounding.next_end(),
        None,
        "the answer's end went with its note"
    );
    sounding.release(key(60), 5, &mut port);
    sounding.release(key(60), 6, &mut port);
    assert_eq!(
        port.lines,
        [
            "1 on 60", "2 off 60", "2 on 60", "4 off 60", "4 on 60", "5 off 60"
        ]
    );
    assert!(sounding.is_silent());
}

#[test]
fn answers_end_in_order_and_are_cut() {
    let (mut sounding, mut port) = (Sounding::default(), Paper::default());
    for (pitch, end) in [(60, 30), (62, 20), (64, 40)] {
        sounding.play(key(pitch), 0.5, Ticks::new(end), 0, &mut port);
    }
    assert_eq!(sounding.end_next(1, &mut port), Some(key(62)));
    sounding.cut(Ticks::new(25));
    assert_eq!(sounding.next_end(), Some(Ticks::new(25)));
    sounding.end_next(2, &mut port);
    sounding.end_next(2, &mut port);
    assert_eq!(sounding.end_next(2, &mut port), None);
    assert_eq!(port.lines[3..], ["1 off 62", "2 off 60", "2 off 64"]);
}

#[test]
fn an_off_that_the_host_refuses_is_owed() {
    let (mut sounding, mut port) = (Sounding::default(), Paper::default());
    sounding.play(key(60), 0.5, END, 0, &mut port);
    sounding.press(key(62), 0.5, 0, &mut port);
    port.full = true;
    sounding.end_next(5, &mut port);
    sounding.release(key(62), 5, &mut port);
    assert!(
        !sounding.press(key(60), 0.5, 6, &mut port),
        "not before the owed off"
    );
    sounding.settle(&mut port);
    assert!(!sounding.is_silent());
    port.full = false;
    assert!(sounding.press(key(60), 0.5, 7, &mut port));
    sounding.settle(&mut port);
    sounding.settle(&mut port);
    sounding.release(key(60), 8, &mut port);
    assert_eq!(
        port.lines,
        [
            "0 on 60", "0 on 62", "7 off 60", "7 on 60", "0 off 62", "8 off 60"
        ]
    );
    assert!(sounding.is_silent());
}

#[test]
fn a_note_that_never_went_out_gets_no_off() {
    let (mut sounding, mut port) = (
        Sounding::default(),
        Paper {
            full: true,
            lines: vec![],
        },
    );
    assert!(!sounding.press(key(60), 0.5, 0, &mut port));
    assert!(!sounding.play(key(61), 0.5, END, 0, &mut port));
    port.full = false;
    sounding.release(key(60), 0, &mut port);
    assert_eq!(sounding.next_end(), None);
    sounding.owe_all();
    sounding.settle(&mut port);
    assert!(port.lines.is_empty());
}

#[test]
fn too_many_answers_close_the_one_that_ends_soonest() {
    let (mut sounding, mut port) = (Sounding::default(), Paper::default());
    for n in 0..=ANSWERS as i64 {
        sounding.play(key(n), 0.5, Ticks::new(100 - n), 0, &mut port);
    }
    assert_eq!(sounding.answer.len(), ANSWERS);
    assert_eq!(port.lines[ANSWERS], format!("0 off {}", ANSWERS - 1));
}

/// Random playing against a host that refuses at random: on and off alternate on each key.
#[test]
fn every_on_has_one_off() {
    struct Checked {
        random: Pcg32,
        down: KeySet,
        refuses: bool,
    }
    impl Port for Checked {
        fn next(&mut self) -> Option<Played> {
            None
        }
        fn note_on(&mut self, _: u32, key: MidiKey, _: f32) -> bool {
            let taken = !self.refuses || !self.random.next_u32().is_multiple_of(4);
            if taken {
                assert!(!self.down.contains(key), "{key:?} twice");
                self.down.insert(key);
            }
            taken
        }
        fn note_off(&mut self, _: u32, key: MidiKey) -> bool {
            let taken = !self.refuses || !self.random.next_u32().is_multiple_of(4);
            if taken {
                assert!(self.down.remove(key), "{key:?} was not down");
            }
            taken
        }
    }
    let mut random = Pcg32::new(1, 2);
    let mut port = Checked {
        random: Pcg32::new(3, 4),
        down: KeySet::default(),
        refuses: true,
    };
    let mut sounding = Sounding::default();
    for n in 0..200_000 {
        let word = random.next_u32();
        let key = MidiKey::new(
            (word >> 8) as u8 % 2,
            Pitch::clamped(60 + i64::from(word % 7)),
        );
        match (word >> 16) % 9 {
            0 | 1 => _ = sounding.press(key, 0.5, 0, &mut port),
            2 | 3 => _ = sounding.play(key, 0.5, Ticks::new(n + 5), 0, &mut port),
            4 | 5 => sounding.release(key, 0, &mut port),
            6 => _ = sounding.end_next(0, &mut port),
            7 => sounding.settle(&mut port),
            _ if word >> 20 == 0 => sounding.owe_all(),
            _ => sounding.cut(Ticks::new(n)),
        }
    }
    port.refuses = false;
    sounding.owe_all();
    sounding.settle(&mut port);
    assert!(port.down.is_empty() && sounding.is_silent());
}

#[test]
fn the_answers_notes_are_told_to_have_ended_however_they_did() {
    let (mut sounding, mut port) = (Sounding::default(), Paper::default());
    let told = |sounding: &mut Sounding| -> Vec<u8> {
        let ended = sounding.take_ended();
        ended.iter().map(|key| key.pitch.get()).collect()
    };
    for pitch in [60, 62, 64, 65] {
        sounding.play(key(pitch), 0.5, END, 0, &mut port);
    }
    assert!(told(&mut sounding).is_empty());
    // Struck by the player, struck again by itself, at its end, with all that sounds.
    sounding.press(key(60), 0.5, 1, &mut port);
    assert_eq!(told(&mut sounding), [60]);
    sounding.play(key(62), 0.5, END + END, 2, &mut port);
    assert_eq!(told(&mut sounding), [62]);
    sounding.end_next(3, &mut port);
    assert_eq!(told(&mut sounding), [64]);
    sounding.close(4, &mut port);
    assert_eq!(told(&mut sounding), [62, 65]);
    sounding.play(key(60), 0.5, END, 5, &mut port);
    sounding.owe_all();
    assert_eq!(told(&mut sounding), [60]);
}
