//! What the window shows of the engine's state, without either ever waiting for the other.
//!
//! The audio thread owns the [`EngineViewWriter`] and writes through it, wait-free. The window reads the
//! [`EngineView`], whenever it draws. Counters may be raised by any thread; the message and
//! the sketch of what comes next are written and read by all but the audio thread.

mod message;
mod notes;
mod seqlock;
mod sketch;
mod snapshot;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::Ticks;

pub use message::{GoodNews, Messages};
use notes::{Entry, Ring};
pub use notes::{NoteSource, Shown};
use seqlock::SeqLock;
use sketch::Sketch;
pub use snapshot::EngineSnapshot;
use snapshot::WORDS;

/// What can go wrong without stopping the music. Each is counted and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glitch {
    /// A note came too late for its place and was played late.
    LateNote,
    /// A note was left out: too late to be of use, or no room for it.
    LeftOutNote,
    /// A queue between the threads was full.
    QueueOverrun,
    /// The worker had a panic and was started again.
    WorkerRestart,
}

/// The state the window reads. See the module's comment for who may do what.
pub struct EngineView {
    snapshot: SeqLock<WORDS>,
    notes: Ring,
    glitches: [AtomicU32; 4],
    messages: Messages,
    sketch: Sketch,
    /// Nanoseconds that the worker has worked.
    busy: AtomicU64,
}

/// The audio thread's end: not `Clone`, so that there is one writer.
pub struct EngineViewWriter(Arc<EngineView>);

/// A view of nothing yet, and the one end that writes it.
pub fn engine_view() -> (EngineViewWriter, Arc<EngineView>) {
    let view = Arc::new(EngineView {
        snapshot: SeqLock::new(EngineSnapshot::default().encode()),
        notes: Ring::default(),
        glitches: [const { AtomicU32::new(0) }; 4],
        messages: Messages::default(),
        sketch: Sketch::default(),
        busy: AtomicU64::new(0),
    });
    (EngineViewWriter(view.clone()), view)
}

impl EngineViewWriter {
    /// Once a block: the state at its start.
    pub fn snapshot(&mut self, snapshot: &EngineSnapshot) {
        self.0.snapshot.write(snapshot.encode());
    }

    /// A key went down, or is about to sound: it is shown as held until [`Self::note_off`].
    pub fn note_on(&mut self, source: NoteSource, onset: Ticks, pitch: Pitch, velocity: Velocity) {
        (self.0.notes).push(Entry::On(source, onset, pitch, velocity));
    }

    /// The note held longest ago at this pitch ends here.
    pub fn note_off(&mut self, source: NoteSource, at: Ticks, pitch: Pitch) {
        self.0.notes.push(Entry::Off(source, at, pitch));
    }

    /// A note of the answer is planned. It becomes a sounding one by its `note_on`.
    pub fn planned(&mut self, note: Note) {
        self.0.notes.push(Entry::Planned(note));
    }

    /// The notes still planned are dropped.
    pub fn hush(&mut self) {
        self.0.notes.push(Entry::Hush);
    }

    /// The position jumped: what was shown from there on, and what was planned, is taken back.
    pub fn jump(&mut self, from: Ticks, to: Ticks) {
        self.0.notes.push(Entry::Jump { from, to });
    }

    /// Counts a glitch.
    pub fn record(&self, glitch: Glitch) {
        self.0.record(glitch);
    }
}

impl EngineView {
    /// The newest state. Never waits: where the audio thread writes at this very moment, `None`,
    /// and the window shows the state it had.
    pub fn snapshot(&self) -> Option<EngineSnapshot> {
        self.snapshot.read().map(EngineSnapshot::decode)
    }

    /// Fills `shown` with the latest notes, oldest first.
    pub fn notes(&self, shown: &mut Vec<Shown>) {
        self.notes.read(shown);
    }

    /// Counts a glitch. Any thread, wait-free.
    pub fn record(&self, glitch: Glitch) {
        // Relaxed: a number by itself, nothing else is read on the strength of it.
        self.counter(glitch).fetch_add(1, Ordering::Relaxed);
    }

