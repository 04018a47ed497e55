//! `cargo xtask demo`: the whole path, heard and seen. Builds the plug-in, loads the built bundles
//! into hosts, plays a phrase on a rolling transport and writes down what comes back.

mod files;
mod report;
mod roll;
mod take;

use crate::bundle::{Profile, bundle};
use crate::needs;
use anyhow::{Context, ensure};
use clap::ValueEnum;
use harmonai_core::checkpoint::{Checkpoint, Header};
use harmonai_core::continuation::Settings;
use harmonai_core::smf::{self, Song};
use harmonai_core::vocabulary::Representation;
use harmonai_tests::phrase::{Phrase, opening};
use std::path::{Path, PathBuf};

/// What is played when no phrase is named.
const PHRASE: &str = "plugin-assets/seeds/ode-to-joy.mid";

/// What plays when no model is named.
const MODEL: &str = "plugin-assets/default.safetensors";

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {
    /// The MIDI file whose opening is played to the plug-in [default: Ode to Joy]
    #[arg(long, value_name = "FILE.mid", value_parser = crate::path)]
    phrase: Option<PathBuf>,
    /// Tempo in quarter notes a minute [default: the file's]
    #[arg(long, value_name = "N", value_parser = tempo)]
    bpm: Option<f64>,
    /// What makes the plug-in answer
    #[arg(long, value_enum, default_value_t = Mode::CallResponse)]
    mode: Mode,
    /// Which of the built plug-ins play
    #[arg(long, value_enum, default_value_t = Format::Both)]
    format: Format,
    /// Length of the answer in quarter notes [default: the phrase's]
    #[arg(long, value_name = "BEATS", value_parser = clap::value_parser!(u32).range(1..=64))]
    length: Option<u32>,
    /// How daring the answer is, 0.1 to 2
    #[arg(long, default_value_t = Settings::default().temperature)]
    temperature: f32,
    /// How much the answer takes up the phrase, 0 to 1
    #[arg(long, default_value_t = Settings::default().memory)]
    memory: f32,
    /// Which of all possible answers
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=9999))]
    seed: u32,
    /// Any other knob of the plug-in, as it shows it, such as Grid=1/8 or "Scale=Blues"; can be repeated
    #[arg(long, value_name = "KNOB=VALUE", value_parser = knob)]
    set: Vec<(String, String)>,
    /// A trained model instead of the bundled one
    #[arg(long, value_name = "FILE.safetensors", value_parser = crate::path)]
    model: Option<PathBuf>,
    /// Where the files go [default: target/demo]
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    out: Option<PathBuf>,
    /// Leave out the run in real time, which takes as long as the music
    #[arg(long)]
    quick: bool,
    /// The plug-in's dev build instead of its release build
    #[arg(long)]
    dev: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// What makes the plug-in answer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// It answers on the bar after the phrase
    CallResponse,
    /// It answers on the beat after a pause
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
    match text.parse() {
        Ok(bpm) if (20.0..=400.0).contains(&bpm) => Ok(bpm),
        _ => Err("a tempo is a number from 20 to 400".into()),
    }
}

/// The call as it is played to the plug-in.
struct Call {
    name: String,
    /// What the model says of itself.
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
            ensure!(
                (20.0..=400.0).contains(&song.tempo),
                "a tempo of {}; use --bpm",
                song.tempo
            );
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let phrase = opening(&song)?;
            anyhow::Ok((name, song, phrase))
        };
        let (name, song, phrase) =
            read().with_context(|| format!("the phrase {}", path.display()))?;
        Ok(Self {
            name,
            header: model(args)?,
            song,
            phrase,
        })
    }
}

/// The model that will play; an error where it cannot, for which the plug-in has no voice here: it
/// would play the bundled one instead.
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
    ensure!(
        header.config.representation() == Representation::Notes,
        "the model {} is one of the classic preset, to compare with; the plug-in does not play it",
        path.display()
    );
    if header.card.name.is_empty() {
        header.card.name = path.display().to_string();
    }
    Ok(header)
}

/// What a knob is set to. A model's styles go by their names, which the plug-in's knob shows only
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

/// The command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(
        (0.1..=2.0).contains(&args.temperature),
        "--temperature {} is not between 0.1 and 2",
        args.temperature
    );
    ensure!(
        (0.0..=1.0).contains(&args.memory),
        "--memory {} is not between 0 and 1",
        args.memory
    );
    needs::linker()?;
    // The phrase is read first: a wrong file name should not take minutes to show.
    let call = Call::read(args)?;
    let profile = if args.dev {
        Profile::Dev
    } else {
        Profile::Release
    };
    let bundles = bundle(profile)?;
    let takes = take::record(args, &call, &bundles)?;
    let files = files::write(args, &call, &takes)?;
    let report = report::Report::new(args, &call, &takes, &files)?;
    if args.json {
        println!("{}", report.json())
    } else {
        print!("{}", report.text())
    }
    report.verdict()
}
