//! The seam between the threads under pressure, for tools that look for data races: queues and
//! view of one instance, hammered by an audio thread, a worker and a window.
//!
//! `cargo xtask valgrind` runs it. With `--broken` there is a race in it on purpose, which the tools
//! have to find.

use std::cell::UnsafeCell;
use std::thread;

use harmonai::link::queues::{AudioEnd, WorkerEnd, queue_pair};
use harmonai::link::view::{
    EngineSnapshot, EngineView, EngineViewWriter, Glitch, NoteSource, engine_view,
};
use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Beats, Ticks};
use harmonai_core::play::duet::{Reply, Request};

/// Messages each way.
const MESSAGES: i64 = 4000;

/// Something that threads share without saying how.
struct Unguarded(UnsafeCell<i64>);

// SAFETY: none. That is what the tools are to find, and only `--broken` touches it.
unsafe impl Sync for Unguarded {}

static UNGUARDED: Unguarded = Unguarded(UnsafeCell::new(0));

fn main() {
    let broken = std::env::args().any(|argument| argument == "--broken");
    let (audio, worker) = queue_pair();
    let (writer, view) = engine_view();
    thread::scope(|scope| {
        let audio = scope.spawn(move || play(audio, writer, broken));
        scope.spawn(move || answer(worker, broken));
        while !audio.is_finished() {
            look(&view);
            thread::yield_now();
        }
    });
    assert_eq!(view.count(Glitch::LateNote), MESSAGES as u32);
    println!("{MESSAGES} messages each way, all of them in order");
}

/// The audio thread: asks, shows what it does, takes the answers.
fn play(mut queues: AudioEnd, mut writer: EngineViewWriter, broken: bool) {
    let (mut asked, mut answered) = (0, 0);
    while answered < MESSAGES {
        let at = Ticks::new(asked);
        let pitch = Pitch::clamped(asked % 128);
        if asked < MESSAGES && queues.requests.push(Request::NoteOff { at, pitch }) {
            asked += 1;
            touch(broken);
            writer.snapshot(&EngineSnapshot {
                position: at.beats(),
                tempo: at.beats().get(),
                ..EngineSnapshot::default()
            });
            writer.note_on(NoteSource::Answer, at, pitch, Velocity::DEFAULT);
            writer.note_off(NoteSource::Answer, at + Ticks::new(1), pitch);
        }
        while let Some(reply) = queues.replies.pop() {
            let Reply::Note { note, .. } = reply else {
                panic!("{reply:?} was never sent")
            };
            assert_eq!(note.onset, Ticks::new(answered), "out of order");
            assert_eq!(note.pitch, Pitch::clamped(answered % 128));
            answered += 1;
            writer.record(Glitch::LateNote);
        }
        thread::yield_now();
    }
}

/// The worker: answers each request with a note of its own.
fn answer(mut queues: WorkerEnd, broken: bool) {
    let mut count = 0;
    while count < MESSAGES {
        let Some(request) = queues.requests.pop() else {
            thread::yield_now();
            continue;
        };
        let Request::NoteOff { at, pitch } = request else {
            panic!("{request:?} was never sent")
        };
        assert_eq!(at, Ticks::new(count), "out of order");
        let note = Note {
            onset: at,
            duration: Ticks::new(1),
            pitch,
            velocity: None,
        };
        while !queues.replies.push(Reply::Note { epoch: 0, note }) {
            thread::yield_now();
        }
        touch(broken);
        count += 1;
    }
}

/// The window: what it sees belongs together.
fn look(view: &EngineView) {
    if let Some(snapshot) = view.snapshot()
        && snapshot != EngineSnapshot::default()
    {
        assert_eq!(snapshot.position, Beats::new(snapshot.tempo));
    }
    let mut shown = Vec::new();
    view.notes(&mut shown);
    for note in shown {
        assert_eq!(note.pitch, Pitch::clamped(note.onset.get() % 128));
    }
}

fn touch(broken: bool) {
    if broken {
        // SAFETY: none, see `Unguarded`.
        unsafe { *UNGUARDED.0.get() += 1 };
    }
}
