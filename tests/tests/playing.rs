//! Live: knobs that act at once, a transport that jumps, notes that pass through.

mod common;

use common::{
    BAR, BEAT, at, call_and_response, clap, hosts, melody, play, tune, with_model, with_tiny,
};
use harmonai_core::model::config::Cell;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Metre;
use harmonai_tests::tiny_model::tiny_of;
use harmonai_tests::{Action, Blocks, Host, Script};

/// A sixteenth, within which a knob acts.
const SIXTEENTH: i64 = 6;

/// The call, and an answer without end until `beats` after it began; by a small network.
fn endless(host: &dyn Host, beats: i64) -> Script {
    let script = call_and_response(beats).set("Length", "endless");
    with_tiny(host, script.on(48_000.0, Blocks::Fixed(64)))
}

#[test]
fn a_shorter_length_ends_the_answer_within_a_sixteenth() {
    for host in hosts() {
        for block in [64, 4096] {
            for turned in (0..24).map(|tick| 2 * BAR + 20 + tick) {
                let mut script = endless(host.as_ref(), 4).turn(at(turned), "Length", "1");
                script.blocks = Blocks::Fixed(block);
                let notes = melody(host.as_ref(), &script);
                let end = notes.iter().map(|note| note.end().get()).max().unwrap();
                let named = format!("{end} for {turned} in blocks of {block}, {}", host.format());
                assert!(end <= turned.max(2 * BAR + BEAT) + SIXTEENTH, "{named}");
                // The framework hands a knob over at the start of its block: 5 ticks at most.
                assert!(end >= turned - 5 - 2 * SIXTEENTH, "{named}");
            }
        }
    }
}

#[test]
fn a_longer_length_lets_the_answer_go_on() {
    for host in hosts() {
        let script = endless(host.as_ref(), 12).set("Length", "2");
        let script = script.turn(at(2 * BAR + 30), "Length", "12");
        let notes = melody(host.as_ref(), &script);
        let last = notes.last().unwrap().onset.get();
        assert!(
            last >= 2 * BAR + 4 * BEAT,
            "the last note is at {last} in {}",
            host.format()
        );
    }
}

#[test]
fn temperature_changes_nothing_before_and_something_after() {
    let turned = 2 * BAR + 4 * BEAT;
    for host in hosts() {
        let mut soonest = i64::MAX;
        for seed in ["1", "2", "3", "4", "5", "6"] {
            let script = endless(host.as_ref(), 12)
                .set("Seed", seed)
                .set("Temperature", "0.6");
            let still = melody(host.as_ref(), &script);
            let hot = melody(host.as_ref(), &script.turn(at(turned), "Temperature", "2"));
            let differing = still.iter().zip(&hot).find(|(a, b)| a != b);
            let (a, b) = differing.unwrap_or_else(|| panic!("seed {seed}: nothing changed"));
            let first = a.onset.min(b.onset).get();
            assert!(
                first >= turned,
                "seed {seed}: changed at {first}, before {turned}"
            );
            soonest = soonest.min(first);
        }
        let beat = turned + SIXTEENTH + BEAT;
        assert!(
            soonest <= beat,
            "in {} nothing changed until {soonest}",
            host.format()
        );
    }
}

#[test]
fn memory_changes_what_is_not_played_yet_and_nothing_before() {
    let turned = 2 * BAR + 4 * BEAT;
    for host in hosts() {
        let script = endless(host.as_ref(), 12);
        let with = melody(host.as_ref(), &script);
        assert_eq!(
            with,
            melody(host.as_ref(), &script.clone().set("Memory", "100 %")),
            "{}",
            host.format()
        );
        let without = melody(host.as_ref(), &script.clone().set("Memory", "0 %"));
        assert_ne!(with, without, "{}", host.format());
        let later = melody(host.as_ref(), &script.turn(at(turned), "Memory", "0 %"));
        let differing = with.iter().zip(&later).find(|(a, b)| a != b);
        let (a, b) = differing.unwrap_or_else(|| panic!("nothing changed in {}", host.format()));
        assert!(a.onset.min(b.onset) >= at(turned), "{a:?} {b:?}");
    }
}

#[test]
fn a_style_is_chosen_by_name_and_acts_within_a_sixteenth() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("styled.safetensors");
    let mut checkpoint = tiny_of(Cell::Lstm, 5, &["cre", "lieder"]);
    let names = [("lieder".to_owned(), "Art songs".to_owned())];
    checkpoint.header.card.style_names = names.into();
    std::fs::write(&path, checkpoint.write()).unwrap();
    let turned = 2 * BAR + 4 * BEAT;
    for host in hosts() {
        let mut script = endless(host.as_ref(), 12);
        script.state = Some(with_model(host.as_ref(), &path));
        let any = melody(host.as_ref(), &script);
        // By then the model has been read, and the knob knows its styles.
        let of = |when: i64, name: &str| {
            let script = script.clone().turn(at(when), "Style", name);
            melody(host.as_ref(), &script)
        };
        let (cre, songs) = (of(0, "cre"), of(0, "Art songs"));
        assert!(cre != any && songs != any && songs != cre);
        // The model has no ninth style.
        assert_eq!(of(0, "Style 9"), any, "{}", host.format());
        let later = of(turned, "Art songs");
        let differing = any.iter().zip(&later).find(|(a, b)| a != b);
        let (a, b) = differing.unwrap_or_else(|| panic!("nothing changed in {}", host.format()));
        assert!(a.onset.min(b.onset) >= at(turned), "{a:?} {b:?}");
    }
}

