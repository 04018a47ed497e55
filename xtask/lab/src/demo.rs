//! `cargo xtask demo`: builds the plug-in, loads the bundles into hosts, plays a phrase to them on a
//! rolling transport, and writes the answer as MIDI, picture and sound.

mod files;
mod report;
mod roll;
mod take;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use harmonai_core::model::checkpoint::{Checkpoint, Header};
use harmonai_core::music::smf::{self, Song};
use harmonai_core::play::continuation::Settings;
use harmonai_tests::phrase::{Phrase, opening};
use harmonai_workspace::{Bundles, Profile};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// What is played when no phrase is named.
const PHRASE: &str = "plugin-assets/seeds/ode-to-joy.mid";

/// What plays when no model is named.
const MODEL: &str = "plugin-assets/default.safetensors";

#[derive(clap::Args)]
pub struct Args {
    /// MIDI file whose opening is played to the plug-in [default: Ode to Joy]
    #[arg(long, value_name = "FILE.mid", value_parser = crate::path)]
    phrase: Option<PathBuf>,
    /// Tempo in quarter notes a minute, 20 to 400 [default: the file's]
    #[arg(long, value_name = "N", value_parser = tempo)]
    bpm: Option<f64>,
    /// When the plug-in answers
    #[arg(long, value_enum, default_value_t = Mode::CallResponse)]
    mode: Mode,
    /// Which of the built plug-ins play
    #[arg(long, value_enum, default_value_t = Format::Both)]
    format: Format,
    /// Length of the answer in quarter notes, 1 to 64 [default: the phrase's]
    #[arg(long, value_name = "BEATS", value_parser = clap::value_parser!(u32).range(1..=64))]
    length: Option<u32>,
    /// How freely the answer is chosen, 0.1 to 2
    #[arg(long, value_name = "N", value_parser = temperature)]
    #[arg(default_value_t = Settings::default().temperature)]
    temperature: f32,
    /// Another seed, another answer; 0 to 9999
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=9999))]
    #[arg(default_value_t = 1)]
    seed: u32,
    /// Any other knob, as the plug-in shows it: Grid=1/8 or "Scale=Blues"; can be repeated
    #[arg(long, value_name = "KNOB=VALUE", value_parser = knob)]
    set: Vec<(String, String)>,
    /// A trained model instead of the bundled one
    #[arg(long, value_name = "FILE.safetensors", value_parser = crate::path)]
    model: Option<PathBuf>,
    /// Folder for the files [default: target/demo]
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    out: Option<PathBuf>,
    /// Leave out the run in real time, which takes as long as the music
    #[arg(long)]
    quick: bool,
    /// How the plug-in is built: dev or release
    #[arg(long, default_value_t = Profile::Release)]
    profile: Profile,
}

/// When the plug-in answers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// In the bar after the phrase
    CallResponse,
    /// After a pause
    AfterSilence,
}

impl Mode {
    /// As the plug-in's knob shows it.
    fn name(self) -> &'static str {
        match self {
            Self::CallResponse => "Call & response",
            Self::AfterSilence => "Answer after silence",
        }
    }
}

/// Tempi that can be played, in quarter notes a minute.
const TEMPI: RangeInclusive<f64> = 20.0..=400.0;

/// Which of the built plug-ins play.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Clap,
    Vst3,
    Both,
}

fn knob(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is KNOB=VALUE")?;
    Ok((name.trim().into(), value.trim().into()))
}

fn tempo(text: &str) -> Result<f64, String> {
    let bpm = text.parse().ok().filter(|bpm| TEMPI.contains(bpm));
    bpm.ok_or("it is a number from 20 to 400".into())
}

fn temperature(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|n| (0.1..=2.0).contains(n));
    number.ok_or("it is a number from 0.1 to 2".into())
}

/// The call as it is played to the plug-in.
struct Call {
    name: String,
    header: Header,
    song: Song,
    phrase: Phrase,
}

impl Call {
    fn read(args: &Args) -> anyhow::Result<Self> {
        let path = args.phrase.as_deref().unwrap_or(Path::new(PHRASE));
        let read = || {
            let mut song = smf::read(&std::fs::read(path)?)?;
            song.tempo = args.bpm.unwrap_or(song.tempo);
            let tempo = song.tempo;
            ensure!(TEMPI.contains(&tempo), "a tempo of {tempo}; use --bpm");
            let phrase = opening(&song)?;
            anyhow::Ok((song, phrase))
        };
        let (song, phrase) = read().with_context(|| format!("the phrase {}", path.display()))?;
        let name = path.file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            header: model(args)?,
            song,
            phrase,
        })
    }
}

/// The model that will play. An error where it cannot: the plug-in would play the bundled one and
/// say so in a window that nobody sees here.
fn model(args: &Args) -> anyhow::Result<Header> {
    let path = args.model.as_deref().unwrap_or(Path::new(MODEL));
    ensure!(
        !path.is_dir(),
        "the model {} is a folder; name the .safetensors file in it",
        path.display()
    );
    let read = || anyhow::Ok(Checkpoint::read(&std::fs::read(path)?)?);
    let checkpoint = read().with_context(|| format!("the model {}", path.display()))?;
    let mut header = checkpoint.header;
    if header.card.name.is_empty() {
        header.card.name = path.display().to_string();
    }
    Ok(header)
}

/// The text that a knob is set by. A model's styles have names, which the plug-in's knob shows only
/// once it has read the model.
fn setting(name: &str, value: &str, header: &Header) -> anyhow::Result<String> {
    if !name.eq_ignore_ascii_case("Style") || value.eq_ignore_ascii_case("Any") {
        return Ok(value.to_owned());
    }
    let style = header.style(value).with_context(|| {
        let styles = header.style_names().join(", ");
        format!("the model has no style {value:?}; it has {styles}, or Any")
    })?;
    Ok(format!("#{}", style.symbol()))
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    // Before the plug-in is built: a wrong file name should not take minutes to show.
    let call = Call::read(args)?;
    let folder = files::folder(args)?;
    let takes = take::record(args, &call, &Bundles::build(args.profile)?)?;
    let files = files::write(folder, &call, &takes)?;
    print!("{}", report::text(args, &call, &takes, &files)?);
    report::verdict(&takes)
}
