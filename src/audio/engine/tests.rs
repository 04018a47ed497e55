//! The engine driven directly: a made-up host on one side, a made-up worker on the other.

mod bars;
mod bench;
mod commands;
mod fake;
mod host;

use std::time::Duration;

use harmonai_core::music::time::Ticks;
use harmonai_core::play::duet::Mode;

use super::super::{Controls, Thru};
use crate::link::view::Glitch;
use bench::{Bench, Board, PATIENT, controls, phrase};
use host::{Host, Outcome, Sent};

/// Block sizes that change as hosts' do.
const VARYING: [u32; 6] = [512, 1, 17, 4096, 0, 333];

/// Two bars of call, then four bars: the notes with their absolute samples.
fn take(rate: f64, sizes: &[u32], controls: &Board) -> Outcome {
    let mut host = Host::new(120.0, rate);
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 12.0, sizes, controls);
    bench.finish(host, controls)
}

#[test]
fn block_size_and_sample_rate_do_not_show_in_the_notes() {
    for mode in [Mode::CallResponse, Mode::AfterSilence] {
        let mut controls = controls(mode);
        controls.thru = Thru::Always;
        let reference = take(48_000.0, &[512], &controls);
        assert!(reference.notes().len() > 30, "{:?}", reference.sent);
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for sizes in [&[1][..], &[17], &[64], &[512], &[4096], &VARYING] {
                let outcome = take(rate, sizes, &controls);
                let beats = |outcome: &Outcome| {
                    outcome
                        .notes()
                        .iter()
                        .map(|n| (n.key, n.on_tick, n.off_tick))
                        .collect::<Vec<_>>()
                };
                assert_eq!(beats(&outcome), beats(&reference), "{rate} {sizes:?}");
                if rate == 48_000.0 {
                    assert_eq!(outcome.sent, reference.sent, "{sizes:?}: sample for sample");
                }
            }
        }
    }
}

#[test]
fn answers_are_on_the_sample() {
    for (tempo, rate) in [(120.0, 48_000.0), (93.7, 44_100.0), (201.5, 96_000.0)] {
        let mut host = Host::new(tempo, rate);
        host.play(&phrase());
        let mut bench = Bench::new();
        let controls = controls(Mode::CallResponse);
        bench.run(&mut host, 12.0, &VARYING, &controls);
        let outcome = bench.finish(host, &controls);
        let answer: Vec<_> = outcome
            .notes()
            .into_iter()
            .filter(|n| n.key >= 84)
            .collect();
        assert!(answer.len() > 10);
        for note in answer {
            let exact = |tick: i64| (tick as f64 / 24.0 * 60.0 / tempo * rate + 0.5).floor() as i64;
            assert_eq!(note.on, exact(note.on_tick));
            assert_eq!(note.off, exact(note.off_tick));
            assert_eq!(note.on_tick % 6, 0, "where the worker put it");
        }
    }
}

#[test]
fn stop_seek_loop_bypass_and_reset_leave_nothing_sounding() {
    let controls = controls(Mode::CallResponse);
    type Cut = fn(&mut Bench, &mut Host, &mut Controls);
    let cuts: [(&str, Cut); 5] = [
        ("stop", |_, host, _| host.playing = false),
        ("seek", |_, host, _| host.at += 1_000_000),
        ("loop", |_, host, _| host.at -= 96_000),
        ("bypass", |_, _, controls| controls.bypass = true),
        ("reset", |bench, _, _| bench.engine.reset()),
    ];
    for (name, cut) in cuts {
        for cut_at in [5.1, 5.13, 5.7] {
            let mut host = Host::new(120.0, 48_000.0);
            host.play(&phrase());
            let mut bench = Bench::new();
            bench.run(&mut host, cut_at, &[64], &controls);
            assert!(bench.sounds(), "{name} at {cut_at}: nothing to cut");
            let (at, mut after) = (bench.absolute(&host), controls);
            cut(&mut bench, &mut host, &mut after);
            bench.block(&mut host, 64, &after);
            assert!(!bench.sounds(), "{name} at {cut_at}");
            let last = bench.sent.last().copied();
            assert!(
                matches!(last, Some(Sent { at: off, on: false, .. }) if off == at),
                "{name}"
            );
            bench.run(&mut host, 3.0, &[64], &after);
            let outcome = bench.finish(host, &after);
            // The phrase went with the position it was played at.
            assert!(
                outcome.sent.iter().all(|sent| sent.at <= at),
                "{name} plays on"
            );
        }
    }
}

