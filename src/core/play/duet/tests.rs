//! Tests of the turn-taking.

use super::*;
use crate::model::vocabulary::Style;
use crate::music::time::Metre;
use crate::play::continuation::Settings;
use crate::play::listen::Voices;

fn rules(mode: Mode) -> Rules {
    Rules {
        mode,
        listen_bars: 2,
        silence: Ticks::BEAT,
        length: Some(Ticks::new(4 * 24)),
        seed: 9,
        repeat: Repeat::Same,
        slot: 0,
        freeze: false,
        voices: Voices::Top,
        metre: Metre::COMMON,
        settings: Settings::default(),
    }
}

/// Plays notes (onset, end) against lines and gives all actions with the line they came at.
fn run(duet: &mut Duet, rules: &Rules, notes: &[(i64, i64)], ticks: i64) -> Vec<(i64, Action)> {
    let mut actions = Vec::new();
    for tick in 0..ticks {
        let at = Ticks::new(tick);
        let mut out = |action| actions.push((tick, action));
        for (onset, end) in notes {
            if *end == tick {
                duet.note_off(at, Pitch::MIDDLE_C, &mut out);
            }
            if *onset == tick {
                duet.note_on(at, Pitch::MIDDLE_C, Velocity::DEFAULT, rules, &mut out);
            }
        }
        if tick % PLAN_STEP.get() == 0 {
            duet.line(at, rules, &mut out);
        }
    }
    actions
}

fn begins(actions: &[(i64, Action)]) -> Vec<(i64, i64)> {
    let begin = |(tick, action): &(i64, Action)| match action {
        Action::Ask(Request::BeginAnswer { at, .. }) => Some((*tick, at.get())),
        _ => None,
    };
    actions.iter().filter_map(begin).collect()
}

fn planned(actions: &[(i64, Action)]) -> Vec<(i64, i64)> {
    let plan = |(_, action): &(i64, Action)| match action {
        Action::Ask(Request::Plan { from, until, .. }) => Some((from.get(), until.get())),
        _ => None,
    };
    actions.iter().filter_map(plan).collect()
}

#[test]
fn manual_answers_when_asked_and_yields() {
    let rules = rules(Mode::Manual);
    let mut duet = Duet::default();
    // Before the first note there is nothing to answer.
    duet.ask();
    let notes = [(20, 30)];
    assert_eq!(begins(&run(&mut duet, &rules, &notes, 1000)), []);
    duet.ask();
    let mut actions = Vec::new();
    duet.line(Ticks::new(1002), &rules, &mut |action| {
        actions.push((1002, action))
    });
    assert_eq!(begins(&actions), [(1002, 1008)]);
    duet.line(Ticks::new(1005), &rules, &mut |_| {});
    duet.line(Ticks::new(1008), &rules, &mut |_| {});
    assert_eq!(duet.activity(), Activity::Answering);
    // Asked again, it begins anew.
    duet.ask();
    let (epoch, mut actions) = (duet.epoch(), Vec::new());
    duet.line(Ticks::new(1026), &rules, &mut |action| {
        actions.push((1026, action))
    });
    assert_eq!(begins(&actions), [(1026, 1032)]);
    assert!(matches!(actions[0].1, Action::Hush) && duet.epoch() != epoch);
    // Over, and asked once more: it plays on.
    for line in (1029..1200).step_by(3) {
        duet.line(Ticks::new(line), &rules, &mut |_| {});
    }
    assert_eq!(duet.activity(), Activity::Waiting);
    duet.ask();
    let mut actions = Vec::new();
    duet.line(Ticks::new(1200), &rules, &mut |action| {
        actions.push((1200, action))
    });
    assert_eq!(begins(&actions), [(1200, 1224)]);
    // The player comes in: a new phrase.
    let mut hushed = false;
    let at = Ticks::new(1230);
    duet.note_on(
        at,
        Pitch::MIDDLE_C,
        Velocity::DEFAULT,
        &rules,
        &mut |action| {
            hushed |= action == Action::Hush;
        },
    );
    assert!(hushed && duet.activity() == Activity::Listening);
    // After a seek the phrase is somewhere else.
    duet.jump(false, &mut |_| {});
    duet.ask();
    assert_eq!(begins(&run(&mut duet, &rules, &[], 200)), []);
}

