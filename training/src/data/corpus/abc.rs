//! The melodies of a tune book in ABC notation (the 2.1 standard, and the habits before it).
//!
//! Called by [`Corpus::read`](super::Corpus::read), one file a thread. A book is cut into its
//! tunes; each tune's fields and lines go to its voices. Repeats and their endings are played
//! out; the order of parts (`P:`), words, decorations, grace notes and typesetting are passed
//! over.

mod key;
mod metre;
mod music;
mod voice;

use harmonai_core::music::time::Metre;

use super::bars::{Marks, PER_BEAT, order, play, starts};
use super::notated::{Notated, NotatedTrack};
use super::reading::{MusicFile, Reading};
use super::remarks::{Reason, Remark};
use super::text;
use voice::Voice;

/// A tune with more voices is none.
const MOST_VOICES: usize = 64;

/// Reads all tunes of a file.
pub fn read(file: &MusicFile) -> Reading {
    let text = match file.bytes(Reason::NotAbc) {
        Ok(bytes) => text::decode(&bytes),
        Err(remark) => return Reading::nothing(remark),
    };
    let mut reading = Reading::default();
    let mut remark = |reason, detail: String| {
        let remark = Remark::on_file(&file.path, reason, detail);
        reading.remarks.push(remark);
    };
    let book = Book::cut(&text);
    if book.tunes.is_empty() {
        let detail = "no tune begins in it: there is no line `X:` and no `K:`";
        remark(Reason::NotAbc, detail.into());
    }
    if book.outside > 0 {
        let detail = format!("{} lines of music after an empty line", book.outside);
        remark(Reason::PassedOver, detail);
    }
    let alone = book.tunes.len() == 1;
    for lines in &book.tunes {
        let tune = Tune::read(&book.head, lines);
        let place = (!alone).then(|| tune.place());
        if tune.not_understood > 0 {
            let count = tune.not_understood;
            let detail = format!("{count}, such as {:?}", tune.example.unwrap_or(' '));
            let place = place.clone().unwrap_or_else(|| tune.place());
            let remark = Remark::on_part(&file.path, place, Reason::PassedOver, detail);
            reading.remarks.push(remark);
        }
        reading.add(tune.notated(place).melodies(file));
    }
    reading
}

/// A file's lines, tune by tune.
#[derive(Default)]
struct Book<'a> {
    /// Fields before the first tune, which hold for all.
    head: Vec<&'a str>,
    tunes: Vec<Vec<&'a str>>,
    /// Lines with bar lines in them that belong to no tune.
    outside: usize,
}

impl<'a> Book<'a> {
    fn cut(text: &'a str) -> Self {
        let mut book = Self::default();
        let mut within = false;
        // A file without any `X:` is one tune, if it has a key.
        let numbered = lines(text).any(|line| line.starts_with("X:"));
        let keyed = lines(text).any(|line| line.starts_with("K:"));
        if !numbered && keyed {
            book.tunes.push(lines(text).collect());
            return book;
        }
        let mut has_key = false;
        for line in lines(text) {
            if line.starts_with("X:") {
                book.tunes.push(vec![line]);
                (within, has_key) = (true, false);
            } else if within && line.trim().is_empty() {
                // An empty line ends a tune; in a head it is a slip of the pen.
                within = !has_key;
            } else if let Some(tune) = book.tunes.last_mut().filter(|_| within) {
                has_key |= line.starts_with("K:");
                tune.push(line);
            } else if book.tunes.is_empty() {
                book.head.push(line);
            } else if field(line).is_none() && !line.starts_with('%') {
                book.outside += usize::from(line.contains('|'));
            }
        }
        book
    }
}

/// Lines by any of the three line ends.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .flat_map(|line| line.trim_end_matches('\r').split('\r'))
}

/// The letter and the text of a field, or `None` for a line of music (`A:|` is one).
fn field(line: &str) -> Option<(char, &str)> {
    let mut signs = line.chars();
    let letter = signs.next().filter(char::is_ascii_alphabetic)?;
    let rest = signs.as_str().strip_prefix(':')?;
    (!rest.starts_with(['|', ':'])).then_some((letter, rest))
}

fn without_comment(line: &str) -> &str {
    let comment = line
        .match_indices('%')
        .find(|(at, _)| !line[..*at].ends_with('\\'));
    comment.map_or(line, |(at, _)| &line[..at])
}

