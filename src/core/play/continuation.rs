//! The answer: hears a phrase, then plays on, a short span at a time.
//!
//! What the player does goes through the [`MelodyListener`], which makes one melody of it. The
//! [`Transcript`] has the network read each note of it once it is known where the next one falls;
//! for a note of an answer that is when the next one lies in the span to be planned. So a turned
//! knob acts on the very next note that is not planned yet. A [`Drawing`] is one note drawn.
//!
//! What the player plays into an answer becomes part of the same melody: the network reads all
//! notes in the order in which they begin. The answer's own line keeps its rhythm; the player's
//! notes change what comes next in it. They are taken as they are struck, since there is no time
//! to wait for what they turn out to be: of a chord the highest key.
//!
//! Lives on the worker's thread (and in the trainer's `generate` and `eval`). Allocates when made,
//! cloned and swapped, and when a phrase is first answered; a clone also as its notes grow.

mod answer;
mod drawing;
mod loudness;
mod settings;
#[cfg(test)]
mod tests;
mod transcript;

use std::sync::Arc;

use rand_pcg::Pcg32;

use crate::model::network::Network;
use crate::model::vocabulary::Style;
use crate::music::note::{Note, Pitch, Velocity};
use crate::music::time::{Metre, Span, Ticks};
use crate::play::constraints::pitch::PhraseProfile;
use crate::play::constraints::scale_pull::ScalePull;
use crate::play::listen::{CHORD, MelodyListener, Voices};
use crate::play::phrase::Phrase;

pub use answer::Entry;
use answer::{Answer, PlayerNote};
use drawing::Drawing;
use loudness::Loudness;
pub use settings::{Repeat, Settings, Touch};
use transcript::{Transcript, Turn};

/// How many notes of a loaded phrase are read, the last ones: nobody hears a difference beyond.
const LOADED: usize = 256;

/// How many of the player's last notes say what the music's key and register are, while both play.
const PROFILED: usize = 64;

/// A phrase being heard, or an answer being played. Clones go their own ways; they share the network.
#[derive(Clone)]
pub struct Continuation {
    transcript: Transcript,
    /// As asked for, whether or not the network knows it.
    style: Style,
    listener: MelodyListener,
    loudness: Loudness,
    /// `None` while the phrase is being heard.
    answer: Option<Answer>,
}

impl Continuation {
    /// Nothing heard yet.
    pub fn new(network: Arc<Network>) -> Self {
        Self {
            transcript: Transcript::new(network),
            style: Style::ANY,
            listener: MelodyListener::default(),
            loudness: Loudness::DEFAULT,
            answer: None,
        }
    }

    pub fn network(&self) -> &Arc<Network> {
        self.transcript.network()
    }

    /// Forgets phrase and answer; a new phrase begins with the next note, in `metre`, and is heard
    /// as one in `style`, by these of its `voices`.
    pub fn clear(&mut self, metre: Metre, style: Style, voices: Voices) {
        self.style = style;
        self.listener.clear(voices);
        self.transcript.clear(metre);
        self.answer = None;
    }

    /// Takes in a phrase as if it had just been played, to be answered wherever that is wanted.
    pub fn load(&mut self, phrase: &Phrase, style: Style) {
        self.clear(phrase.metre(), style, Voices::All);
        let notes = phrase.notes();
        for note in &notes[notes.len().saturating_sub(LOADED)..] {
            self.take(*note);
        }
        self.transcript.mark_answered(phrase.until());
    }

    /// Whether the phrase has been answered.
    pub fn is_answered(&self) -> bool {
        self.transcript.is_answered()
    }

    /// The phrase that is answered; `None` before its first answer.
    pub fn phrase(&self) -> Option<Phrase> {
        self.transcript.phrase()
    }

    /// The player strikes a key: another note of the phrase, or one that joins in the answer.
    pub fn note_on(&mut self, at: Ticks, pitch: Pitch, velocity: Velocity) {
        match &self.answer {
            Some(answer) => self.join(answer.joined, at, pitch, velocity),
            None => {
                self.transcript.reopen();
                self.listener.note_on(at, pitch, velocity);
                self.take_heard();
            }
        }
    }

    /// The player lets go of a key.
    pub fn note_off(&mut self, at: Ticks, pitch: Pitch) {
        match &mut self.answer {
            Some(answer) => {
                if let Some(joined) = &mut answer.joined
                    && joined.held
                    && let Some(last) = self.transcript.last_mut()
                    && last.pitch == pitch
                {
                    last.duration = Ticks::new(1).max(at - last.onset);
                    joined.held = false;
                }
            }
            None => {
                self.listener.note_off(at, pitch);
                self.take_heard();
            }
        }
    }

