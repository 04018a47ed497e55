//! `training generate`: a model answers a phrase, as the plug-in would; one of the grid, which the
//! plug-in does not play, on the grid.
//!
//! Called by `main`. Main thread.

mod grid;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use harmonai_core::model::checkpoint::Header;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::{Representation, Style};
use harmonai_core::music::note::{Note, Velocity};
use harmonai_core::music::smf::{self, Song, Track};
use harmonai_core::music::time::{Metre, Span, TICKS_PER_BEAT, Ticks};
use harmonai_core::play::continuation::{Continuation, Settings};
use harmonai_core::play::duet::PLAN_STEP;
use harmonai_core::play::listen::Voices;
use harmonai_core::play::sampler::Sampler;

use super::{model, output};
use crate::data::corpus::{load_song, phrase};
use crate::train::files;

/// Longest answer, in quarter notes.
const LONGEST: f64 = 10_000.0;
/// A last note may ring past the bar line by so much and the answer still begins there.
const RING: Ticks = Ticks::new(3);

/// Arguments of `generate`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// The phrase to answer (.mid)
    #[arg(long, value_name = "FILE")]
    pub phrase: PathBuf,
    /// Length of the answer in quarter notes [default: four bars]
    #[arg(long, allow_negative_numbers = true)]
    pub beats: Option<f64>,
    /// How freely pitches are chosen, 0.1 to 2
    #[arg(long, default_value_t = Settings::default().temperature, allow_negative_numbers = true)]
    pub temperature: f32,
    /// How freely rhythms are chosen [default: as pitches]
    #[arg(long)]
    pub rhythm_temperature: Option<f32>,
    /// Choose among the likeliest notes that have this probability together
    #[arg(long, default_value_t = Settings::default().top_p)]
    pub top_p: f32,
    /// How much the phrase's own turns come back, 0 (not at all) to 1 (as learnt)
    #[arg(long, default_value_t = Settings::default().memory, allow_negative_numbers = true)]
    pub memory: f32,
    /// One of the model's own styles, as `info` lists them [default: any]
    #[arg(long)]
    pub style: Option<String>,
    /// Another seed, another answer
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,
    /// Where to write phrase and answer (.mid)
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    for (input, what) in [(&args.phrase, "phrase"), (&args.model, "model")] {
        if files::is_same_file(input, &args.out) {
            bail!(
                "--out {} is the {what} itself; name another file",
                args.out.display()
            );
        }
    }
    let mut settings = settings(
        args.temperature,
        args.rhythm_temperature,
        args.top_p,
        args.memory,
    )?;
    let (checkpoint, _) = model::load(&args.model)?;
    let network = Arc::new(Network::new(checkpoint));
    settings.style = style(args, network.header())?;
    let song = load_song(&args.phrase).map_err(|remark| anyhow!("{remark}"))?;
    let (track, heard) = phrase(&song).ok_or_else(|| {
        anyhow!(
            "{} has only drums; a phrase needs a melody",
            args.phrase.display()
        )
    })?;

    let start = answer_start(&heard, song.metre);
    let length = match args.beats {
        None => four_bars(song.metre),
        Some(beats) if beats > 0.0 && beats <= LONGEST => {
            Ticks::new(((beats * TICKS_PER_BEAT as f64).round() as i64).max(1))
        }
        Some(beats) => bail!("--beats {beats}: an answer has more than 0 and at most {LONGEST}"),
    };
    let end = start + length;
    let answer = match network.header().config.representation() {
        Representation::Notes => reply(
            network,
            &heard,
            song.metre,
            start..end,
            args.seed,
            &settings,
        ),
        Representation::Grid => {
            let span = start..end;
            grid::answer(&network, &heard, song.metre, &span, args.seed, tones(args)?)
        }
    };

    // What is no plain file, /dev/stdout for one, has nothing to lose.
    if !args.force && args.out.is_file() {
        bail!(
            "--out {} is there already; name another file, or replace it with --force",
            args.out.display()
        );
    }
    let voice = song.tracks[track].name.as_str();
    let voice = if voice.is_empty() {
        String::new()
    } else {
        format!(" of \"{voice}\"")
    };
    let bar = song.metre.bar_index(start) + 1;
    let summary = format!(
        "heard {} note{}{voice} ({}, {:.0} bpm)\nanswered {} notes from bar {bar} on\nwrote {}\n",
        heard.len(),
        if heard.len() == 1 { "" } else { "s" },
        song.metre,
        song.tempo,
        answer.len(),
        args.out.display()
    );
    let tracks = tracks(heard, answer);
    files::write_whole(&args.out, &smf::write(&Song { tracks, ..song }))?;
    output::print(&summary)
}

/// The notes with which a network answers `heard` in `span`.
pub(super) fn reply(
    network: Arc<Network>,
    heard: &[Note],
    metre: Metre,
    span: Span,
    seed: u64,
    settings: &Settings,
) -> Vec<Note> {
    let mut continuation = Continuation::new(network);
    continuation.clear(metre, settings.style, Voices::Top);
    hear(&mut continuation, heard, span.start);
    answer(&mut continuation, span, true, seed, settings)
}

