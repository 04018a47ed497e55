//! `cargo xtask bundle`: builds the plug-in and makes the bundles that hosts load.

use anyhow::Context;
use clap::ValueEnum;
use harmonai_tests::bundle::{Bundles, dev_bundle_target, target_folder};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

/// The package that is the plug-in.
const PACKAGE: &str = "harmonai";

/// The package that does nothing.
const EMPTY: &str = "harmonai-empty";

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {
    /// How it is built
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
}

/// How the plug-in is built.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// With debug assertions: the audio thread aborts when it allocates
    Dev,
    /// For playing
    Release,
}

impl Profile {
    /// What cargo is told.
    fn arguments(self) -> Vec<String> {
        match self {
            // The bundler takes the name after --profile for the folder, which is "debug" here.
            Self::Dev => Vec::new(),
            Self::Release => vec!["--release".into()],
        }
    }
}

/// The command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    bundle(args.profile).map(drop)
}

/// Builds and bundles the plug-in in both formats.
pub fn bundle(profile: Profile) -> anyhow::Result<Bundles> {
    nice_plug_xtask::build(&[PACKAGE.into()], &profile.arguments())?;
    pack(profile)
}

/// The release bundles as they are given away: on a Mac for both kinds of processor.
pub fn bundle_to_give_away() -> anyhow::Result<Bundles> {
    if !cfg!(target_os = "macos") {
        return bundle(Profile::Release);
    }
    let arguments = ["bundle-universal", PACKAGE, "--release"].map(String::from);
    nice_plug_xtask::main_with_args("cargo xtask", arguments)?;
    Bundles::in_folder(&target_folder().join("bundled"))
}

/// The release bundles, and the empty plug-in's file built of the very same crates.
pub fn bundle_beside_empty() -> anyhow::Result<(Bundles, PathBuf)> {
    let profile = Profile::Release;
    nice_plug_xtask::build(&[PACKAGE.into(), EMPTY.into()], &profile.arguments())?;
    let empty = library(&target_folder().join("release"), EMPTY);
    Ok((pack(profile)?, empty))
}

/// What cargo calls the library of `package`.
pub fn library(folder: &Path, package: &str) -> PathBuf {
    let name = package.replace('-', "_");
    folder.join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
}

/// Bundles the plug-in as it was built last.
pub fn pack(profile: Profile) -> anyhow::Result<Bundles> {
    let target = match profile {
        Profile::Dev => dev_target()?,
        Profile::Release => target_folder(),
    };
    nice_plug_xtask::bundle(&target, PACKAGE, &profile.arguments(), false)
        .context("bundling the plug-in")?;
    Bundles::in_folder(&target.join("bundled"))
}

/// A target folder of its own with the dev build in it, so that no dev bundle ever lies where
/// the release bundles do.
fn dev_target() -> anyhow::Result<PathBuf> {
    let target = dev_bundle_target();
    let file = |target: &Path| library(&target.join("debug"), PACKAGE);
    let (from, to) = (file(&target_folder()), file(&target));
    let copy = || {
        std::fs::create_dir_all(target.join("debug"))?;
        std::fs::copy(&from, &to)
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(target)
}