#[test]
fn a_frozen_phrase_is_answered_again_and_again_whatever_is_played() {
    let mut rules = rules(Mode::CallResponse);
    let mut duet = Duet::default();
    let told = |actions: &[(i64, Action)]| {
        let told = actions.iter().filter(|(_, action)| {
            let clear = matches!(action, Action::Ask(Request::Clear { .. }));
            clear
                || matches!(
                    action,
                    Action::Ask(Request::NoteOn { .. } | Request::NoteOff { .. })
                )
        });
        told.count()
    };
    let again = |actions: &[(i64, Action)]| -> Vec<bool> {
        let begin = |(_, action): &(i64, Action)| match action {
            Action::Ask(Request::BeginAnswer { again, .. }) => Some(again.is_some()),
            _ => None,
        };
        actions.iter().filter_map(begin).collect()
    };
    // Nothing to freeze yet: the first phrase is heard in full, and kept once it is answered.
    rules.freeze = true;
    let first = run(&mut duet, &rules, &[(0, 10), (24, 34)], 300);
    assert_eq!((told(&first), again(&first)), (5, vec![false]));
    duet.jump(false, &mut |_| {});
    let next = run(&mut duet, &rules, &[(0, 10), (50, 60)], 300);
    assert_eq!((told(&next), again(&next)), (0, vec![true]));
    rules.freeze = false;
    duet.jump(false, &mut |_| {});
    let free = run(&mut duet, &rules, &[(0, 10)], 300);
    assert_eq!((told(&free), again(&free)), (3, vec![false]));
}

#[test]
fn an_answer_can_be_asked_for_before_the_call_is_over() {
    let rules = rules(Mode::CallResponse);
    let mut duet = Duet::default();
    run(&mut duet, &rules, &[(0, 10), (24, 30)], 40);
    duet.ask();
    assert_eq!(begins(&run(&mut duet, &rules, &[], 10)), [(0, 24)]);
}

#[test]
fn call_and_response_answers_on_the_bar_and_listens_again() {
    let notes = [(100, 110), (140, 150), (400, 410)];
    let actions = run(
        &mut Duet::default(),
        &rules(Mode::CallResponse),
        &notes,
        700,
    );
    // First note in bar 1: call is bars 1 and 2, answer at bar 3 for a bar, then a new call.
    assert_eq!(begins(&actions), [(285, 288), (573, 576)]);
    let plans = planned(&actions);
    assert_eq!(plans[0], (288, 291));
    let answer: Vec<_> = plans.iter().filter(|(from, _)| *from < 500).collect();
    assert_eq!(answer.last().unwrap().1, 384);
    assert!(answer.windows(2).all(|pair| pair[0].1 == pair[1].0));
}

#[test]
fn an_answer_that_is_asked_for_is_prompt_and_one_in_turn_is_free() {
    let entries = |actions: &[(i64, Action)]| -> Vec<Entry> {
        let entry = |(_, action): &(i64, Action)| match action {
            Action::Ask(Request::BeginAnswer { entry, .. }) => Some(*entry),
            _ => None,
        };
        actions.iter().filter_map(entry).collect()
    };
    for (mode, entry) in [
        (Mode::CallResponse, Entry::Free),
        (Mode::AfterSilence, Entry::Free),
        (Mode::Jam, Entry::Prompt),
    ] {
        let actions = run(&mut Duet::default(), &rules(mode), &[(0, 24)], 96 * 3);
        assert_eq!(entries(&actions)[..1], [entry], "{mode:?}");
    }
    let (mut duet, rules) = (Duet::default(), rules(Mode::CallResponse));
    run(&mut duet, &rules, &[(0, 24)], 48);
    duet.ask();
    let mut actions = Vec::new();
    duet.line(Ticks::new(48), &rules, &mut |action| {
        actions.push((48, action))
    });
    assert_eq!(entries(&actions), [Entry::Prompt]);
}

