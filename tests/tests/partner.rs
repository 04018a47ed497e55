//! A partner in all its ways: jamming, asked for by a key, on its own channel and by its own clock,
//! the same or another answer when a loop comes round, knobs that act where they are turned.

mod common;

use common::{BAR, BEAT, at, call_and_response, hosts, melody, play, tune, with_tiny};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Metre;
use harmonai_tests::{Action, Blocks, Host, Script};

/// Blocks of all kinds.
const BLOCKS: [Blocks; 5] = [
    Blocks::Fixed(1),
    Blocks::Fixed(64),
    Blocks::Fixed(1000),
    Blocks::Fixed(4096),
    Blocks::Varying { max: 900, seed: 4 },
];

/// The tune, and `bars` of time, by a small network.
fn session(host: &dyn Host, mode: &str, bars: i64) -> Script {
    let script = Script::new(tune(), Metre::COMMON, at(bars * BAR)).set("Mode", mode);
    with_tiny(host, script.on(48_000.0, Blocks::Fixed(64)))
}

fn key(pitch: i64, bar: i64) -> Note {
    Note {
        onset: at(bar * BAR),
        duration: at(BEAT),
        pitch: Pitch::clamped(pitch),
        velocity: Some(Velocity::clamped(90)),
    }
}

#[test]
fn a_jam_goes_on_from_the_first_beat_and_follows_what_is_played() {
    for host in hosts() {
        let script = session(host.as_ref(), "Jam", 12);
        let alone = melody(host.as_ref(), &script);
        assert!(alone.first().unwrap().onset >= at(BEAT));
        // While the tune is played, and long after.
        assert!(alone.iter().any(|note| note.onset < at(2 * BAR)));
        assert!(
            alone.iter().any(|note| note.onset > at(10 * BAR)),
            "{alone:?}"
        );
        let with = |pitch| {
            let mut script = script.clone();
            script.phrase.extend([key(pitch, 5), key(pitch + 2, 6)]);
            melody(host.as_ref(), &script)
        };
        let (low, high) = (with(50), with(80));
        assert!(low != high && low != alone, "{}", host.format());
        let until = |notes: &[Note]| -> Vec<Note> {
            let before = notes.iter().filter(|note| note.onset < at(5 * BAR));
            before.copied().collect()
        };
        assert_eq!(until(&low), until(&alone), "{}", host.format());
        for blocks in BLOCKS {
            let mut script = script.clone();
            script.blocks = blocks;
            assert_eq!(melody(host.as_ref(), &script), alone, "{blocks:?}");
        }
    }
}

#[test]
fn knobs_act_where_they_are_turned_whatever_the_block() {
    for host in hosts() {
        let mut script = session(host.as_ref(), "Call & response", 12)
            .set("Listen", "2")
            .set("Length", "endless");
        // On ticks and between them, and one that ends the answer.
        for (n, name, value) in [
            (50, "Temperature", "1.7"),
            (101, "Memory", "20 %"),
            (155, "Temperature", "0.4"),
            (203, "Density", "60 %"),
            (333, "Octave", "1"),
            (551, "Length", "16"),
        ] {
            script = script.turn(at(2 * BAR + n), name, value);
        }
        let expect = melody(host.as_ref(), &script);
        assert!(expect.len() > 5, "{expect:?}");
        for blocks in BLOCKS {
            // A sample a block takes its time.
            let rates = &[48_000.0, 44_100.0, 96_000.0];
            let few = usize::from(blocks == Blocks::Fixed(1));
            for rate in rates[..rates.len() - 2 * few].iter().copied() {
                let script = script.clone().on(rate, blocks);
                let named = format!("{blocks:?} at {rate} in {}", host.format());
                assert_eq!(melody(host.as_ref(), &script), expect, "{named}");
            }
        }
    }
}

