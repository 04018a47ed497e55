//! What the player wants by keys, buttons and from the window.

use harmonai_core::music::note::Pitch;

use super::*;
use crate::link::commands::Command;

/// Key 30 after the phrase: where the answer plays, and whether the key was heard.
fn asked_by_key(controls: &mut Board) -> (Vec<i64>, bool) {
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    host.play(&[(200, 220, 30)]);
    let mut bench = Bench::new();
    bench.run(&mut host, 8.0, &VARYING, controls);
    let outcome = bench.finish(host, controls);
    let sounded = outcome.sent.iter().any(|sent| sent.key == 30);
    let notes = outcome.notes();
    let answer = notes.iter().filter(|note| note.key >= 84);
    (answer.map(|note| note.on_tick).collect(), sounded)
}

#[test]
fn a_trigger_key_asks_and_does_not_sound() {
    let mut controls = controls(Mode::Manual);
    assert_eq!(asked_by_key(&mut controls), (vec![], true));
    controls.trigger = Some(Pitch::clamped(30));
    let (answer, sounded) = asked_by_key(&mut controls);
    assert_eq!((answer.first(), sounded), (Some(&216), false));
}

#[test]
fn the_answer_has_a_channel_of_its_own_and_the_player_keeps_theirs() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    controls.channel = Some(9);
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 8.0, &[512], &controls);
    let sent = bench.finish(host, &controls).sent;
    assert!(sent.iter().any(|sent| sent.key >= 84));
    for sent in sent {
        assert_eq!(sent.channel, if sent.key >= 84 { 9 } else { 0 });
    }
}

#[test]
fn panic_ends_all_and_the_phrase_stays() {
    let mut controls = controls(Mode::CallResponse);
    controls.thru = Thru::Always;
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    // Held beyond.
    host.events.push((1000, Some(0.5), 40));
    let mut bench = Bench::new();
    bench.run(&mut host, 5.05, &[512], &controls);
    assert!(bench.sounds());
    bench.commands.send(Command::Panic);
    bench.block(&mut host, 64, &controls);
    assert!(!bench.sounds());
    let silent = bench.sent.len();
    bench.run(&mut host, 1.0, &[512], &controls);
    assert_eq!(bench.sent.len(), silent, "the answer is over");
    bench.commands.send(Command::Generate);
    bench.run(&mut host, 1.0, &[512], &controls);
    assert!(bench.sent.len() > silent, "and can be asked for again");
    bench.finish(host, &controls);
}

#[test]
fn it_runs_by_itself_while_the_transport_stands() {
    let mut controls = controls(Mode::CallResponse);
    controls.free_run = true;
    let mut host = Host::new(120.0, 48_000.0);
    host.playing = false;
    host.free_run = true;
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 6.0, &VARYING, &controls);
    assert!(bench.sounds() || bench.sent.len() > 10);
    // The host starts: all is closed, and it listens anew.
    host.playing = true;
    bench.block(&mut host, 64, &controls);
    assert!(!bench.sounds());
    bench.finish(host, &controls);
}

#[test]
fn an_answer_of_before_is_asked_for_once() {
    let controls = controls(Mode::Manual);
    let mut host = Host::new(120.0, 48_000.0);
    let mut bench = Bench::new();
    bench.run(&mut host, 1.0, &[512], &controls);
    let length = Ticks::new(48);
    bench.commands.send(Command::Recall { id: 5, length });
    bench.run(&mut host, 4.0, &[512], &controls);
    let outcome = bench.finish(host, &controls);
    let ticks: Vec<_> = outcome.notes().iter().map(|note| note.on_tick).collect();
    assert_eq!(
        (ticks.first(), ticks.last(), ticks.len()),
        (Some(&72), Some(&114), 8)
    );
}

#[test]
fn a_full_queue_costs_a_frozen_phrase_too_and_not_the_next_one() {
    let mut controls = controls(Mode::CallResponse);
    let mut host = Host::new(120.0, 48_000.0);
    host.play(&phrase());
    let mut bench = Bench::new();
    bench.run(&mut host, 5.0, &[512], &controls);
    // Frozen, and asked for again and again, while the worker sleeps.
    controls.rules.freeze = true;
    bench.patience = Duration::ZERO;
    bench.hold(true);
    while bench.view.count(Glitch::QueueOverrun) == 0 {
        bench.commands.send(Command::Generate);
        bench.run(&mut host, 0.1, &[512], &controls);
    }
    // Not a plan alone, which the next one makes up for.
    for _ in 0..200 {
        bench.commands.send(Command::Generate);
        bench.run(&mut host, 0.1, &[512], &controls);
    }
    bench.wake();
    bench.patience = PATIENT;
    let bar = (host.at as f64 / 1000.0) as i64 / 96 + 1;
    host.play(&[
        (bar * 96, bar * 96 + 10, 60),
        (bar * 96 + 24, bar * 96 + 30, 62),
    ]);
    bench.run(&mut host, 12.0, &[512], &controls);
    let outcome = bench.finish(host, &controls);
    let answered = outcome
        .notes()
        .iter()
        .filter(|n| n.on_tick >= bar * 96 && n.key >= 84)
        .count();
    assert!(answered > 10, "{answered}");
}
