//! `training inspect`: what a model would learn from, in numbers and pictures.
//!
//! Reads music as `train` does and writes a page about it. Called by `main`. Main thread.

mod charts;
mod page;
mod roll;
mod words;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::page::LEFT_OUT;
use self::words::{amount, first, lengths, range};
use super::options::music;
use super::output::{self, count, tell_remarks};
use crate::data::corpus::Corpus;
use crate::data::summary::Summary;
use crate::files;

const PAGE: &str = "index.html";
const NUMBERS: &str = "summary.json";

#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(
        long, value_name = "PATH", num_args = 1.., required_unless_present = "paths",
        help = music()
    )]
    pub data: Vec<PathBuf>,
    /// The same without the option's name
    #[arg(value_name = "DATA", conflicts_with = "data", hide = true)]
    pub paths: Vec<PathBuf>,
    /// The folder for the page, its pictures, and the list of what was left out
    #[arg(
        long,
        alias = "output",
        value_name = "DIR",
        default_value = "inspection"
    )]
    pub out: PathBuf,
    /// Print the numbers as one JSON object
    #[arg(long)]
    pub json: bool,
    /// List every file, track and line that is left out
    #[arg(long)]
    pub verbose: bool,
}

pub fn run(args: &Args) -> Result<()> {
    check_folder(&args.out)?;
    let mut corpus = Corpus::read(&[&args.data[..], &args.paths].concat())?.without_duplicates();
    let note = corpus.balance();
    let summary = Summary::of(&corpus);
    let folder = &args.out;
    fs::create_dir_all(folder)
        .with_context(|| format!("--out {} cannot be made", folder.display()))?;
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
    if folder.is_file() {
        bail!(
            "--out {} is a file; name a folder for the page",
            folder.display()
        );
    }
    files::check_writable("--out", folder)?;
    let Ok(mut entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    if entries.next().is_some() && !folder.join(NUMBERS).is_file() {
        bail!(
            "--out {} holds other files; name a new folder for the page",
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
            count(summary.files),
            count(summary.files_without_melody)
        ),
    );
    row("melodies", amount(&summary.all));
    row(
        "duplicates",
        format!(
            "{} left out of training, equal to another one in some key",
            count(summary.duplicates)
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
