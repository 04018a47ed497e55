//! The worker on its own: real networks, requests pushed by hand.

mod scout;

use std::sync::Arc;
use std::thread;

use harmonai_core::model::checkpoint::Checkpoint;
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Metre, Ticks};
use harmonai_core::play::continuation::{Entry, Repeat, Settings};
use harmonai_core::play::duet::{Reply, Request};
use harmonai_core::play::listen::Voices;

use super::handler::RequestHandler;
use super::{Worker, WorkerContext};
use crate::link::queues::{AudioEnd, queue_pair};
use crate::link::view::{EngineView, Glitch, engine_view};
use crate::project::history::History;
use crate::project::models::{Model, ModelMailbox, Origin};
use crate::project::phrase::PhraseKeeper;

/// Where the answer ends: an untrained network takes its time between two notes.
const END: i64 = 96 + 20 * 96;

pub fn network(seed: u64) -> Arc<Network> {
    let config = Config::new(Cell::Gru, 1, 16, 8, vec![]).unwrap();
    Arc::new(Network::new(Checkpoint::noise(config, seed)))
}

pub fn model(network: Arc<Network>) -> Model {
    Model {
        network,
        name: "Noise".into(),
        origin: Origin::Bundled,
        sha256: None,
    }
}

struct Bench {
    end: AudioEnd,
    mailboxes: [Arc<ModelMailbox>; 4],
    phrases: PhraseKeeper,
    history: History,
    view: Arc<EngineView>,
    worker: Worker,
}

fn context() -> WorkerContext {
    WorkerContext {
        mailboxes: Default::default(),
        phrases: PhraseKeeper::default(),
        history: History::default(),
        view: engine_view().1,
    }
}

fn bench() -> Bench {
    let (end, worker_end) = queue_pair();
    let context = context();
    let worker = Worker::start(worker_end, context.clone()).unwrap();
    Bench {
        end,
        mailboxes: context.mailboxes,
        phrases: context.phrases,
        history: context.history,
        view: context.view,
        worker,
    }
}

fn phrase() -> Vec<Request> {
    let mut requests = vec![Request::Clear {
        metre: Metre::COMMON,
        style: Style::ANY,
        voices: Voices::Top,
    }];
    for (i, key) in [60, 62, 64, 67].into_iter().enumerate() {
        let (at, pitch) = (Ticks::new(i as i64 * 12), Pitch::clamped(key));
        requests.push(Request::NoteOn {
            at,
            pitch,
            velocity: Velocity::DEFAULT,
        });
        requests.push(Request::NoteOff {
            at: at + Ticks::new(9),
            pitch,
        });
    }
    requests.push(Request::BeginAnswer {
        entry: Entry::Prompt,
        at: Ticks::new(96),
        end: None,
        seed: 3,
        again: None,
    });
    requests
}

fn plan(id: u64, from: i64, until: i64) -> Request {
    let (from, until) = (Ticks::new(from), Ticks::new(until));
    Request::Plan {
        id,
        epoch: 7,
        from,
        until,
        end: None,
        settings: Settings::default(),
    }
}

impl Bench {
    fn put(&self, slot: usize, network: Arc<Network>) {
        self.mailboxes[slot].put(model(network));
    }

    fn ask(&mut self, requests: impl IntoIterator<Item = Request>) {
        for request in requests {
            assert!(self.end.requests.push(request));
        }
        self.worker.thread().unwrap().unpark();
    }

    /// The notes that come before the plan `id` is done.
    fn notes(&mut self, id: u64) -> Vec<Note> {
        let mut notes = Vec::new();
        loop {
            match self.end.replies.pop() {
                Some(Reply::Note { epoch, note }) => {
                    assert_eq!(epoch, 7);
                    notes.push(note);
                }
                Some(Reply::Done { id: done }) => {
                    assert_eq!(done, id);
                    return notes;
                }
                None => thread::yield_now(),
            }
        }
    }
}

/// What the network plays when asked directly.
fn expected(network: Arc<Network>) -> Vec<Note> {
    let context = context();
    context.mailboxes[0].put(model(network));
    let mut handler = RequestHandler::new(context);
    handler.pick_up_models();
    let mut notes = Vec::new();
    for request in phrase().into_iter().chain([plan(0, 96, END)]) {
        handler.handle(request, &mut |note| notes.push(note));
    }
    notes
}