#[test]
fn an_upbeat_counts_with_the_bar_it_leads_into() {
    let begin = |first: i64| {
        let notes = [(first, first + 10)];
        begins(&run(
            &mut Duet::default(),
            &rules(Mode::CallResponse),
            &notes,
            400,
        ))[0]
            .1
    };
    assert_eq!(
        [begin(0), begin(48), begin(49), begin(84), begin(96)],
        [192, 192, 288, 288, 288]
    );
}

#[test]
fn silence_brings_the_answer_and_playing_ends_it() {
    let notes = [(0, 20), (30, 50), (120, 130)];
    let actions = run(
        &mut Duet::default(),
        &rules(Mode::AfterSilence),
        &notes,
        130,
    );
    assert_eq!(begins(&actions), [(75, 96)]);
    let hush = actions
        .iter()
        .find(|(_, action)| *action == Action::Hush)
        .unwrap();
    assert_eq!(hush.0, 120);
    let clears = |(_, a): &&(i64, Action)| matches!(a, Action::Ask(Request::Clear { .. }));
    assert_eq!(actions.iter().filter(clears).count(), 2);
}

#[test]
fn a_held_key_is_no_silence() {
    let actions = run(
        &mut Duet::default(),
        &rules(Mode::AfterSilence),
        &[(0, 300)],
        290,
    );
    assert_eq!(begins(&actions), []);
}

#[test]
fn length_acts_within_a_sixteenth() {
    let mut duet = Duet::default();
    let mut rules = rules(Mode::CallResponse);
    rules.length = None;
    run(&mut duet, &rules, &[(0, 10)], 220);
    assert_eq!(duet.activity(), Activity::Answering);
    rules.length = Some(Ticks::BEAT);
    let mut actions = Vec::new();
    duet.line(Ticks::new(222), &rules, &mut |action| actions.push(action));
    assert_eq!(actions, [Action::EndAt(Ticks::new(222))]);
    assert_eq!(duet.activity(), Activity::Waiting);
}

#[test]
fn a_jump_forgets_the_phrase() {
    let mut duet = Duet::default();
    let rules = rules(Mode::CallResponse);
    run(&mut duet, &rules, &[(0, 10)], 96);
    let epoch = duet.epoch();
    duet.jump(false, &mut |action| assert_eq!(action, Action::Hush));
    assert_ne!(duet.epoch(), epoch);
    assert_eq!(begins(&run(&mut duet, &rules, &[], 400)), []);
}

#[test]
fn what_is_frozen_while_it_is_played_ends_there() {
    let mut rules = rules(Mode::CallResponse);
    let mut duet = Duet::default();
    run(&mut duet, &rules, &[(0, 10)], 20);
    rules.freeze = true;
    let actions = run(&mut duet, &rules, &[(1, 5)], 300);
    let heard = |(_, action): &(i64, Action)| matches!(action, Action::Ask(Request::NoteOn { .. }));
    assert!(!actions.iter().any(heard), "{actions:?}");
}

#[test]
fn a_jam_begins_on_the_next_beat_hears_all_and_does_not_end() {
    let notes = [(30, 40), (60, 70), (500, 510)];
    let actions = run(&mut Duet::default(), &rules(Mode::Jam), &notes, 3000);
    assert_eq!(begins(&actions), [(30, 48)]);
    let end = |(_, action): &(i64, Action)| match action {
        Action::Ask(Request::BeginAnswer { end, .. } | Request::Plan { end, .. }) => end.is_some(),
        Action::Hush | Action::EndAt(_) => true,
        _ => false,
    };
    assert!(!actions.iter().any(end));
    let plans = planned(&actions);
    assert!(plans.windows(2).all(|pair| pair[0].1 == pair[1].0));
    assert_eq!(plans.last().unwrap().1, 3003);
    let heard = actions.iter().filter(|(_, action)| {
        matches!(
            action,
            Action::Ask(Request::NoteOn { .. } | Request::NoteOff { .. })
        )
    });
    assert_eq!(heard.count(), 6);
}

