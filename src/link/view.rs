//! What the window shows of the engine's state, without either ever waiting for the other.
//!
//! The audio thread owns the [`Reporter`] and writes through it, wait-free. The window reads the
//! [`Display`], whenever it draws. Counters may be raised by any thread; the message and
//! the sketch of what comes next are written and read by all but the audio thread.

mod message;
mod notes;
mod seqlock;
mod sketch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harmonai_core::music::note::{Note, Pitch, Velocity};
use harmonai_core::music::time::{Beats, Metre, Span, Ticks};
use harmonai_core::play::duet::Activity;

pub use message::{GoodNews, Messages};
use notes::{Entry, Ring};
pub use notes::{Part, Shown};
use seqlock::SeqLock;
use sketch::Sketch;

/// The engine's state at the start of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Does the transport roll?
    pub playing: bool,
    /// Where it is.
    pub position: Beats,
    /// Quarter notes a minute.
    pub tempo: f64,
    /// The bars around it.
    pub metre: Metre,
    /// What the duet does.
    pub activity: Activity,
    /// Where it listens, if known.
    pub listening: Option<Span>,
    /// Where it answers, if known; an endless answer ends at `Ticks::new(i64::MAX)`.
    pub answer: Option<Span>,
}

impl Default for Moment {
    fn default() -> Self {
        Self {
            playing: false,
            position: Beats::default(),
            tempo: 120.0,
            metre: Metre::COMMON,
            activity: Activity::Waiting,
            listening: None,
            answer: None,
        }
    }
}

/// What can go wrong without stopping the music. Each is counted and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// A note came too late for its place and was played late.
    LateNote,
    /// A note was left out: too late to be of use, or no room for it.
    LeftOutNote,
    /// A queue between the threads was full.
    QueueOverrun,
    /// The worker had a panic and was started again.
    WorkerRestart,
}

impl Mishap {
    const COUNT: usize = 4;
}

/// The state the window reads. See the module's comment for who may do what.
pub struct Display {
    moment: SeqLock<7>,
    notes: Ring,
    mishaps: [AtomicU32; Mishap::COUNT],
    messages: Messages,
    sketch: Sketch,
    /// Nanoseconds that the worker has worked.
    busy: AtomicU64,
}

/// The audio thread's end: not `Clone`, so that there is one writer.
pub struct Reporter(Arc<Display>);

/// A display of nothing yet, and the one end that writes it.
pub fn display() -> (Reporter, Arc<Display>) {
    let display = Arc::new(Display {
        moment: SeqLock::new(encode(&Moment::default())),
        notes: Ring::default(),
        mishaps: [const { AtomicU32::new(0) }; Mishap::COUNT],
        messages: Messages::default(),
        sketch: Sketch::default(),
        busy: AtomicU64::new(0),
    });
    (Reporter(display.clone()), display)
}

impl Reporter {
    /// Once a block: the state at its start.
    pub fn moment(&mut self, moment: &Moment) {
        self.0.moment.write(encode(moment));
    }

    /// A key went down, or is about to sound: it is shown as held until [`Self::note_off`].
    pub fn note_on(&mut self, part: Part, onset: Ticks, pitch: Pitch, velocity: Velocity) {
        self.0.notes.push(Entry::On {
            part,
            onset,
            pitch,
            velocity,
        });
    }

    /// The note held longest ago at this pitch ends here.
    pub fn note_off(&mut self, part: Part, at: Ticks, pitch: Pitch) {
        self.0.notes.push(Entry::Off { part, at, pitch });
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

    /// Counts `count` mishaps.
    pub fn mishaps(&self, mishap: Mishap, count: u32) {
        self.0.mishaps(mishap, count);
    }
}

impl Display {
    /// The newest state. Never waits: where the audio thread writes at this very moment, `None`,
    /// and the window shows the state it had.
    pub fn moment(&self) -> Option<Moment> {
        self.moment.read().map(decode)
    }

    /// Fills `shown` with the notes of late, oldest first.
    pub fn notes(&self, shown: &mut Vec<Shown>) {
        self.notes.read(shown);
    }

    /// Counts `count` mishaps. Any thread, wait-free.
    pub fn mishaps(&self, mishap: Mishap, count: u32) {
        // Relaxed: a number by itself, nothing else is read on the strength of it.
        self.mishaps[mishap as usize].fetch_add(count, Ordering::Relaxed);
    }

    /// How often it has happened.
    pub fn count(&self, mishap: Mishap) -> u32 {
        // Relaxed: as in `mishaps`.
        self.mishaps[mishap as usize].load(Ordering::Relaxed)
    }

    /// What the user should know. Not for the audio thread, as what follows.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The window draws: for the next second somebody looks.
    pub fn watch(&self) {
        self.sketch.watch(Instant::now());
    }

