//! `training generate`: a model answers a phrase, as the plug-in would.
//!
//! Called by `main`. Main thread.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use harmonai_core::model::checkpoint::Header;
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Style;
use harmonai_core::music::smf::{self, Song};
use harmonai_core::music::time::{Metre, TICKS_PER_BEAT, Ticks};
use harmonai_core::play::continuation::Continuation;

use super::options::Knobs;
use super::{model, output, target};
use crate::data::corpus::{load_song, phrase};
use crate::evaluate::answer::{answer_start, four_bars, reply, tracks};
use crate::files;

/// Longest answer, in quarter notes.
const LONGEST: f64 = 10_000.0;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// The phrase to answer (.mid)
    #[arg(long, value_name = "FILE")]
    pub phrase: PathBuf,
    /// Length of the answer in quarter notes [default: four bars]
    #[arg(long, allow_negative_numbers = true, value_parser = quarters)]
    pub beats: Option<f64>,
    #[command(flatten)]
    pub knobs: Knobs,
    /// One of the model's own styles, as `info` lists them [default: any]
    #[arg(long)]
    pub style: Option<String>,
    /// Another seed gives another answer
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub seed: u64,
    /// Where to write phrase and answer (.mid)
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

pub fn run(args: &Args) -> Result<()> {
    check_out(args)?;
    let mut settings = args.knobs.settings()?;
    let (checkpoint, _) = model::load(&args.model)?;
    let network = Arc::new(Network::new(checkpoint));
    settings.style = style(args, network.header())?;
    let song = load_song(&args.phrase).map_err(|remark| anyhow!("{remark}"))?;
    let (track, heard) = phrase(&song).with_context(|| {
        let phrase = args.phrase.display();
        format!("{phrase} has only drums; a phrase needs a melody")
    })?;
    let start = answer_start(&heard, song.metre);
    let span = start..start + length(args.beats, song.metre)?;
    let mut continuation = Continuation::new(network);
    let answer = reply(
        &mut continuation,
        &heard,
        song.metre,
        span,
        true,
        args.seed,
        &settings,
    );

    let voice = match song.tracks[track].name.as_str() {
        "" => String::new(),
        voice => format!(" of \"{voice}\""),
    };
    let bar = song.metre.bar_index(start) + 1;
    let notes = |count: usize| match count {
        1 => "1 note".to_owned(),
        count => format!("{} notes", output::count(count)),
    };
    let summary = format!(
        "heard {}{voice} ({}, {:.0} bpm)\nanswered {} from bar {bar} on\nwrote {}\n",
        notes(heard.len()),
        song.metre,
        song.tempo,
        notes(answer.len()),
        args.out.display()
    );
    let tracks = tracks(heard, answer);
    files::write_whole(&args.out, &smf::write(&Song { tracks, ..song }))?;
    output::print(&summary)
}

/// Refuses what no program would open as MIDI, and what cannot be written.
fn check_out(args: &Args) -> Result<()> {
    let inputs = [(&*args.phrase, "phrase"), (&*args.model, "model")];
    target::check(&args.out, args.force, &inputs)?;
    let ending = args.out.extension().unwrap_or_default();
    let is_midi = ending.eq_ignore_ascii_case("mid") || ending.eq_ignore_ascii_case("midi");
    if !is_midi && !target::is_device(&args.out) {
        let out = args.out.display();
        bail!("--out {out}: a MIDI file is written; give it a name that ends in .mid");
    }
    Ok(())
}

fn quarters(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no number of quarter notes"))
}

fn length(beats: Option<f64>, metre: Metre) -> Result<Ticks> {
    match beats {
        None => Ok(four_bars(metre)),
        Some(beats) if beats > 0.0 && beats <= LONGEST => {
            let ticks = (beats * TICKS_PER_BEAT as f64).round() as i64;
            Ok(Ticks::new(ticks.max(1)))
        }
        Some(beats) => {
            bail!("--beats {beats}: an answer has more than 0 and at most {LONGEST} quarter notes")
        }
    }
}

fn style(args: &Args, header: &Header) -> Result<Style> {
    let is_any = |name: &&String| name.trim().eq_ignore_ascii_case("any");
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
