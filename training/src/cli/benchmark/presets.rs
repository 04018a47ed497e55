//! `training benchmark presets`: what our way of writing melodies down is worth, in bits.
//!
//! Trains the classic preset and then our representation in each kind of cell, all of one size,
//! with the same music, passes, updates, seed and options, and measures each on the test part. A
//! note takes several steps of the grid and one of ours, so ours are read in fewer streams: else
//! the grid would be learnt from several times as often in a pass. Every symbol counts: of the grid
//! all that it writes, of our notes pitch, interval, duration and, where the music has them,
//! velocities. The grid is not charged for the notes that it cannot write, nor for triplets and
//! thirty-seconds that it moves: that comparison favours it. On the melodies that it writes exactly
//! both say the same, and the figures are compared once more. Without memory means with its weight
//! at 0; our networks still read what it recalls. Main thread.

mod table;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use harmonai_core::model::config::{Cell, Config};
use harmonai_core::model::network::Network;
use harmonai_core::model::vocabulary::Representation;
use harmonai_core::model::vocabulary::grid::Grid;
use harmonai_core::music::melody::Melody;
use serde_json::json;

use self::table::{Row, Totals, table};
use crate::cli::eval::{self, Figures};
use crate::cli::preset::{Preset, Sizes};
use crate::cli::progress::Display;
use crate::cli::{list, model, output, stop_on_ctrl_c, tell_remarks};
use crate::data::corpus::{Corpus, Piece, Split};
use crate::train::options::{DeviceChoice, TrainOptions};
use crate::train::trainer;

/// Arguments of `benchmark presets`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Music: files and folders (MIDI, ABC, MusicXML, melody JSON Lines)
    #[arg(value_name = "DATA", required = true)]
    data: Vec<PathBuf>,
    /// Passes over the music, for each network
    #[arg(long, default_value_t = 6)]
    epochs: u32,
    /// Cells in the one layer of each network
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// auto, cpu, cuda or metal
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The music, in its parts.
struct Music {
    train: Vec<Melody>,
    valid: Vec<Melody>,
    test: Vec<Piece>,
    styles: Vec<String>,
}

/// Runs the command. `false` where it was stopped.
pub fn run(args: &Args) -> Result<bool> {
    args.device.open()?;
    let music = music(args)?;
    let folder = tempfile::tempdir().context("there is no room for the networks: set TMPDIR")?;
    let stop = stop_on_ctrl_c();
    let mut rows: Vec<Row> = Vec::new();
    for (name, cell, representation) in [
        ("classic", Cell::Lstm, Representation::Grid),
        ("rnn", Cell::Rnn, Representation::Notes),
        ("gru", Cell::Gru, Representation::Notes),
        ("lstm", Cell::Lstm, Representation::Notes),
    ] {
        output::tell(&format!("\n{name}"));
        let config = config(args, cell, representation, &music.styles)?;
        let parameters = config.parameters();
        let begun = Instant::now();
        let batch = batch(representation, &music.train);
        let out = folder.path().join(name);
        let Some(best) = train(args, config, batch, &music, &out, &stop)? else {
            return Ok(false);
        };
        let training_seconds = begun.elapsed().as_secs_f64();
        let (checkpoint, _) = model::load(&best)?;
        let (test, exact) = measure(&Network::new(checkpoint), &music.test);
        let classic = rows.first();
        let of_exact = classic.and_then(|row| row.exact.as_ref());
        rows.push(Row {
            name,
            batch,
            parameters,
            training_seconds,
            test: Totals::new(&test, classic.map(|row| &row.test)),
            exact: exact.map(|exact| Totals::new(&exact, of_exact)),
        });
    }
    if args.json {
        let Args { epochs, hidden, .. } = args;
        let object = json!({ "epochs": epochs, "hidden": hidden, "networks": rows });
        output::print_json(&object)?;
    } else {
        output::print(&table(args.hidden, args.epochs, &rows))?;
    }
    Ok(true)
}

/// Figures of all melodies, and of those that the grid writes exactly, where there are any.
fn measure(network: &Network, pieces: &[Piece]) -> (Figures, Option<Figures>) {
    let pieces: Vec<&Piece> = pieces.iter().collect();
    let representation = network.header().config.representation();
    let sums = eval::sums(network, &pieces);
    let both = pieces.iter().zip(&sums);
    let exact = both.filter(|(piece, _)| Grid::is_exact(piece.melody.notes()));
    let exact = eval::together(representation, exact.map(|(_, sum)| sum));
    let all = eval::together(representation, &sums);
    (all, (exact.melodies > 0).then_some(exact))
}

fn music(args: &Args) -> Result<Music> {
    let mut corpus = Corpus::read(&args.data)?.without_duplicates();
    corpus.balance();
    tell_remarks(&corpus.remarks, false);
    let parts = [Split::Train, Split::Valid].map(|part| corpus.melodies(part));
    let styles = corpus.styles();
    let mut test = corpus.pieces;
    test.retain(|piece| piece.split == Split::Test);
    let [train, valid] = parts;
    if train.is_empty() || test.is_empty() {
        bail!(
            "{} has {} melodies to learn from and {} to measure on; a comparison needs both: give \
             it more music",
            list(&args.data),
            train.len(),
            test.len()
        );
    }
    Ok(Music {
        train,
        valid,
        test,
        styles,
    })
}

/// All networks have the classic preset's sizes.
fn config(
    args: &Args,
    cell: Cell,
    representation: Representation,
    styles: &[String],
) -> Result<Config> {
    let Sizes {
        layers, embedding, ..
    } = Preset::Classic.sizes();
    let config = Config::new(cell, layers, args.hidden, embedding, styles.to_vec())?;
    Ok(config.speaking(representation))
}

/// So many streams that a pass makes as many updates in either representation.
fn batch(representation: Representation, train: &[Melody]) -> usize {
    let Sizes { batch, .. } = Preset::Classic.sizes();
    let steps = |count: fn(&Melody) -> usize| train.iter().map(|melody| count(melody) + 1).sum();
    let sixteenths: usize = steps(|melody| Grid::new(melody.notes()).symbols().len());
    let notes: usize = steps(|melody| melody.notes().len());
    match representation {
        Representation::Grid => batch,
        // To the nearest.
        Representation::Notes => ((2 * batch * notes + sixteenths) / (2 * sixteenths)).max(1),
    }
}

/// The best checkpoint, or none where it was stopped.
fn train(
    args: &Args,
    config: Config,
    batch: usize,
    music: &Music,
    out: &Path,
    stop: &AtomicBool,
) -> Result<Option<PathBuf>> {
    let Sizes { seq_len, .. } = Preset::Classic.sizes();
    let options = TrainOptions {
        sequence: seq_len,
        batch,
        epochs: args.epochs,
        device: args.device,
        ..TrainOptions::new(config, out.to_owned())
    };
    let mut display = Display::new();
    let show = &mut |progress| display.show(progress);
    let outcome = trainer::train(options, &music.train, &music.valid, show, stop);
    display.finish();
    // Relaxed: a flag alone, nothing is read after it on the strength of it.
    let stopped = stop.load(Ordering::Relaxed);
    Ok(outcome?.best.filter(|_| !stopped))
}