    /// Whether somebody looks.
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
        let moment = self.moment();
        sketch.retain(|note| {
            let due = moment.as_ref().is_none_or(|moment| {
                (moment.answer.as_ref()).is_some_and(|answer| answer.contains(&note.onset))
            });
            let twin = |shown: &Shown| {
                (shown.part, shown.onset, shown.pitch) == (Part::Answer, note.onset, note.pitch)
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
        // Relaxed: as in `mishaps`.
        Duration::from_nanos(self.busy.load(Ordering::Relaxed))
    }

    /// The worker has worked for so long.
    pub fn worked(&self, time: Duration) {
        // Relaxed: as in `mishaps`.
        (self.busy).fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }
}

/// No span: it ends before it starts, as no other does.
const NOWHERE: [u64; 2] = [i64::MAX as u64, i64::MIN as u64];

fn encode(moment: &Moment) -> [u64; 7] {
    let activity = match moment.activity {
        Activity::Waiting => 0,
        Activity::Listening => 1,
        Activity::Thinking => 2,
        Activity::Answering => 3,
    };
    let metre = u64::from(moment.metre.numerator()) << 8 | u64::from(moment.metre.denominator());
    let span = |span: &Option<Span>| {
        span.as_ref()
            .map_or(NOWHERE, |s| [s.start.get() as u64, s.end.get() as u64])
    };
    let ([l0, l1], [a0, a1]) = (span(&moment.listening), span(&moment.answer));
    // A bar has 6144 ticks at the most.
    let line = moment.metre.line().get() as u64;
    let flags = u64::from(moment.playing) | activity << 8 | metre << 16 | line << 32;
    [
        flags,
        moment.position.get().to_bits(),
        moment.tempo.to_bits(),
        l0,
        l1,
        a0,
        a1,
    ]
}

fn decode([flags, position, tempo, l0, l1, a0, a1]: [u64; 7]) -> Moment {
    let span = |start, end| {
        ([start, end] != NOWHERE).then(|| Ticks::new(start as i64)..Ticks::new(end as i64))
    };
    Moment {
        playing: flags & 1 == 1,
        position: Beats::new(f64::from_bits(position)),
        tempo: f64::from_bits(tempo),
        metre: Metre::new((flags >> 24 & 0xff) as i64, (flags >> 16 & 0xff) as i64)
            .unwrap_or(Metre::COMMON)
            .with_line(Ticks::new((flags >> 32) as i64)),
        activity: match flags >> 8 & 0xff {
            1 => Activity::Listening,
            2 => Activity::Thinking,
            3 => Activity::Answering,
            _ => Activity::Waiting,
        },
        listening: span(l0, l1),
        answer: span(a0, a1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_back_as_they_went_in() {
        let (mut reporter, display) = display();
        assert_eq!(display.moment(), Some(Moment::default()));
        let negative = Ticks::new(-1)..Ticks::ZERO;
        let endless = Ticks::ZERO..Ticks::new(i64::MAX);
        for activity in [
            Activity::Waiting,
            Activity::Listening,
            Activity::Thinking,
            Activity::Answering,
        ] {
            for (listening, answer) in [
                (None, None),
                (Some(negative.clone()), None),
                (None, Some(endless.clone())),
            ] {
                let moment = Moment {
                    playing: true,
                    position: Beats::new(-3.75),
                    tempo: 93.5,
                    metre: Metre::parse("6/8").unwrap().with_line(Ticks::new(71)),
                    activity,
                    listening,
                    answer,
                };
                reporter.moment(&moment);
                assert_eq!(display.moment(), Some(moment));
            }
        }
    }

    #[test]
    fn mishaps_are_counted_apart_and_by_all_threads() {
        let (reporter, display) = display();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| display.mishaps(Mishap::LateNote, 1)));
            }
        });
        reporter.mishaps(Mishap::WorkerRestart, 2);
        assert_eq!(display.count(Mishap::LateNote), 4000);
        assert_eq!(display.count(Mishap::WorkerRestart), 2);
        assert_eq!(display.count(Mishap::QueueOverrun), 0);
    }

    #[test]
    fn a_sketch_is_of_the_answer_under_way_and_of_no_note_that_is_planned() {
        let (mut reporter, display) = display();
        let note = |onset| Note {
            onset: Ticks::new(onset),
            duration: Ticks::new(6),
            pitch: Pitch::MIDDLE_C,
            velocity: None,
        };
        display.set_sketch((0..8).map(|i| note(12 * i)));
        assert_eq!(display.sketch(), [], "no answer");
        reporter.moment(&Moment {
            answer: Some(Ticks::new(24)..Ticks::new(72)),
            ..Moment::default()
        });
        assert_eq!(display.sketch(), [24, 36, 48, 60].map(note));
        reporter.planned(note(24));
        reporter.note_on(
            Part::Phrase,
            Ticks::new(36),
            Pitch::MIDDLE_C,
            Velocity::DEFAULT,
        );
        reporter.note_on(
            Part::Answer,
            Ticks::new(48),
            Pitch::MIDDLE_C,
            Velocity::DEFAULT,
        );
        assert_eq!(display.sketch(), [36, 60].map(note));
        display.set_sketch(std::iter::empty());
        assert_eq!(display.sketch(), []);
    }
}
