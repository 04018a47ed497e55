//! The scout: it sees what comes, and nothing that comes is other for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use harmonai_core::play::constraints::rhythm::RhythmConstraints;

use super::*;
use crate::link::view::{EngineSnapshot, EngineViewWriter};
use crate::worker::scout::AHEAD;

/// 16 beats, in thirty-seconds.
const LEGS: usize = 16 * 8;
const START: i64 = 96;
const STOP: i64 = START + 3 * LEGS as i64;

/// How much is scouted after each plan.
type Eagerness = fn(usize) -> usize;

/// A player, and a window that sees what the audio thread shows it.
struct Stand {
    handler: RequestHandler,
    writer: EngineViewWriter,
    context: WorkerContext,
    watched: bool,
}

impl Stand {
    fn new(network: Arc<Network>, watched: bool) -> Self {
        let (mut writer, view) = engine_view();
        writer.snapshot(&EngineSnapshot {
            answer: Some(Ticks::ZERO..Ticks::new(i64::MAX)),
            ..EngineSnapshot::default()
        });
        let context = WorkerContext { view, ..context() };
        context.mailboxes[0].put(model(network));
        let mut handler = RequestHandler::new(context.clone());
        handler.pick_up_models();
        Self {
            handler,
            writer,
            context,
            watched,
        }
    }

    fn tell(&mut self, requests: impl IntoIterator<Item = Request>) -> Vec<Note> {
        if self.watched {
            self.context.view.watch();
        }
        let mut notes = Vec::new();
        for request in requests {
            self.handler.handle(request, &mut |note| notes.push(note));
        }
        notes.iter().for_each(|note| self.writer.planned(*note));
        notes
    }

    /// Everything that can be seen.
    fn look_ahead(&mut self) -> Vec<Note> {
        let step = |_: &usize| {
            if self.watched {
                self.context.view.watch();
            }
            self.handler.scout()
        };
        let steps = (0..).take_while(step).count();
        assert!(steps <= AHEAD.get() as usize / 3, "{steps} steps at once");
        self.context.view.sketch()
    }
}

/// The phrase, and an answer by that seed.
fn begin(seed: u64) -> Vec<Request> {
    let mut requests = phrase();
    requests.pop();
    requests.push(Request::BeginAnswer {
        entry: Entry::Prompt,
        at: Ticks::new(START),
        end: Some(Ticks::new(STOP)),
        seed,
        again: None,
    });
    requests
}

/// An untrained network takes its time between two notes.
fn settings() -> Settings {
    let rhythm = RhythmConstraints {
        density: 0.9,
        swing: 0.6,
        ..RhythmConstraints::default()
    };
    Settings {
        rhythm,
        ..Settings::default()
    }
}

fn leg(number: usize, settings: Settings) -> Request {
    let from = Ticks::new(START + 3 * number as i64);
    Request::Plan {
        id: number as u64,
        epoch: 0,
        from,
        until: from + Ticks::new(3),
        end: Some(Ticks::new(STOP)),
        settings,
    }
}

#[test]
fn what_is_seen_is_what_is_played() {
    for seed in 0..6 {
        let mut blind = Stand::new(network(seed), false);
        blind.tell(begin(seed));
        let legs: Vec<_> = (0..LEGS)
            .map(|number| blind.tell([leg(number, settings())]))
            .collect();
        assert!(legs.concat().len() > 10, "{legs:?}");
        assert_eq!(blind.context.view.sketch(), []);

        let mut seeing = Stand::new(network(seed), true);
        seeing.tell(begin(seed));
        for number in 0..LEGS {
            assert_eq!(seeing.tell([leg(number, settings())]), legs[number]);
            let next = number + 1..LEGS.min(number + 33);
            assert_eq!(seeing.look_ahead(), legs[next].concat(), "after {number}");
        }
        assert_eq!(seeing.look_ahead(), [], "the answer is over");
    }
}