/// A tune as it is read.
#[derive(Default)]
struct Tune {
    number: String,
    title: Option<String>,
    /// What every voice begins with.
    head: Voice,
    voices: Vec<(String, Voice)>,
    /// The place of the voice that lines go to.
    current: Option<usize>,
    in_body: bool,
    not_understood: usize,
    example: Option<char>,
}

impl Tune {
    fn read(head: &[&str], lines: &[&str]) -> Self {
        let mut tune = Self::default();
        for line in head {
            if let Some((letter @ ('M' | 'L'), rest)) = field(without_comment(line)) {
                tune.field(letter, rest.trim());
            }
        }
        for line in lines {
            let line = without_comment(line);
            if let Some((letter, rest)) = field(line) {
                tune.field(letter, rest.trim());
            } else if tune.in_body && !line.trim().is_empty() {
                tune.music(line);
            }
        }
        tune
    }

    fn field(&mut self, letter: char, text: &str) {
        match letter {
            'X' => self.number = text.into(),
            'T' if self.title.is_none() && !text.is_empty() => self.title = Some(text.into()),
            'V' => self.switch(text),
            'K' | 'M' | 'L' if self.in_body => self.voice().field(letter, text),
            'K' | 'M' | 'L' => {
                self.head.field(letter, text);
                for (_, voice) in &mut self.voices {
                    voice.field(letter, text);
                }
                self.in_body = letter == 'K';
            }
            _ => {}
        }
    }

    /// Goes on in the voice that a `V:` names, with its clef and transposition.
    fn switch(&mut self, text: &str) {
        let (id, properties) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let known = self.voices.iter().position(|(known, _)| known == id);
        let place = known.unwrap_or_else(|| {
            if self.voices.len() < MOST_VOICES {
                self.voices.push((id.into(), self.head.clone()));
            }
            self.voices.len() - 1
        });
        self.current = Some(place);
        self.voices[place].1.properties(properties);
    }

    fn voice(&mut self) -> &mut Voice {
        let place = self.current.unwrap_or_else(|| {
            if self.voices.is_empty() {
                self.voices.push((String::new(), self.head.clone()));
            }
            0
        });
        &mut self.voices[place].1
    }

    fn music(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            let (left, what) = music::scan(self.voice(), rest);
            rest = left;
            match what {
                music::Stop::End => break,
                music::Stop::Field(letter, text) => self.field(letter, text),
                music::Stop::Unknown(sign) => {
                    self.not_understood += 1;
                    self.example.get_or_insert(sign);
                }
            }
        }
    }

    fn place(&self) -> String {
        let title = self.title.as_deref().unwrap_or_default();
        format!("tune {} \"{title}\"", self.number)
    }

    fn notated(self, place: Option<String>) -> Notated {
        let mut metre = self.head.metre;
        let mut upbeat = None;
        let mut tracks = Vec::new();
        for (id, mut voice) in self.voices {
            voice.bar_line(&Marks::default());
            if let Some(first) = voice.bars.first().filter(|_| upbeat.is_none()) {
                metre = voice.first_metre.unwrap_or(metre);
                let bar = metre.length();
                let more = voice.bars.len() > 1;
                let short = first.length < bar && metre.metre().is_some() && more;
                upbeat = Some(if short { first.length } else { 0 });
            }
            let marks: Vec<Marks> = voice.bars.iter().map(|bar| bar.marks.clone()).collect();
            let lengths: Vec<i64> = voice.bars.iter().map(|bar| bar.length).collect();
            let order = order(&marks);
            let starts = starts(&lengths, &order);
            tracks.push(NotatedTrack {
                name: Some(voice.name)
                    .filter(|name| !name.is_empty())
                    .unwrap_or(id),
                channel: 0,
                notes: play(&voice.bars, &starts, &order),
            });
        }
        tracks.retain(|track| !track.notes.is_empty());
        Notated {
            title: self.title,
            place,
            per_beat: PER_BEAT,
            tempo: 120.0,
            metre: metre.metre().unwrap_or(Metre::COMMON),
            upbeat: upbeat.unwrap_or(0),
            tracks,
        }
    }
}

#[cfg(test)]
mod tests;
