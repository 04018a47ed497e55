//! `training inspect`: what a model would learn from, in numbers and pictures.
//!
//! Reads music as `train` does and writes a page about it. Called by `main`. Main thread.

mod charts;
mod page;
mod roll;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{melodies, output, tell_remarks};
use crate::data::corpus::{Amount, Corpus, Summary};
use crate::train::files;

/// The page and the list of what was left out.
const PAGE: &str = "index.html";
const NUMBERS: &str = "summary.json";
const LEFT_OUT: &str = "left-out.txt";

/// Arguments of `inspect`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Music: files and folders (MIDI, ABC, MusicXML, melody JSON Lines)
    #[arg(value_name = "DATA", required = true)]
    pub data: Vec<PathBuf>,
    /// The folder for the page, its pictures, and the list of what was left out
    #[arg(long, value_name = "DIR", default_value = "inspection")]
    pub output: PathBuf,
    /// Print the numbers as one JSON object
    #[arg(long)]
    pub json: bool,
    /// List every file, track and line that is left out
    #[arg(long)]
    pub verbose: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    check_folder(&args.output)?;
    let mut corpus = Corpus::read(&args.data)?.without_duplicates();
    let note = corpus.balance();
    let summary = Summary::of(&corpus);
    let folder = &args.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("--output {} cannot be made", folder.display()))?;
    let pictures = charts::all(&summary, &corpus)?;
    for (name, picture) in &pictures {
        files::write_whole(&folder.join(name), picture.svg.as_bytes())?;
    }
    let left_out = corpus.remarks.full() + &corpus.remarks.counted();
    files::write_whole(&folder.join(LEFT_OUT), left_out.as_bytes())?;
    let numbers = serde_json::to_vec_pretty(&summary).context("the figures make no JSON")?;
    files::write_whole(&folder.join(NUMBERS), &numbers)?;
    let page = page::html(&summary, &corpus, &pictures);
    files::write_whole(&folder.join(PAGE), page.as_bytes())?;
    tell_remarks(&corpus.remarks, args.verbose);
    if args.json {
        output::print_json(&summary)?;
    } else {
        output::print(&text(&summary, note.as_deref()))?;
    }
    output::tell(&format!("look at it:  {}", folder.join(PAGE).display()));
    Ok(())
}

/// A folder with other things than an inspection in it is left alone.
fn check_folder(folder: &Path) -> Result<()> {
    let Ok(found) = fs::metadata(folder) else {
        return Ok(());
    };
    if !found.is_dir() {
        bail!(
            "--output {} is a file; name a folder for the page",
            folder.display()
        );
    }
    let mut entries =
        fs::read_dir(folder).with_context(|| format!("--output {}", folder.display()))?;
    if entries.next().is_some() && !folder.join(NUMBERS).is_file() {
        bail!(
            "--output {} holds other files; name a new folder for the page",
            folder.display()
        );
    }
    Ok(())
}

fn text(summary: &Summary, note: Option<&str>) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    row(
        "files",
        format!(
            "{} read, {} of them without a melody",
            summary.files, summary.files_without_melody
        ),
    );
    row("melodies", amount(&summary.all));
    row(
        "duplicates",
        format!(
            "{} left out of training, equal to another one in some key",
            summary.duplicates
        ),
    );
    let part = |name: &str| amount(&summary.parts[name]);
    row("to learn", part("train"));
    row("to choose by", part("valid"));
    row("for eval", part("test"));
    if let Some(note) = note {
        row("", note.into());
    }
    row("keys", first(&summary.keys));
    row("metres", first(&summary.metres));
    row("range", range(summary));
    row("length", lengths(summary));
    row("grid", summary.moves.to_string());
    text
}

fn amount(amount: &Amount) -> String {
    format!("{} ({} notes)", melodies(amount.melodies), amount.notes)
}

/// The most frequent ones of a list.
fn first(counts: &[(String, usize)]) -> String {
    const SHOWN: usize = 6;
    let shown = counts.iter().take(SHOWN);
    let mut shown: Vec<String> = shown
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if counts.len() > SHOWN {
        shown.push(format!("{} more", counts.len() - SHOWN));
    }
    shown.join(", ")
}

fn range(summary: &Summary) -> String {
    let (low, high) = summary.range;
    let name = |key: u8| harmonai_core::music::note::Pitch::clamped(key.into());
    let (narrowest, middle, widest) = summary.compass;
    format!(
        "{} to {}; a melody spans {middle} semitones ({narrowest} to {widest})",
        name(low),
        name(high)
    )
}

fn lengths(summary: &Summary) -> String {
    let (shortest, middle, longest) = summary.lengths;
    format!("a melody has {middle} notes ({shortest} to {longest})")
}