#[test]
fn an_accompaniment_does_not_show_in_the_answer() {
    for host in hosts() {
        let script = with_tiny(host.as_ref(), call_and_response(8));
        let expect = melody(host.as_ref(), &script);
        let mut both = script.clone();
        // A broken chord in eighths, far below.
        let bass = (0..14).map(|i| Note {
            onset: at(12 * i),
            duration: at(12),
            pitch: Pitch::clamped([36, 43, 40, 43][i as usize % 4]),
            velocity: Some(Velocity::clamped(127)),
        });
        both.phrase.extend(bass);
        both.phrase.sort_by_key(|note| note.onset);
        assert_eq!(melody(host.as_ref(), &both), expect, "{}", host.format());
        let all = melody(host.as_ref(), &both.set("Voices", "All voices"));
        assert_ne!(all, expect, "{}", host.format());
    }
}

#[test]
fn after_silence_it_answers_and_yields_at_once() {
    let again = 2 * BAR + 2 * BEAT + 5;
    let key = Pitch::clamped(72);
    let mut script = Script::new(tune(), Metre::COMMON, at(6 * BAR))
        .set("Mode", "Answer after silence")
        .set("Silence", "1")
        .set("Length", "endless")
        .at(at(again), Action::Press(key, Velocity::DEFAULT))
        .at(at(again + 20), Action::Release(key));
    script.blocks = Blocks::Fixed(64);
    for host in hosts() {
        let (_, notes) = play(host.as_ref(), &script);
        // The tune ends at 188; a beat of silence later begins the beat at 216.
        let first = notes.first().unwrap().note.onset;
        assert_eq!(first, at(216), "{}", host.format());
        let before: Vec<_> = notes.iter().filter(|n| n.note.onset < at(again)).collect();
        assert!(
            before.iter().all(|n| n.note.end() <= at(again)),
            "{before:?}"
        );
        // Silent while the player plays, and for a beat after that.
        let next = notes
            .iter()
            .find(|n| n.note.onset >= at(again))
            .unwrap()
            .note
            .onset;
        assert_eq!(
            next,
            at(again + 20 + BEAT).ceil_to(at(BEAT)),
            "{}",
            host.format()
        );
    }
}

#[test]
fn a_stop_closes_every_note_and_play_waits_for_a_new_phrase() {
    for host in hosts() {
        let mut cut = 0;
        for stop in (0..24).map(|tick| 2 * BAR + 11 + tick) {
            let script = endless(host.as_ref(), 8)
                .at(at(stop), Action::Stop)
                .at(at(stop + BEAT), Action::Play);
            let (recording, notes) = play(host.as_ref(), &script);
            let stretches = recording.timeline.stretches();
            let stopped = stretches.iter().find(|s| !s.playing).unwrap().first;
            assert!(notes.iter().all(|note| note.on < stopped), "{notes:?}");
            cut += notes.iter().filter(|note| note.cut).count();
        }
        let notes = melody(host.as_ref(), &endless(host.as_ref(), 8));
        assert!(
            cut > 0,
            "nothing sounded at any stop in {}: {notes:?}",
            host.format()
        );
    }
}

#[test]
fn a_seek_closes_every_note() {
    for host in hosts() {
        for to in [-BAR, 0, 2 * BAR, 500 * BAR] {
            let script = endless(host.as_ref(), 8).at(at(2 * BAR + 101), Action::Seek(at(to)));
            let (recording, notes) = play(host.as_ref(), &script);
            let jumped = recording.timeline.stretches()[1].first;
            let open = notes.iter().filter(|n| n.on < jumped && n.off > jumped);
            assert_eq!(open.count(), 0, "to {to} in {}: {notes:?}", host.format());
            assert!(notes.iter().any(|note| note.on < jumped));
        }
    }
}