/// The notes of an answer with turns of knobs, notes of the player's and another answer in it.
fn eventful(seed: u64, watched: bool, steps: Eagerness) -> (Vec<Note>, Vec<Note>) {
    let mut stand = Stand::new(network(seed), watched);
    stand.tell(begin(seed));
    let mut knobs = settings();
    let mut notes = Vec::new();
    for number in 0..LEGS {
        let at = Ticks::new(START + 3 * number as i64);
        let pitch = Pitch::clamped(50 + number as i64 % 30);
        match number % 40 {
            13 => knobs.temperature += 0.2,
            21 => knobs.rhythm.density -= 0.1,
            30 => {
                let velocity = Velocity::DEFAULT;
                stand.tell([Request::NoteOn {
                    at,
                    pitch,
                    velocity,
                }]);
            }
            31 => {
                let pitch = Pitch::clamped(50 + (number as i64 - 1) % 30);
                stand.tell([Request::NoteOff { at, pitch }]);
            }
            38 => {
                stand.tell([Request::BeginAnswer {
                    entry: Entry::Prompt,
                    at,
                    end: Some(Ticks::new(STOP)),
                    seed: seed + 1,
                    again: (number > 60).then_some(Repeat::New),
                }]);
            }
            _ => {}
        }
        notes.extend(stand.tell([leg(number, knobs)]));
        (0..steps(number)).for_each(|_| {
            stand.handler.scout();
        });
    }
    let answers = stand.context.history.answers();
    let written = |answer: &crate::project::history::Answer| answer.take.music.notes().to_vec();
    (notes, answers.iter().flat_map(written).collect())
}

#[test]
fn nothing_that_is_played_is_other_for_it() {
    for seed in 0..4 {
        let played = eventful(seed, false, |_| 0);
        assert!(played.0.len() > 10 && !played.1.is_empty(), "{played:?}");
        let ways: [Eagerness; 4] = [|_| 99, |_| 1, |n| n * 7 % 5, |n| n % 50];
        for (way, steps) in ways.into_iter().enumerate() {
            let watched = eventful(seed, true, steps);
            assert_eq!(watched, played, "seed {seed}, way {way}");
        }
    }
}

#[test]
fn a_turned_knob_makes_it_look_again() {
    let mut stand = Stand::new(network(1), true);
    stand.tell(begin(1));
    stand.tell((0..8).map(|number| leg(number, settings())));
    let before = stand.look_ahead();
    let turned = Settings {
        temperature: 3.0,
        rhythm_temperature: 2.0,
        ..settings()
    };
    let other = stand.tell([leg(8, turned)]);
    assert!(stand.handler.scout());
    let at_once = stand.context.view.sketch();
    let seen = stand.look_ahead();
    assert!(seen.starts_with(&at_once) && at_once.len() < seen.len());
    assert_ne!(seen, before);
    let played = stand.tell((9..41).map(|number| leg(number, turned)));
    assert_eq!(seen, played, "after {other:?}");
}

#[test]
fn whatever_happens_it_shows_nothing_until_the_next_plan() {
    let (at, pitch) = (Ticks::new(START + 6), Pitch::MIDDLE_C);
    let mut events = begin(9);
    let style = Style::ANY;
    events.extend([
        Request::Model { slot: 0 },
        Request::Load { style },
        Request::Recall { at, id: 0 },
        Request::NoteOff { at, pitch },
    ]);
    for event in events {
        let mut stand = Stand::new(network(1), true);
        stand.tell(begin(1));
        stand.tell([leg(0, settings())]);
        assert_ne!(stand.look_ahead(), []);
        stand.tell([event]);
        assert_eq!(stand.look_ahead(), [], "{event:?}");
        stand.tell([leg(1, settings())]);
        let seen = stand.look_ahead();
        let played = stand.tell((2..34).map(|number| leg(number, settings())));
        assert_eq!(seen, played, "{event:?}");
    }
}

#[test]
fn a_plan_that_ends_between_two_steps_is_followed() {
    let mut stand = Stand::new(network(1), true);
    stand.tell(begin(1));
    stand.tell([leg(0, settings())]);
    stand.look_ahead();
    let Request::Plan { end, settings, .. } = leg(0, settings()) else {
        unreachable!()
    };
    let mut plan = |from, until| {
        let plan = Request::Plan {
            id: 0,
            epoch: 0,
            from: Ticks::new(START + from),
            until: Ticks::new(START + until),
            end,
            settings,
        };
        (stand.tell([plan]), stand.look_ahead())
    };
    let (_, seen) = plan(3, 25);
    let (played, _) = plan(25, 25 + 96);
    assert_eq!(seen, played);
}