#[test]
fn a_turned_length_ends_the_answer_within_a_sixteenth() {
    let mut controls = controls(Mode::CallResponse);
    controls.rules.length = None;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 10.3, &[64], &controls);
    let turned = bench.absolute(&host);
    controls.rules.length = Some(Ticks::BEAT);
    bench.run(&mut host, 2.0, &[64], &controls);
    let outcome = bench.finish(host, &controls);
    let last = outcome.sent.last().unwrap();
    assert!(!last.on && last.at > turned, "{last:?} after {turned}");
    assert!(
        last.at - turned <= 6_000,
        "{} samples later",
        last.at - turned
    );
}

#[test]
fn the_answer_ends_where_it_should() {
    let controls = controls(Mode::CallResponse);
    let outcome = take(48_000.0, &[512], &controls);
    // Call of two bars from 0, answer of two bars: 192 to 384.
    let answer: Vec<_> = outcome
        .notes()
        .into_iter()
        .filter(|n| n.key >= 84)
        .collect();
    assert_eq!(answer.first().unwrap().on_tick, 192);
    assert_eq!(
        answer.last().unwrap().off_tick,
        384,
        "the last note is cut there"
    );
    assert_eq!(answer.last().unwrap().on_tick, 378);
}

#[test]
fn the_player_ends_an_answer_after_silence() {
    let controls = controls(Mode::AfterSilence);
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&[(0, 20, 60), (24, 40, 62)]);
    let interruption = 24_000 * 6 + 777;
    host.events.push((interruption, Some(0.7), 65));
    let mut bench = Bench::new();
    bench.run(&mut host, 3.1, &[256], &controls);
    let outcome = bench.finish(host, &controls);
    assert!(
        outcome.sent.iter().any(|sent| sent.on && sent.key >= 84),
        "it answered"
    );
    let after = |sent: &&Sent| sent.key >= 84 && sent.at > interruption;
    assert_eq!(outcome.sent.iter().find(after), None);
}

#[test]
fn thru_passes_what_it_should() {
    let passed = |thru| {
        let mut controls = controls(Mode::CallResponse);
        controls.thru = thru;
        let mut host = Host::new(120.0, 48_000.0);
        host.play(&phrase());
        // While the answer plays.
        host.play(&[(200, 210, 50)]);
        let mut bench = Bench::new();
        bench.run(&mut host, 10.0, &[128], &controls);
        let sent = bench.finish(host, &controls).sent;
        let heard = sent
            .iter()
            .filter(|sent| sent.on && (55..70).contains(&sent.key))
            .count();
        (heard, sent.iter().any(|sent| sent.key == 50))
    };
    assert_eq!(passed(Thru::Off), (0, false));
    assert_eq!(passed(Thru::Listening), (phrase().len(), false));
    assert_eq!(passed(Thru::Always), (phrase().len(), true));
}

#[test]
fn a_standing_transport_passes_notes_and_asks_nothing() {
    let mut controls = controls(Mode::AfterSilence);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.playing = false;
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 10.0, &[512], &controls);
    assert_eq!(bench.asked(), 0);
    let outcome = bench.finish(host, &controls);
    assert_eq!(outcome.notes().len(), phrase().len());
}

#[test]
fn the_answer_and_the_player_share_a_key_with_one_off_for_each_on() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    // All over the answer's own keys, held and short.
    for tick in (190..400).step_by(5) {
        host.play(&[(tick, tick + 4 + tick % 13, 84 + tick % 3)]);
    }
    let mut bench = Bench::new();
    bench.run(&mut host, 12.0, &VARYING, &controls);
    // Nor does the window show a note as held that somebody else has taken over.
    let mut shown = Vec::new();
    bench.view.notes(&mut shown);
    let held = (shown.iter()).filter(|note| !note.planned && note.end.is_none());
    assert!(held.count() <= 5, "{shown:?}");
    // The bench asserts that ons and offs alternate.
    assert!(bench.finish(host, &controls).sent.len() > 100);
}

#[test]
fn a_host_that_takes_few_events_gets_every_off() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    host.room = Some(1);
    let mut bench = Bench::new();
    bench.run(&mut host, 12.0, &[512], &controls);
    let outcome = bench.finish(host, &controls);
    assert!(outcome.sent.len() > 30);
}

