//! `training key`: how well the key of a phrase is heard, and the table that it is heard by.
//!
//! No model is needed: keys are found by the core. Called by `main`. Main thread.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use harmonai_core::music::key_finding::learnt::LEARNT;
use harmonai_core::music::key_finding::table::KeyTable;
use rayon::prelude::*;

use super::options::Music;
use super::output::{self, list};
use crate::data::corpus::{Corpus, Split};
use crate::files;
use crate::key_finding::fit::fit;
use crate::key_finding::measure::{Heard, measure};
use crate::key_finding::phrases::{KeyPhrase, Kind, phrases};

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pub music: Music,
    /// Which part of it is measured
    #[arg(long, default_value = "test", value_parser = ["train", "valid", "test", "all"])]
    pub split: String,
    /// Learn the table from the training part, measure with it, and write it to this file as Rust
    /// (`src/core/music/key_finding/learnt.rs`)
    #[arg(long, value_name = "FILE")]
    pub fit: Option<PathBuf>,
    /// Leave this source out of what is learnt from
    #[arg(long, value_name = "SOURCE", requires = "fit")]
    pub without: Vec<String>,
}

/// What stands in a row for a source.
const COLUMNS: [(&str, Kind); 6] = [
    ("1 bar", Kind::Bars(1)),
    ("2 bars", Kind::Bars(2)),
    ("4 bars", Kind::Bars(4)),
    ("as played", Kind::Played(4)),
    ("8 bars", Kind::Bars(8)),
    ("4 anywhere", Kind::Anywhere(4)),
];

/// By source: how many melodies there are, and their phrases.
type Sources = BTreeMap<String, (usize, Vec<KeyPhrase>)>;

pub fn run(args: &Args) -> Result<()> {
    let corpus = Corpus::read(&args.music.data)?.without_duplicates();
    output::tell_remarks(&corpus.remarks, false);
    let measured = sources(&corpus, |split| {
        args.split == "all" || split.name() == args.split
    });
    if measured.is_empty() {
        bail!(
            "{} has no melody with a key signature{}; only JSON Lines with `sharps` have one",
            list(&args.music.data),
            match args.split.as_str() {
                "all" => String::new(),
                split => format!(" in its {split} part"),
            }
        );
    }
    let table = match &args.fit {
        None => LEARNT,
        Some(path) => {
            let mut learnt = sources(&corpus, |split| split == Split::Train);
            learnt.retain(|name, _| !args.without.contains(name));
            if learnt.is_empty() {
                bail!("nothing is left to learn from");
            }
            let table = fit(&learnt);
            write(path, &table)?;
            table
        }
    };
    output::print(&text(&measured, &table, &args.split))
}

fn sources(corpus: &Corpus, taken: impl Fn(Split) -> bool) -> Sources {
    let pieces = corpus.pieces.iter();
    let pieces: Vec<_> = pieces
        .filter(|piece| taken(piece.split) && piece.signature.is_some())
        .collect();
    let found: Vec<Vec<KeyPhrase>> = pieces.par_iter().map(|piece| phrases(piece)).collect();
    let mut sources = Sources::new();
    for (piece, phrases) in pieces.into_iter().zip(found) {
        let (melodies, all) = sources.entry(piece.source.clone()).or_default();
        *melodies += 1;
        all.extend(phrases);
    }
    sources
}

fn text(sources: &Sources, table: &KeyTable, part: &str) -> String {
    let mut text = format!(
        "{part} part: phrases heard in a key of the written signature, from the beginning of a \
         melody\n{:24} {:>8}",
        "", "melodies"
    );
    for (name, _) in COLUMNS {
        let _ = write!(text, " {name:>10}");
    }
    let _ = writeln!(text, " {:>8} {:>10}", "nats", "mode");
    for (name, (melodies, phrases)) in sources {
        let heard = measure(phrases, table);
        let _ = write!(text, "{name:24} {:>8}", output::count(*melodies));
        let row = |kind: &Kind| heard.get(kind).copied().unwrap_or_default();
        for (_, kind) in COLUMNS {
            let _ = write!(text, " {:>10}", percent(row(&kind).share()));
        }
        let four = row(&Kind::Bars(4));
        let nats = four.nats / four.phrases.max(1) as f64;
        let modes = (four.known_modes > 0)
            .then(|| 100.0 * four.right_modes as f64 / four.known_modes as f64);
        let _ = writeln!(text, " {nats:>8.3} {:>10}", percent(modes));
    }
    text += "nats: of the written signature, of 4 bars; mode: major or minor, where signature and \
             the piece's end tell it, of 4 bars\n\nsure of the signature, all sources: \
             how sure in the mean, and how often right\n";
    let all = sources.values().flat_map(|(_, phrases)| phrases);
    for (kind, heard) in measure(all, table) {
        let _ = writeln!(text, "{:24} {}", name(kind), sureness(&heard));
    }
    text
}

fn name(kind: Kind) -> String {
    match kind {
        Kind::Notes(count) => format!("{count} notes"),
        Kind::Bars(count) => format!("{count} bars"),
        Kind::Played(count) => format!("{count} bars as played"),
        Kind::Anywhere(count) => format!("{count} bars anywhere"),
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{share:.1} %"))
}

fn sureness(heard: &Heard) -> String {
    let step = |(phrases, right, sum): &(usize, usize, f64)| match phrases {
        0 => format!("{:>18}", "-"),
        _ => {
            let of = *phrases as f64;
            let (sure, right) = (100.0 * sum / of, 100.0 * *right as f64 / of);
            format!("{:>18}", format!("{sure:.0} {right:.0} % of {phrases}"))
        }
    };
    heard.sureness.iter().map(step).collect()
}

/// The table as Rust source, a file of the core's.
fn write(path: &Path, table: &KeyTable) -> Result<()> {
    let row = |row: &[i16; 12]| {
        let row = row.map(|weight| format!("{weight:4}")).join(", ");
        format!("            [{row}],\n")
    };
    let mut source = format!(
        "//! The learnt table of key finding, as `training key --fit` has written it.\n\n\
         use super::table::KeyTable;\n\n#[rustfmt::skip]\npub const LEARNT: KeyTable = KeyTable {{\n    \
         mode: {:?},\n    degrees: [\n",
        table.mode
    );
    for degrees in &table.degrees {
        let rows: String = degrees.iter().map(row).collect();
        source += &format!("        [\n{rows}        ],\n");
    }
    source += "    ],\n    moves: [\n";
    for moves in &table.moves {
        let rows: String = moves.iter().map(row).collect();
        source += &format!("        [\n{rows}        ],\n");
    }
    source += "    ],\n};\n";
    files::write_whole(path, source.as_bytes())
}