#[test]
fn a_loaded_phrase_is_answered_anywhere_until_another_is_played() {
    let rules = rules(Mode::Manual);
    let mut duet = Duet::default();
    let mut out = Vec::new();
    duet.load(&rules, &mut |action| out.push(action));
    let style = Style::ANY;
    assert_eq!(out, [Action::Hush, Action::Ask(Request::Load { style })]);
    duet.jump(false, &mut |_| {});
    for _ in 0..2 {
        duet.ask();
        let actions = run(&mut duet, &rules, &[], 200);
        let again = |(_, action): &(i64, Action)| match action {
            Action::Ask(Request::BeginAnswer { again, .. }) => Some(*again),
            _ => None,
        };
        let again: Vec<_> = actions.iter().filter_map(again).collect();
        assert_eq!(again, [Some(Repeat::Same)]);
    }
    let played = run(&mut duet, &rules, &[(0, 10)], 20);
    let cleared =
        |(_, action): &(i64, Action)| matches!(action, Action::Ask(Request::Clear { .. }));
    assert!(played.iter().any(cleared));
    duet.jump(false, &mut |_| {});
    duet.ask();
    assert_eq!(begins(&run(&mut duet, &rules, &[], 200)), []);
}

#[test]
fn a_cleared_phrase_is_gone_even_if_frozen() {
    let mut rules = rules(Mode::Manual);
    let mut duet = Duet::default();
    run(&mut duet, &rules, &[(0, 10)], 20);
    rules.freeze = true;
    run(&mut duet, &rules, &[], 4);
    duet.clear(&rules, &mut |_| {});
    duet.ask();
    assert_eq!(begins(&run(&mut duet, &rules, &[], 200)), []);
    // And the next one is heard.
    let actions = run(&mut duet, &rules, &[(0, 10), (20, 30)], 50);
    let heard =
        |(_, action): &&(i64, Action)| matches!(action, Action::Ask(Request::NoteOn { .. }));
    assert_eq!(actions.iter().filter(heard).count(), 2);
}

#[test]
fn an_answer_from_before_is_as_long_as_it_was() {
    let rules = rules(Mode::Jam);
    let mut duet = Duet::default();
    duet.recall(7, Ticks::new(30));
    let actions = run(&mut duet, &rules, &[], 200);
    let at = Ticks::new(24);
    let recalled = Action::Ask(Request::Recall { at, id: 7 });
    assert!(actions.contains(&(0, recalled)), "{actions:?}");
    assert_eq!(planned(&actions).first().unwrap().0, 24 - 3 + 3);
    assert_eq!(duet.activity(), Activity::Waiting);
    assert!(planned(&actions).last().unwrap().1 >= 54);
}

#[test]
fn a_loop_brings_the_same_answer_or_another() {
    let mut rules = rules(Mode::CallResponse);
    let seeds = |rules: &Rules| -> Vec<u64> {
        let mut duet = Duet::default();
        let mut seeds = Vec::new();
        duet.stop(&mut |_| {});
        for _ in 0..3 {
            let actions = run(&mut duet, rules, &[(0, 10)], 300);
            seeds.extend(actions.iter().filter_map(|(_, action)| match action {
                Action::Ask(Request::BeginAnswer { seed, .. }) => Some(*seed),
                _ => None,
            }));
            duet.jump(true, &mut |_| {});
        }
        seeds
    };
    assert_eq!(seeds(&rules), [9; 3]);
    rules.repeat = Repeat::New;
    let new = seeds(&rules);
    assert!(new[0] == 9 && new[1] != 9 && new[2] != 9 && new[1] != new[2]);
    assert_eq!(seeds(&rules), new, "from the start on it is the same music");
}

#[test]
fn another_network_is_asked_for_once_and_in_its_place() {
    let mut rules = rules(Mode::CallResponse);
    let mut duet = Duet::default();
    let mut actions = Vec::new();
    for line in 0..4 {
        rules.slot = u8::from(line >= 2);
        let mut out = |action| actions.push((line, action));
        duet.line(Ticks::new(line * 3), &rules, &mut out);
    }
    assert_eq!(actions, [(2, Action::Ask(Request::Model { slot: 1 }))]);
}