    /// The answer is to begin at `at`, its first note falling there or, as its `entry` says, up to a
    /// bar later, and to end at `end`, as far as that is known. Same phrase, place and seed, same
    /// answer. Where the phrase was answered before, the new answer plays on from the old one; or, `again`, it answers the phrase itself, as if that had just been played:
    /// with the same random numbers as the first time, or others.
    pub fn begin_answer(
        &mut self,
        at: Ticks,
        end: Option<Ticks>,
        seed: u64,
        again: Option<Repeat>,
        entry: Entry,
    ) {
        let first = self.transcript.first_answer();
        let place = match again {
            Some(Repeat::Same) => first.unwrap_or(at),
            _ => at,
        };
        let joined = if again.is_some() && first.is_some() {
            self.transcript.go_back(at, self.style);
            None
        } else {
            self.listener.settle(at);
            self.take_heard();
            self.answer.as_ref().and_then(|answer| answer.joined)
        };
        self.transcript.mark_answered(at);
        if self.transcript.notes().is_empty() {
            self.loudness = Loudness::DEFAULT;
        }
        let metre = self.transcript.metre();
        let profile = PhraseProfile::new(self.transcript.notes_of_player(), metre);
        self.answer = Some(Answer {
            end,
            next: self.transcript.after_last(at),
            entry,
            joined,
            pull: ScalePull::of(&profile),
            profile,
            // PCG's stream tells answers at different places apart, its state those of different
            // seeds.
            random: Pcg32::new(seed, place.get() as u64),
        });
    }

    /// Gives every note of the answer whose onset lies before `span.end` and before `end` (the
    /// end of the whole answer, where it has one) and has not been given yet.
    pub fn plan(
        &mut self,
        span: Span,
        end: Option<Ticks>,
        settings: &Settings,
        emit: &mut dyn FnMut(Note),
    ) {
        self.style = settings.style;
        if let Some(answer) = &mut self.answer {
            answer.end = end;
        }
        let until = end.map_or(span.end, |end| end.min(span.end));
        self.enter(settings);
        while let Some(onset) = self.answer.as_ref().map(|answer| answer.next)
            && onset < until
        {
            self.read(onset);
            self.play(onset, settings, emit);
        }
    }

    /// Goes on with another network, which reads again everything that this one has read.
    pub fn swap(&mut self, network: Arc<Network>) {
        self.transcript.swap(network);
    }

    /// Finds the place of the answer's first note, where that is left to the music.
    fn enter(&mut self, settings: &Settings) {
        if let Some(answer) = &mut self.answer
            && std::mem::take(&mut answer.entry) == Entry::Free
        {
            self.transcript.recall_last();
            let onset = answer.next;
            answer.next = Drawing {
                transcript: &mut self.transcript,
                answer,
                loudness: self.loudness,
                settings,
                onset,
            }
            .entry();
        }
    }

    /// Draws the note at `onset`, for which everything before has been read.
    fn play(&mut self, onset: Ticks, settings: &Settings, emit: &mut dyn FnMut(Note)) {
        let Some(answer) = &mut self.answer else {
            return;
        };
        answer.joined = None;
        let mut drawing = Drawing {
            transcript: &mut self.transcript,
            answer,
            loudness: self.loudness,
            settings,
            onset,
        };
        let (note, interval) = drawing.note();
        let metre = self.transcript.metre();
        emit(Note {
            pitch: settings.pitch.sounding(&answer.profile, note.pitch),
            velocity: self.loudness.strike(&note, metre, settings),
            ..settings.rhythm.shape(note, interval, metre)
        });
        answer.next = onset + interval;
        self.transcript.push_played(note);
    }

    /// The player strikes a key in an answer, after the note in `joined`.
    fn join(&mut self, joined: Option<PlayerNote>, at: Ticks, pitch: Pitch, velocity: Velocity) {
        if joined.is_some_and(|joined| at - joined.at <= CHORD)
            && let Some(last) = self.transcript.last_mut()
        {
            last.pitch = last.pitch.max(pitch);
            self.follow_player();
            return;
        }
        self.take(Note {
            // The answer is planned a little ahead: the player's note comes after the last of it.
            onset: self.transcript.after_last(at),
            // As long as its key is held, or until the next note is planned.
            duration: Ticks::new(1),
            pitch,
            velocity: Some(velocity),
        });
        if let Some(answer) = &mut self.answer {
            answer.joined = Some(PlayerNote { at, held: true });
            answer.next = self.transcript.after_last(answer.next);
            answer.entry = Entry::Prompt;
        }
        self.follow_player();
    }

    /// The answer goes by the last notes that the player has played.
    fn follow_player(&mut self) {
        if let Some(answer) = &mut self.answer {
            let notes = self.transcript.notes_of_player();
            let before = notes.clone().count().saturating_sub(PROFILED);
            let metre = self.transcript.metre();
            answer.follow(PhraseProfile::new(notes.skip(before), metre));
        }
    }

    /// Takes in what the listener has made out.
    fn take_heard(&mut self) {
        while let Some(note) = self.listener.next_note() {
            let onset = self.transcript.after_last(note.onset);
            self.take(Note { onset, ..note });
        }
    }

    /// Takes in a note of the player's.
    fn take(&mut self, note: Note) {
        self.read(note.onset);
        if self.transcript.notes().is_empty() {
            self.loudness = Loudness::of(&note);
        } else {
            self.loudness.approach(&note);
        }
        self.transcript.push_heard(note);
    }

    /// The network reads everything up to the note at `onset`.
    fn read(&mut self, onset: Ticks) {
        let turn = match &self.answer {
            None => Turn::Phrase,
            Some(answer) => {
                if answer.joined.is_some_and(|joined| joined.held)
                    && let Some(last) = self.transcript.last_mut()
                {
                    last.duration = onset - last.onset;
                }
                Turn::Answer {
                    end: answer.end,
                    scale: answer.pull.classes(),
                }
            }
        };
        self.transcript.read(onset, self.style, turn);
    }
}
