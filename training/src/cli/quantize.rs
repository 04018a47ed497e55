//! `training quantize`: a model with its weights in bytes, which is smaller and plays faster.
//!
//! Called by `main`. Main thread.

use std::path::PathBuf;

use anyhow::{Result, bail};
use harmonai_core::model::checkpoint::Precision;

use super::{model, output, target};
use crate::files::write_whole;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The model (.safetensors)
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let (checkpoint, bytes) = model::load(&args.model)?;
    if checkpoint.header.weights == Precision::Int8 {
        bail!("the weights of {} are bytes already", args.model.display());
    }
    let out = args.out.display();
    target::check(&args.out, args.force, &[(&args.model, "model")])?;
    let quantized = checkpoint.quantized().write();
    write_whole(&args.out, &quantized)?;
    let (small, large) = (quantized.len() as f64, bytes.len() as f64);
    output::print(&format!(
        "wrote {out}: {:.1} MB instead of {:.1} MB, {:.1} times smaller\nCompare the two with `eval`; \
         `install` puts it where the plug-in finds it.\n",
        small / 1e6,
        large / 1e6,
        large / small
    ))
}
