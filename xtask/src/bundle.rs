//! `cargo xtask bundle`: builds the plug-in and makes the bundles that hosts load. `install` and
//! `package` begin with it.

use anyhow::Context;
use cargo_metadata::MetadataCommand;
use harmonai_workspace::{Bundles, Profile, dev_bundle_target, target_folder, workspace};
use std::collections::BTreeSet;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

/// The package that is the plug-in.
const PACKAGE: &str = "harmonai";

#[derive(clap::Args)]
pub struct Args {
    /// How the plug-in is built: dev or release
    #[arg(long, default_value_t = Profile::Release)]
    profile: Profile,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    bundle(args.profile).map(drop)
}

/// Builds and bundles the plug-in in both formats.
pub fn bundle(profile: Profile) -> anyhow::Result<Bundles> {
    nice_plug_xtask::build(&[PACKAGE.into()], &options(profile))?;
    pack(profile)
}

/// The release bundles as users get them: with no path of this machine in them, and on a Mac for
/// both kinds of processor.
pub fn bundle_for_users() -> anyhow::Result<Bundles> {
    let mut options = options(Profile::Release);
    options.extend(["--config".into(), remapped_paths()?]);
    if cfg!(target_os = "macos") {
        let command = ["bundle-universal", PACKAGE].map(String::from);
        nice_plug_xtask::main_with_args("cargo xtask", command.into_iter().chain(options))?;
        return Bundles::in_folder(&target_folder().join("bundled"));
    }
    nice_plug_xtask::build(&[PACKAGE.into()], &options)?;
    pack(Profile::Release)
}

/// Bundles the plug-in as it was built last.
pub fn pack(profile: Profile) -> anyhow::Result<Bundles> {
    let target = match profile {
        Profile::Dev => dev_target()?,
        Profile::Release => target_folder(),
    };
    nice_plug_xtask::bundle(&target, PACKAGE, &options(profile), false)
        .context("bundling the plug-in")?;
    Bundles::in_folder(&target.join("bundled"))
}

/// What cargo is told of the profile.
fn options(profile: Profile) -> Vec<String> {
    match profile {
        // The bundler takes the name after --profile for the folder, which is "debug" here.
        Profile::Dev => Vec::new(),
        Profile::Release => vec!["--release".into()],
    }
}

/// A target folder of its own with the dev build in it, so that no dev bundle ever lies where
/// the release bundles do.
fn dev_target() -> anyhow::Result<PathBuf> {
    let target = dev_bundle_target();
    let name = format!("{DLL_PREFIX}{PACKAGE}{DLL_SUFFIX}");
    let file = |target: &Path| target.join("debug").join(&name);
    let (from, to) = (file(&target_folder()), file(&target));
    let copy = || {
        std::fs::create_dir_all(target.join("debug"))?;
        std::fs::copy(&from, &to)
    };
    copy().with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(target)
}

/// As a setting of cargo's: the folders that sources lie in here, which panics would name. Sources
/// of the workspace are named relative to it already, but for what its build scripts write.
fn remapped_paths() -> anyhow::Result<String> {
    let packages = MetadataCommand::new().exec()?.packages;
    let crates = packages.iter().filter(|package| package.source.is_some());
    let folders: BTreeSet<_> = crates
        .filter_map(|package| package.manifest_path.parent()?.parent())
        .map(|folder| format!("--remap-path-prefix={folder}=crates"))
        .collect();
    let own = format!("--remap-path-prefix={}=.", workspace().display());
    let flags: Vec<_> = folders.into_iter().chain([own]).collect();
    Ok(format!("build.rustflags={flags:?}"))
}