#[test]
fn a_loop_brings_the_same_answer_or_a_new_one_and_either_twice_alike() {
    for host in hosts() {
        let rounds = |repeat: &str| -> Vec<Vec<Note>> {
            let mut script = session(host.as_ref(), "Call & response", 18)
                .set("Listen", "2")
                .set("Length", "16")
                .set("Repeat", repeat);
            script.cycle = Some(at(0)..at(6 * BAR));
            let (recording, notes) = play(host.as_ref(), &script);
            let rounds = recording.timeline.stretches().iter();
            let rounds = rounds.filter(|stretch| stretch.playing).map(|stretch| {
                let inside = |on| (stretch.first..stretch.end()).contains(&on);
                let notes = notes.iter().filter(|played| inside(played.on));
                notes.map(|played| played.note).collect()
            });
            rounds.collect()
        };
        let (same, new) = (rounds("Same answer"), rounds("New answer"));
        assert_eq!(same.len(), 3);
        assert!(!same[0].is_empty() && same[1..].iter().all(|round| *round == same[0]));
        assert_eq!(new[0], same[0], "{}", host.format());
        assert!(new[1] != new[0] && new[2] != new[0] && new[1] != new[2]);
        assert_eq!(rounds("New answer"), new, "{}", host.format());
    }
}

#[test]
fn a_key_asks_for_an_answer_and_a_cleared_phrase_has_none() {
    let (ask, answer) = (3 * BAR + 2, 3 * BAR + BEAT);
    for host in hosts() {
        let trigger = Pitch::clamped(21);
        let script = session(host.as_ref(), "Manual", 8)
            .set("Length", "8")
            .set("Thru", "Always")
            .set("Trigger note", "A0")
            .at(at(ask), Action::Press(trigger, Velocity::DEFAULT))
            .at(at(ask + 9), Action::Release(trigger));
        let later = |script: &Script| -> Vec<Note> {
            let notes = melody(host.as_ref(), script).into_iter();
            notes.filter(|note| note.onset >= at(2 * BAR)).collect()
        };
        let notes = later(&script);
        assert_eq!(
            notes.first().unwrap().onset,
            at(answer),
            "{}",
            host.format()
        );
        assert!(notes.iter().all(|note| note.pitch != trigger));
        let cleared = script.clone().turn(at(3 * BAR - 9), "Clear", "On");
        assert_eq!(later(&cleared), [], "{}", host.format());
        // Ends at once, and stays away until it is asked for again.
        let panic = script.turn(at(answer + 10), "Panic", "On");
        let notes = later(&panic);
        assert!(
            notes.iter().all(|note| note.end() <= at(answer + 11)),
            "{notes:?}"
        );
    }
}

#[test]
fn the_answer_goes_out_on_the_channel_that_is_wanted() {
    for host in hosts() {
        let channels = |wanted: &str| -> Vec<u8> {
            let script = with_tiny(host.as_ref(), call_and_response(8));
            let notes = play(host.as_ref(), &script.set("Channel", wanted)).1;
            let mut channels: Vec<_> = notes.iter().map(|played| played.channel).collect();
            channels.dedup();
            channels
        };
        assert_eq!((channels("as you"), channels("12")), (vec![0], vec![11]));
    }
}

#[test]
fn it_plays_on_while_the_transport_stands_if_it_is_to() {
    for host in hosts() {
        let events = |run: &str| {
            let mut script = session(host.as_ref(), "Jam", 8).set("Run when stopped", run);
            script.rolling = false;
            for (n, pitch) in [60, 64, 67].into_iter().enumerate() {
                let (from, pitch) = (at(BEAT * n as i64), Pitch::clamped(pitch));
                script = script
                    .at(from, Action::Press(pitch, Velocity::DEFAULT))
                    .at(from + at(12), Action::Release(pitch));
            }
            let recording = host.play(&script).unwrap();
            assert_eq!(recording.faults, Vec::<String>::new());
            recording.events
        };
        assert_eq!(events("Off"), [], "{}", host.format());
        let on = events("On");
        let ons = on.iter().filter(|event| event.velocity.is_some()).count();
        assert!(ons > 5, "{on:?}");
    }
}
