//! The worker on its own: real networks, requests pushed by hand.

use std::sync::Arc;
use std::thread;

use harmonai_core::checkpoint::Checkpoint;
use harmonai_core::config::{Cell, Config};
use harmonai_core::continuation::{Continuation, Settings};
use harmonai_core::duet::{Reply, Request};
use harmonai_core::ears::Voices;
use harmonai_core::network::Network;
use harmonai_core::note::{Note, Pitch, Velocity};
use harmonai_core::time::{Metre, Ticks};
use harmonai_core::vocabulary::Style;

use super::{Worker, tell};
use crate::bridge::{AudioEnd, bridge};
use crate::display::{Display, Mishap, display};
use crate::library::Slot;

/// Where the answer ends: an untrained network takes its time between two notes.
const END: i64 = 96 + 20 * 96;

pub fn network(seed: u64) -> Arc<Network> {
    let config = Config::new(Cell::Gru, 1, 16, 8, vec![]).unwrap();
    Arc::new(Network::new(Checkpoint::noise(config, seed)))
}

struct Bench {
    end: AudioEnd,
    slot: Arc<Slot>,
    display: Arc<Display>,
    worker: Worker,
}

fn bench() -> Bench {
    let (end, worker_end) = bridge();
    let (slot, display) = (Arc::<Slot>::default(), display().1);
    let worker = Worker::start(worker_end, slot.clone(), display.clone()).unwrap();
    Bench {
        end,
        slot,
        display,
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
    requests.push(Request::Begin {
        at: Ticks::new(96),
        end: None,
        seed: 3,
        again: false,
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
    let mut continuation = Continuation::new(network);
    let mut notes = Vec::new();
    for request in phrase().into_iter().chain([plan(0, 96, END)]) {
        tell(&mut continuation, request, &mut |note| notes.push(note));
    }
    notes
}

#[test]
fn it_answers_as_the_network_does() {
    let mut bench = bench();
    bench.slot.put(network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    let notes = bench.notes(0);
    assert!(notes.len() > 4);
    assert_eq!(notes, expected(network(1)));
}

#[test]
fn a_new_network_takes_over_between_two_requests() {
    let mut bench = bench();
    bench.slot.put(network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, 99)]);
    bench.notes(0);
    bench.slot.put(network(2));
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
    bench.slot.put(broken());
    bench.ask(phrase());
    bench.ask([plan(0, 96, END)]);
    assert_eq!(bench.notes(0), [], "done all the same");
    assert_eq!(bench.display.count(Mishap::WorkerRestart), 1);
    assert!(
        bench.display.message().contains("started again"),
        "{}",
        bench.display.message()
    );
    bench.slot.put(network(1));
    bench.ask(phrase());
    bench.ask([plan(1, 96, END)]);
    assert_eq!(bench.notes(1), expected(network(1)));
}

#[test]
fn it_ends_even_while_nobody_takes_its_replies() {
    let mut bench = bench();
    bench.slot.put(network(1));
    bench.ask(phrase());
    bench.ask([plan(0, 96, 400_000)]);
    while bench.end.replies.pop().is_none() {
        thread::yield_now();
    }
    drop(bench.worker);
}
