//! The same notes on the same beats, exact to the sample, whatever the host's settings are.

mod common;

use common::{BAR, BEAT, at, call_and_response, clap, hosts, hosts_of, melody};
use harmonai_core::music::note::{Note, Pitch};
use harmonai_core::music::time::Metre;
use harmonai_tests::host::Class;
use harmonai_tests::{Action, Blocks, Pace, Script, wait};

/// A tempo whose ticks fall between samples at every rate.
const BPM: f64 = 133.0;

fn check_rate(sample_rate: f64) {
    let mut reference = call_and_response(8);
    reference.tempo = BPM;
    let expect = melody(clap().as_ref(), &reference);
    let first_bar = at(2 * BAR)..at(3 * BAR);
    assert!(first_bar.contains(&expect[0].onset), "{expect:?}");
    assert!(
        expect
            .iter()
            .all(|note| note.end() <= at(2 * BAR + 8 * BEAT)),
        "{expect:?}"
    );
    let varying = Blocks::Varying { max: 997, seed: 11 };
    for host in hosts() {
        for blocks in [1, 17, 64, 512, 4096]
            .map(Blocks::Fixed)
            .into_iter()
            .chain([varying])
        {
            let script = reference.clone().on(sample_rate, blocks);
            let notes = melody(host.as_ref(), &script);
            assert_eq!(notes, expect, "{} {sample_rate} {blocks:?}", host.format());
        }
    }
}

#[test]
fn blocks_and_format_do_not_show_at_44100() {
    check_rate(44_100.0);
}

#[test]
fn blocks_and_format_do_not_show_at_48000() {
    check_rate(48_000.0);
}

#[test]
fn blocks_and_format_do_not_show_at_96000() {
    check_rate(96_000.0);
}

#[test]
fn answers_begin_on_the_bar_in_every_metre() {
    for metre in ["3/4", "6/8", "7/8", "5/4", "2/2", "12/8"] {
        let metre = Metre::parse(metre).unwrap();
        let bar = metre.bar().get();
        // An upbeat, then a note on each written beat.
        let beats = (0..2 * bar).step_by(metre.beat().get() as usize).skip(1);
        let note = |onset| Note {
            onset: at(onset),
            duration: at(10),
            pitch: Pitch::clamped(60 + onset % 12),
            velocity: None,
        };
        let phrase = [metre.beat().get() / 2]
            .into_iter()
            .chain(beats)
            .map(note)
            .collect();
        let mut script = Script::new(phrase, metre, at(5 * bar))
            .set("Listen", "2")
            .set("Length", "4");
        script.tempo = 97.3;
        let expect = melody(clap().as_ref(), &script);
        let first = expect.first().map(|note| note.onset);
        assert_eq!(first, Some(at(2 * bar)), "{metre}");
        for host in hosts() {
            let notes = melody(host.as_ref(), &script);
            assert_eq!(notes, expect, "{metre} in {}", host.format());
        }
    }
}

#[test]
fn an_upbeat_counts_with_the_bar_it_leads_into() {
    let mut script = call_and_response(8);
    script
        .phrase
        .iter_mut()
        .for_each(|note| note.onset += at(BAR - 12));
    script.length += at(BAR);
    for host in hosts() {
        let notes = melody(host.as_ref(), &script);
        let first = notes.first().map(|note| note.onset);
        assert_eq!(first, Some(at(3 * BAR)), "{}", host.format());
    }
}

#[test]
fn the_note_effect_plays_what_the_instrument_plays() {
    let script = call_and_response(8);
    let expect = melody(clap().as_ref(), &script);
    for host in hosts_of(Class::Notes) {
        assert_eq!(melody(host.as_ref(), &script), expect, "{}", host.format());
    }
}

#[test]
fn a_loose_player_gets_the_same_answer() {
    let script = call_and_response(8);
    let expect = melody(clap().as_ref(), &script);
    for lag in [-0.4, 0.2, 0.4] {
        let mut loose = script.clone().on(44_100.0, Blocks::Fixed(64));
        // The first note cannot come before the song does.
        loose.phrase.retain(|note| note.onset.get() > 0);
        let mut tight = loose.clone();
        (loose.lag, tight.lag) = (lag, 0.0);
        assert_eq!(
            melody(clap().as_ref(), &loose),
            melody(clap().as_ref(), &tight),
            "{lag}"
        );
    }
    assert!(!expect.is_empty());
}

#[test]
fn another_seed_is_another_answer_and_the_same_seed_the_same() {
    let host = clap();
    let answer = |seed: &str| melody(host.as_ref(), &call_and_response(8).set("Seed", seed));
    assert_eq!(answer("7"), answer("7"));
    assert_ne!(answer("7"), answer("8"));
}

#[test]
fn a_tempo_that_changes_under_way_keeps_the_beats() {
    let steady = call_and_response(8);
    let expect = melody(clap().as_ref(), &steady);
    let mut changing = steady;
    for (tick, bpm) in [
        (50, 91.0),
        (150, 160.0),
        (2 * BAR + 31, 60.0),
        (2 * BAR + 100, 222.2),
    ] {
        changing = changing.at(at(tick), Action::Tempo(bpm));
    }
    for host in hosts() {
        assert_eq!(
            melody(host.as_ref(), &changing),
            expect,
            "{}",
            host.format()
        );
    }
}

#[test]
fn a_pre_roll_does_not_move_the_answer() {
    let mut script = call_and_response(8);
    let expect = melody(clap().as_ref(), &script);
    script.start = at(-BAR - 7);
    script.length = at(script.length.get() + BAR + 7);
    for host in hosts() {
        assert_eq!(melody(host.as_ref(), &script), expect, "{}", host.format());
    }
}

#[test]
fn a_phrase_in_the_pre_roll_is_answered() {
    let mut script = call_and_response(8);
    script.start = at(-2 * BAR);
    script
        .phrase
        .iter_mut()
        .for_each(|note| note.onset -= at(2 * BAR));
    for host in hosts() {
        let notes = melody(host.as_ref(), &script);
        let first = notes.first().map(|note| note.onset);
        assert_eq!(first, Some(at(0)), "{}", host.format());
    }
}

/// Blocks that last longer than the worker is asked ahead, and no time to spare between them: only
/// a host's word that it renders offline lets the plug-in wait for its worker.
#[test]
fn an_offline_render_is_waited_for_however_slow_it_is() {
    for host in hosts() {
        let mut script = call_and_response(8).on(48_000.0, Blocks::Fixed(8192));
        script.tempo = 480.0;
        let expect = melody(host.as_ref(), &script);
        assert!(!expect.is_empty());
        script.pace = Pace::Slow;
        assert_eq!(melody(host.as_ref(), &script), expect, "{}", host.format());
    }
}

#[test]
fn in_real_time_every_note_is_closed() {
    for host in hosts() {
        let mut script = call_and_response(4);
        script.tempo = 400.0;
        script.pace = Pace::Live;
        // A loaded machine may be too late for a whole answer.
        wait::until("an answer that is in time", || {
            let notes = host.play(&script).unwrap().notes();
            let notes = notes.unwrap_or_else(|error| panic!("{}: {error:#}", host.format()));
            (!notes.is_empty()).then_some(())
        });
    }
}

#[test]
fn a_host_without_time_to_spare_loses_no_note_off() {
    for host in hosts() {
        let mut script = call_and_response(8);
        script.pace = Pace::Rushed;
        let recording = host.play(&script).unwrap();
        let notes = recording.notes();
        assert!(notes.is_ok(), "{}: {:#}", host.format(), notes.unwrap_err());
    }
}