#[test]
fn it_answers_as_the_network_does() {
    let mut bench = bench();
    bench.put(0, network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    let notes = bench.notes(0);
    assert!(notes.len() > 4);
    assert_eq!(notes, expected(network(1)));
}

#[test]
fn a_new_network_takes_over_between_two_requests() {
    let mut bench = bench();
    bench.put(0, network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, 99)]);
    bench.notes(0);
    bench.put(0, network(2));
    bench.ask(phrase());
    bench.ask([plan(1, 96, END)]);
    assert_eq!(bench.notes(1), expected(network(2)));
}

#[test]
fn without_a_network_plans_are_done_at_once() {
    let mut bench = bench();
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    assert_eq!(bench.notes(0), []);
}

/// Plays no note without a panic.
fn broken() -> Arc<Network> {
    let config = Config::new(Cell::Gru, 1, 16, 8, vec![]).unwrap();
    let bias = config
        .tensors()
        .iter()
        .position(|spec| spec.name == "head.pitch.bias")
        .unwrap();
    let mut checkpoint = Checkpoint::noise(config, 1);
    checkpoint.tensors[bias].truncate(5);
    Arc::new(Network::new(checkpoint))
}

#[test]
fn a_panic_is_caught_shown_and_got_over() {
    let mut bench = bench();
    bench.put(0, broken());
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    assert_eq!(bench.notes(0), [], "done all the same");
    assert_eq!(bench.view.count(Glitch::WorkerRestart), 1);
    assert!(
        bench.view.messages().trouble().contains("started again"),
        "{}",
        bench.view.messages().trouble()
    );
    bench.put(0, network(1));
    bench.ask(phrase());
    bench.ask([plan(1, 96, END)]);
    assert_eq!(bench.notes(1), expected(network(1)));
}

#[test]
fn it_ends_even_while_nobody_takes_its_replies() {
    let mut bench = bench();
    bench.put(0, network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, 400_000)]);
    while bench.end.replies.pop().is_none() {
        thread::yield_now();
    }
    drop(bench.worker);
}

#[test]
fn the_network_of_the_slot_that_is_asked_for_plays() {
    let mut bench = bench();
    for slot in 0..3 {
        bench.put(slot, network(slot as u64));
    }
    for slot in [2, 0, 1] {
        bench.ask([Request::Model { slot }]);
        bench.ask(phrase());
        bench.ask([plan(u64::from(slot), 96, END)]);
        assert_eq!(bench.notes(slot.into()), expected(network(slot.into())));
    }
}

#[test]
fn answers_are_written_down_and_played_again() {
    let mut bench = bench();
    bench.put(0, network(1));
    bench.ask(phrase());
    for (id, from) in (96..END).step_by(96).enumerate() {
        bench.ask([plan(id as u64, from, from + 96)]);
        bench.notes(id as u64);
    }
    let answers = bench.history.answers();
    assert_eq!(
        (answers.len(), answers[0].take.model.as_str()),
        (1, "Noise")
    );
    let written: Vec<_> = answers[0].take.notes(Ticks::new(96)).collect();
    assert_eq!(written, expected(network(1)));
    // Elsewhere, whatever else was played meanwhile; and that is no new answer.
    bench.ask(phrase());
    let (at, id) = (Ticks::new(96 * 100), answers[0].id);
    bench.ask([
        Request::Recall { at, id },
        plan(500, 96 * 100, END + 96 * 99),
    ]);
    let by = at - Ticks::new(96);
    let again: Vec<_> = bench.notes(500);
    let moved = written.iter().map(|note| Note {
        onset: note.onset + by,
        ..*note
    });
    assert_eq!(again, moved.collect::<Vec<_>>());
    assert_eq!(bench.history.answers().len(), 1);
}

#[test]
fn the_phrase_is_left_for_the_project_and_taken_from_it() {
    let mut bench = bench();
    bench.put(0, network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    let answer = bench.notes(0);
    let heard = bench.phrases.get().unwrap();
    assert_eq!(heard.notes().len(), 4);
    bench.ask(phrase().into_iter().take(3));
    bench.ask([plan(1, 96, 97)]);
    bench.notes(1);
    assert_eq!(bench.phrases.get(), None, "a new one has begun");
    bench.phrases.load(heard);
    let style = Style::ANY;
    let begin = Request::BeginAnswer {
        entry: Entry::Prompt,
        at: Ticks::new(96),
        end: None,
        seed: 3,
        again: Some(Repeat::Same),
    };
    bench.ask([Request::Load { style }, begin, plan(2, 96, END)]);
    assert_eq!(bench.notes(2), answer);
}