#[test]
fn a_planned_note_is_in_sight_until_the_audio_thread_shows_it() {
    let mut stand = Stand::new(network(1), true);
    stand.tell(begin(1));
    stand.tell([leg(0, settings())]);
    stand.look_ahead();
    let mut count = 0;
    for number in 1..32 {
        let mut planned = Vec::new();
        let request = leg(number, settings());
        stand
            .handler
            .handle(request, &mut |note| planned.push(note));
        let seen = stand.look_ahead();
        assert!(seen.starts_with(&planned), "{planned:?} in {seen:?}");
        planned.iter().for_each(|n| stand.writer.planned(*n));
        assert_eq!(stand.look_ahead(), seen[planned.len()..]);
        count += planned.len();
    }
    assert!(count > 0);
}

#[test]
fn a_window_opens_and_closes_under_way() {
    let mut stand = Stand::new(network(1), false);
    stand.tell(begin(1));
    stand.tell([leg(0, settings())]);
    assert_eq!(stand.look_ahead(), []);
    stand.watched = true;
    stand.tell([leg(1, settings())]);
    assert_ne!(stand.look_ahead(), []);
    stand.watched = false;
    stand.context.view.close();
    assert_eq!(stand.look_ahead(), [], "nobody looks any more");
}

#[test]
fn a_new_model_is_another_answer() {
    let mut stand = Stand::new(network(1), true);
    stand.tell(begin(1));
    stand.tell([leg(0, settings())]);
    assert_ne!(stand.look_ahead(), []);
    stand.context.mailboxes[0].put(model(network(2)));
    stand.handler.pick_up_models();
    assert_eq!(stand.look_ahead(), []);
}

#[test]
fn an_answer_from_before_is_seen_as_it_was() {
    let mut stand = Stand::new(network(1), true);
    stand.tell(begin(1));
    stand.tell((0..LEGS).map(|number| leg(number, settings())));
    let id = stand.context.history.answers()[0].id;
    stand.tell([Request::Recall {
        at: Ticks::new(START),
        id,
    }]);
    // As the position goes back.
    let (from, to) = (Ticks::new(STOP), Ticks::new(START));
    stand.writer.jump(from, to);
    for number in 0..LEGS {
        stand.tell([leg(number, settings())]);
        let until = Ticks::new(START + 3 * (number as i64 + 1));
        let take = stand.context.history.get(id).unwrap().take;
        let due = |note: &Note| (until..until + AHEAD).contains(&note.onset);
        let expected: Vec<_> = take.notes(to).filter(due).collect();
        assert_eq!(stand.look_ahead(), expected, "after {number}");
    }
}

#[test]
fn a_panic_ahead_is_nobodys_affair() {
    let mut stand = Stand::new(broken(), true);
    stand.tell(begin(1));
    let before_it = Request::Plan {
        id: 0,
        epoch: 0,
        from: Ticks::new(START - 3),
        until: Ticks::new(START),
        end: None,
        settings: settings(),
    };
    stand.tell([before_it]);
    assert_eq!(stand.look_ahead(), []);
    // It is where it is played.
    let played = AssertUnwindSafe(|| stand.tell([leg(0, settings())]));
    assert!(catch_unwind(played).is_err());
}

#[test]
fn the_worker_scouts_while_nothing_is_asked_and_a_window_looks() {
    let (mut end, worker_end) = queue_pair();
    let stand = Stand::new(network(1), true);
    let view = &stand.context.view;
    let worker = Worker::start(worker_end, stand.context.clone()).unwrap();
    let wait = |until: &dyn Fn() -> bool, what: &str| {
        let since = Instant::now();
        while !until() {
            // Only a hang takes that long.
            assert!(since.elapsed() < Duration::from_secs(300), "{what}");
            view.watch();
            thread::sleep(Duration::from_millis(1));
        }
    };
    let mut ask = |requests: Vec<Request>| {
        view.watch();
        assert!(requests.into_iter().all(|r| end.requests.push(r)));
        worker.thread().unwrap().unpark();
    };
    ask(begin(1));
    ask(vec![leg(0, settings())]);
    let mut twin = Stand::new(network(1), true);
    twin.tell(begin(1));
    twin.tell([leg(0, settings())]);
    let all = twin.look_ahead();
    wait(&|| view.sketch().len() >= all.len(), "it scouts");
    let busy = view.busy();
    assert!(busy > Duration::ZERO);
    ask(phrase().into_iter().take(1).collect());
    wait(&|| view.sketch().is_empty(), "a new phrase");
    assert!(view.busy() > busy);
    ask(begin(1));
    ask(vec![leg(0, settings())]);
    wait(&|| !view.sketch().is_empty(), "and again");
    drop(worker);
    assert_eq!(view.sketch(), []);
}