#[test]
fn a_loop_plays_the_same_each_time_round() {
    // Its end cuts the answer in the middle of a beat.
    let round = 4 * BAR + 37;
    let varying = Blocks::Varying { max: 700, seed: 2 };
    for host in hosts() {
        let mut first: Option<Vec<Note>> = None;
        for blocks in [Blocks::Fixed(64), Blocks::Fixed(4096), varying] {
            let mut script = endless(host.as_ref(), 8).on(44_100.0, blocks);
            script.cycle = Some(at(0)..at(round));
            script.length = at(3 * round);
            let (recording, notes) = play(host.as_ref(), &script);
            let rounds = recording.timeline.stretches().iter().filter(|s| s.playing);
            assert_eq!(rounds.clone().count(), 3);
            for stretch in rounds {
                let inside = notes
                    .iter()
                    .filter(|n| (stretch.first..stretch.end()).contains(&n.on));
                let inside: Vec<_> = inside.map(|played| played.note).collect();
                assert!(!inside.is_empty());
                let expect = first.get_or_insert_with(|| inside.clone());
                assert_eq!(&inside, expect, "{blocks:?} in {}", host.format());
            }
        }
    }
}

#[test]
fn bypass_and_a_change_of_mode_close_every_note() {
    for host in hosts() {
        for (name, value) in [("Bypass", "On"), ("Mode", "Answer after silence")] {
            // On the border of a block of 64, so that what is cut ends on a tick.
            let script = endless(host.as_ref(), 8).turn(at(2 * BAR + 48), name, value);
            let notes = melody(host.as_ref(), &script);
            assert!(!notes.is_empty(), "{name} in {}", host.format());
        }
        let bypassed = endless(host.as_ref(), 8)
            .set("Bypass", "On")
            .set("Thru", "Always");
        assert_eq!(
            melody(host.as_ref(), &bypassed),
            tune(),
            "{}",
            host.format()
        );
    }
}

#[test]
fn thru_passes_the_players_notes_on_untouched() {
    for host in hosts() {
        let script = call_and_response(4);
        let answer = melody(host.as_ref(), &script);
        assert!(
            answer.iter().all(|note| note.onset >= at(2 * BAR)),
            "{answer:?}"
        );
        for thru in ["Always", "While listening"] {
            let all = melody(host.as_ref(), &script.clone().set("Thru", thru));
            let heard: Vec<_> = all
                .iter()
                .copied()
                .filter(|n| n.onset < at(2 * BAR))
                .collect();
            assert_eq!(heard, tune(), "{thru} in {}", host.format());
            let rest: Vec<_> = all
                .iter()
                .copied()
                .filter(|n| n.onset >= at(2 * BAR))
                .collect();
            assert_eq!(rest, answer, "{thru} in {}", host.format());
        }
    }
}

#[test]
fn thru_while_listening_is_silent_while_it_answers() {
    let key = Pitch::clamped(100);
    let press = 2 * BAR + BEAT;
    let played = |thru: &str| {
        let script = call_and_response(8)
            .set("Thru", thru)
            .at(at(press), Action::Press(key, Velocity::DEFAULT))
            .at(at(press + 10), Action::Release(key));
        let notes = melody(clap().as_ref(), &script);
        notes
            .iter()
            .any(|note| note.pitch == key && note.onset == at(press))
    };
    assert!(played("Always"));
    assert!(!played("While listening"));
    assert!(!played("Off"));
}

#[test]
fn strange_input_closes_every_note() {
    let key = |k: i64| Pitch::clamped(k);
    let loud = Velocity::clamped(127);
    for host in hosts() {
        for thru in ["Off", "Always"] {
            // A key released that was never pressed, one pressed twice, and then all at once, held
            // over a stop and a jump.
            let mut script = endless(host.as_ref(), 4)
                .set("Thru", thru)
                .at(at(3), Action::Release(key(50)))
                .at(at(5), Action::Press(key(60), loud))
                .at(at(6), Action::Press(key(60), loud))
                .at(at(7), Action::Release(key(60)))
                .at(at(2 * BAR + 30), Action::Stop)
                .at(at(2 * BAR + 40), Action::Seek(at(5)))
                .at(at(2 * BAR + 50), Action::Play);
            for k in 0..128 {
                script = script.at(at(30), Action::Press(key(k), loud));
                script = script.at(at(2 * BAR + 60), Action::Release(key(k)));
            }
            let recording = host.play(&script).unwrap();
            let notes = recording.notes();
            assert!(
                notes.is_ok(),
                "{thru} in {}: {:#}",
                host.format(),
                notes.unwrap_err()
            );
        }
    }
}

#[test]
fn the_preview_voice_sounds_from_the_notes_own_sample_on() {
    for host in hosts() {
        let mut script = call_and_response(4);
        script.keep_audio = true;
        let (silent, _) = play(host.as_ref(), &script);
        assert!(
            silent.audio.iter().flatten().all(|s| *s == 0.0),
            "it is off by default"
        );
        let (sounding, notes) = play(host.as_ref(), &script.set("Preview voice", "On"));
        let first = sounding.audio.iter().position(|s| s[0] != 0.0);
        assert_eq!(first, Some(notes[0].on as usize), "{}", host.format());
        let loudest = sounding
            .audio
            .iter()
            .flatten()
            .fold(0.0f32, |max, s| max.max(s.abs()));
        assert!((0.01..=0.5).contains(&loudest), "{loudest}");
    }
}