#[test]
fn late_notes_are_played_late_or_left_out_and_counted() {
    let controls = controls(Mode::CallResponse);
    let count = |late_by: Duration| {
        let mut host = Host::new(120.0, 48_000.0);
        host.play(&phrase());
        let mut bench = Bench::delayed(late_by);
        bench.patience = Duration::ZERO;
        bench.run(&mut host, 8.0, &[480], &controls);
        let view = bench.view.clone();
        let outcome = bench.finish(host, &controls);
        let played = outcome.notes().iter().filter(|note| note.key >= 84).count();
        (
            played,
            view.count(Glitch::LateNote),
            view.count(Glitch::LeftOutNote),
        )
    };
    // The plan is asked for 2.5 ticks, 52 ms, ahead.
    let (played, late, left_out) = count(Duration::from_millis(30));
    assert!(
        played > 10 && late == 0 && left_out == 0,
        "{played} {late} {left_out}"
    );
    let (played, late, left_out) = count(Duration::from_millis(80));
    assert!(
        played > 10 && late as usize == played && left_out == 0,
        "{played} {late} {left_out}"
    );
    let (played, late, left_out) = count(Duration::from_millis(200));
    assert!(
        played == 0 && late == 0 && left_out > 10,
        "{played} {late} {left_out}"
    );
}

#[test]
fn a_full_queue_costs_a_phrase_and_not_the_order() {
    let controls = controls(Mode::CallResponse);
    let mut host = Host::new(120.0, 48_000.0);
    // Far more notes than the queue holds, while the worker sleeps.
    for n in 0..3000 {
        host.events.push((n * 10, Some(0.5), 60));
        host.events.push((n * 10 + 5, None, 60));
    }
    let mut bench = Bench::new();
    bench.patience = Duration::ZERO;
    bench.hold(true);
    bench.run(&mut host, 1.0, &[512], &controls);
    assert!(bench.view.count(Glitch::QueueOverrun) > 0);
    bench.hold(false);
    bench.patience = PATIENT;
    bench.run(&mut host, 20.0, &[512], &controls);
    // A new phrase is heard and answered in full again.
    let from = (host.at as f64 / 1000.0) as i64;
    let next_bar = (from / 96 + 1) * 96;
    host.play(&[(next_bar, next_bar + 10, 60)]);
    bench.run(&mut host, 10.0, &[512], &controls);
    let outcome = bench.finish(host, &controls);
    let answered = outcome
        .notes()
        .iter()
        .filter(|n| n.on_tick >= next_bar && n.key >= 84)
        .count();
    assert!(answered > 10, "{answered}");
}

#[test]
fn hosts_hand_over_nonsense_and_all_is_closed() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 5.1, &[512], &controls);
    assert!(bench.sounds());
    for tempo in [0.0, f64::NAN, -50.0, 1e12, 9_999.0, 0.2] {
        host.tempo = tempo;
        bench.run(&mut host, 0.3, &VARYING, &controls);
    }
    host.tempo = 120.0;
    host.at = i64::MIN / 4;
    bench.run(&mut host, 0.3, &VARYING, &controls);
    bench.finish(host, &controls);
}

#[test]
fn velocity_zero_is_an_off_for_a_held_key_and_a_note_for_another() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.events = vec![
        (10, Some(0.0), 60),
        (100, Some(0.0), 60),
        (200, Some(f32::NAN), 61),
    ];
    host.events.push((300, None, 61));
    let mut bench = Bench::new();
    bench.run(&mut host, 0.1, &[512], &controls);
    let sent: Vec<_> = bench.sent.iter().map(|s| (s.at, s.on, s.key)).collect();
    assert_eq!(
        sent,
        [
            (10, true, 60),
            (100, false, 60),
            (200, true, 61),
            (300, false, 61)
        ]
    );
}

#[test]
fn a_stop_lets_go_of_the_players_keys_and_a_loop_does_not() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.events = vec![(10, Some(0.5), 60), (90_000, None, 60)];
    let mut bench = Bench::new();
    bench.run(&mut host, 0.5, &[512], &controls);
    host.at = 0;
    bench.run(&mut host, 0.5, &[512], &controls);
    assert!(bench.sounds());
    host.playing = false;
    bench.run(&mut host, 1.5, &[512], &controls);
    // And the key's own off, later, is swallowed: the bench would object to it.
    let sent: Vec<_> = bench.sent.iter().map(|s| (s.at, s.on)).collect();
    assert_eq!(sent, [(10, true), (48_000, false)]);
}