/// What the tracks of a written file are called.
pub(super) const PHRASE: &str = "Phrase";
pub(super) const ANSWER: &str = "Answer";

/// Phrase and answer, as a file has them.
pub(super) fn tracks(phrase: Vec<Note>, answer: Vec<Note>) -> Vec<Track> {
    let track = |name: &str, channel, notes| Track {
        name: name.into(),
        channel,
        notes,
    };
    vec![track(PHRASE, 0, phrase), track(ANSWER, 1, answer)]
}

/// The knobs as they are set on the command line.
pub(super) fn settings(
    temperature: f32,
    rhythm: Option<f32>,
    top_p: f32,
    memory: f32,
) -> Result<Settings> {
    let rhythm_temperature = rhythm.unwrap_or(temperature);
    for (name, value) in [
        ("--temperature", temperature),
        ("--rhythm-temperature", rhythm_temperature),
    ] {
        if !(0.1..=2.0).contains(&value) {
            bail!("{name} {value} is not between 0.1 and 2");
        }
    }
    if !(top_p > 0.0 && top_p <= 1.0) {
        bail!("--top-p {top_p} is not above 0 and at most 1");
    }
    if !(0.0..=1.0).contains(&memory) {
        bail!("--memory {memory} is not between 0 and 1");
    }
    Ok(Settings {
        temperature,
        rhythm_temperature,
        top_p,
        memory,
        ..Settings::default()
    })
}

/// How a network of the grid is asked: it has one symbol for pitch and rhythm.
fn tones(args: &Args) -> Result<Sampler> {
    if args.rhythm_temperature.is_some() {
        bail!(
            "--rhythm-temperature: {} chooses pitch and rhythm in one; give it --temperature alone",
            args.model.display()
        );
    }
    Ok(Sampler {
        temperature: args.temperature,
        top_p: args.top_p,
    })
}

fn is_any(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("any")
}

fn style(args: &Args, header: &Header) -> Result<Style> {
    let Some(name) = args.style.as_ref().filter(|name| !is_any(name)) else {
        return Ok(Style::ANY);
    };
    header.style(name).ok_or_else(|| {
        let known = match header.style_names() {
            names if names.is_empty() => "no styles".into(),
            names => names.join(", ") + ", or any",
        };
        anyhow!("--style {name}: {} knows {known}", args.model.display())
    })
}

/// How long an answer is that nobody gave a length.
pub(super) fn four_bars(metre: Metre) -> Ticks {
    Ticks::new(4 * metre.bar().get())
}

/// The bar line at or after the phrase's end.
pub(super) fn answer_start(heard: &[Note], metre: Metre) -> Ticks {
    let bar = metre.bar();
    heard.last().map_or(Ticks::ZERO, |last| {
        let after_onset = (last.onset + Ticks::new(1)).ceil_to(bar);
        (last.end() - RING).ceil_to(bar).max(after_onset)
    })
}

/// Plays the phrase to the continuation, as the plug-in would hear it up to `until`.
pub(super) fn hear(continuation: &mut Continuation, notes: &[Note], until: Ticks) {
    for note in notes {
        let velocity = note.velocity.unwrap_or(Velocity::DEFAULT);
        continuation.note_on(note.onset, note.pitch, velocity);
        if note.end() <= until {
            continuation.note_off(note.end(), note.pitch);
        }
    }
}

/// The answer's notes in `span`, asked for line by line as the plug-in does. The model is told that
/// the answer is to `end` there, or goes on without knowing.
pub(super) fn answer(
    continuation: &mut Continuation,
    Span { start, end }: Span,
    ends: bool,
    seed: u64,
    settings: &Settings,
) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let known = ends.then_some(end);
    continuation.begin(start, known, seed, None);
    let mut from = start;
    while from < end {
        let line = from..end.min(from + PLAN_STEP);
        continuation.plan(line, known, settings, &mut |note| notes.push(note));
        from += PLAN_STEP;
    }
    if let Some(last) = notes.last_mut() {
        last.duration = last.duration.min(end - last.onset);
    }
    notes
}

#[cfg(test)]
mod tests {
    use harmonai_core::music::note::Pitch;

    use super::*;

    #[test]
    fn the_answer_begins_on_the_next_bar_line() {
        let check = |onset: i64, duration: i64, metre: &str, expect: i64| {
            let note = Note {
                onset: Ticks::new(onset),
                duration: Ticks::new(duration),
                pitch: Pitch::MIDDLE_C,
                velocity: None,
            };
            let start = answer_start(&[note], Metre::parse(metre).unwrap());
            assert_eq!(start, Ticks::new(expect), "{onset} {duration} {metre}");
        };
        check(72, 24, "4/4", 96);
        check(72, 26, "4/4", 96);
        check(72, 30, "4/4", 192);
        check(96, 2, "4/4", 192);
        check(96, 24, "3/4", 144);
        check(0, 1, "6/8", 72);
    }
}
