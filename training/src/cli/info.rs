//! `training info`: what a model is.
//!
//! Called by `main`. Main thread.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use harmonai_core::model::checkpoint::{Header, Precision};
use serde::Serialize;

use super::{model, output};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors), or `default` for the bundled one
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Info<'a> {
    model: String,
    file: String,
    bytes: usize,
    parameters: usize,
    #[serde(flatten)]
    header: &'a Header,
}

pub fn run(args: &Args) -> Result<()> {
    let (checkpoint, bytes) = model::load(&args.model)?;
    let header = &checkpoint.header;
    let info = Info {
        model: model::name(&args.model, &header.card),
        file: args.model.display().to_string(),
        bytes: bytes.len(),
        parameters: header.config.parameters(),
        header,
    };
    if args.json {
        output::print_json(&info)
    } else {
        output::print(&text(&info))
    }
}

fn text(info: &Info) -> String {
    let mut text = format!("{}\n", info.model);
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12} {value}");
        }
    };
    let (config, card) = (&info.header.config, &info.header.card);
    row(
        "file",
        format!("{}, {:.1} MB", info.file, info.bytes as f64 / 1e6),
    );
    row(
        "network",
        format!(
            "{} x {} {}, embedding {}, {} parameters",
            config.layers(),
            config.hidden(),
            config.cell(),
            config.embedding(),
            info.parameters
        ),
    );
    if info.header.weights == Precision::Int8 {
        row("weights", "in bytes, with a scale a row".into());
    }
    let styles = config.styles().iter().zip(info.header.style_names());
    let styles = styles.map(|(id, name)| match *id == name {
        true => name,
        false => format!("{id} ({name})"),
    });
    row("styles", styles.collect::<Vec<_>>().join(", "));
    let features = config.features().iter().map(|feature| feature.name());
    row("reads", features.collect::<Vec<_>>().join(", "));
    let factors = config.factors().iter().map(|factor| factor.name());
    row("predicts", factors.collect::<Vec<_>>().join(", "));
    row("trained", card.created.clone());
    if card.notes > 0 {
        row("music", format!("{} notes", card.notes));
    }
    for source in &card.data {
        row("", source.clone());
    }
    row("epochs", format!("{}, seed {}", card.epochs, card.seed));
    row("licence", card.licence.clone());
    row("command", card.command.clone());
    let width = card.metrics.keys().map(String::len).max().unwrap_or(0);
    for (i, (name, value)) in card.metrics.iter().enumerate() {
        let title = if i == 0 { "figures" } else { "" };
        row(title, format!("{name:width$}  {value:.3}"));
    }
    text
}
