//! `training quantize`: a model with its weights in bytes, a quarter of the size and of the time at
//! play.
//!
//! Called by `main`. Main thread.

use std::path::PathBuf;

use anyhow::{Result, bail};
use harmonai_core::model::checkpoint::Precision;

use super::{model, output};
use crate::train::files::write_whole;

/// Arguments of `quantize`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors)
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let (checkpoint, bytes) = model::load(&args.model)?;
    if checkpoint.header.weights == Precision::Int8 {
        bail!("the weights of {} are bytes already", args.model.display());
    }
    let quantized = checkpoint.quantized().write();
    write_whole(&args.out, &quantized)?;
    output::print(&format!(
        "{}: {:.1} MB instead of {:.1} MB\nCompare the two with `eval`; `install` puts it where the plug-in finds it.\n",
        args.out.display(),
        quantized.len() as f64 / 1e6,
        bytes.len() as f64 / 1e6
    ))
}