    /// How often it has happened.
    pub fn count(&self, glitch: Glitch) -> u32 {
        // Relaxed: as in `record`.
        self.counter(glitch).load(Ordering::Relaxed)
    }

    fn counter(&self, glitch: Glitch) -> &AtomicU32 {
        let [late, left_out, overruns, restarts] = &self.glitches;
        match glitch {
            Glitch::LateNote => late,
            Glitch::LeftOutNote => left_out,
            Glitch::QueueOverrun => overruns,
            Glitch::WorkerRestart => restarts,
        }
    }

    /// What the user should know. Not for the audio thread, as what follows.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The window draws: for the next second somebody looks.
    pub fn watch(&self) {
        self.sketch.watch(Instant::now());
    }

    /// The window is closed: nobody looks any more.
    #[cfg(test)]
    pub fn close(&self) {
        self.sketch.close();
    }

    pub fn is_watched(&self) -> bool {
        self.sketch.is_watched(Instant::now())
    }

    /// What comes next in the answer that is under way, if no knob turns and nobody comes in. It ends
    /// where the answer does, and has no note that is in [`Self::notes`].
    pub fn sketch(&self) -> Vec<Note> {
        let mut sketch = self.sketch.notes();
        if sketch.is_empty() {
            return sketch;
        }
        let mut shown = Vec::new();
        self.notes(&mut shown);
        // The worker hears late of an answer that is stopped: the audio thread knows.
        let snapshot = self.snapshot();
        sketch.retain(|note| {
            let due = snapshot.as_ref().is_none_or(|snapshot| {
                (snapshot.answer.as_ref()).is_some_and(|answer| answer.contains(&note.onset))
            });
            let twin = |shown: &Shown| {
                (shown.source, shown.onset, shown.pitch)
                    == (NoteSource::Answer, note.onset, note.pitch)
            };
            due && !shown.iter().any(twin)
        });
        sketch
    }

    /// What comes next, in place of what was said before.
    pub fn set_sketch(&self, notes: impl Iterator<Item = Note>) {
        self.sketch.set(notes);
    }

    /// How long the worker has worked since the plug-in was loaded, on answers and sketches.
    pub fn busy(&self) -> Duration {
        // Relaxed: as in `record`.
        Duration::from_nanos(self.busy.load(Ordering::Relaxed))
    }

    /// The worker has worked for so long.
    pub fn worked(&self, time: Duration) {
        // Relaxed: as in `record`.
        (self.busy).fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mishaps_are_counted_apart_and_by_all_threads() {
        let (writer, view) = engine_view();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| view.record(Glitch::LateNote)));
            }
        });
        (0..2).for_each(|_| writer.record(Glitch::WorkerRestart));
        assert_eq!(view.count(Glitch::LateNote), 4000);
        assert_eq!(view.count(Glitch::WorkerRestart), 2);
        assert_eq!(view.count(Glitch::QueueOverrun), 0);
    }

    #[test]
    fn a_sketch_is_of_the_answer_under_way_and_of_no_note_that_is_planned() {
        let (mut writer, view) = engine_view();
        let note = |onset| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(6),
            pitch: Pitch::MIDDLE_C,
            velocity: None,
        };
        view.set_sketch((0..8).map(|i| note(12 * i)));
        assert_eq!(view.sketch(), [], "no answer");
        writer.snapshot(&EngineSnapshot {
            answer: Some(Ticks::new(24)..Ticks::new(72)),
            ..EngineSnapshot::default()
        });
        assert_eq!(view.sketch(), [24, 36, 48, 60].map(note));
        writer.planned(note(24));
        writer.note_on(
            NoteSource::Phrase,
            Ticks::new(36),
            Pitch::MIDDLE_C,
            Velocity::DEFAULT,
        );
        writer.note_on(
            NoteSource::Answer,
            Ticks::new(48),
            Pitch::MIDDLE_C,
            Velocity::DEFAULT,
        );
        assert_eq!(view.sketch(), [36, 60].map(note));
        view.set_sketch(std::iter::empty());
        assert_eq!(view.sketch(), []);
    }
}
