//! The lab: what measures the plug-in or visits hosts with it is a program of its own
//! (`xtask/lab`), so that no other command compiles hosts or the network.

use anyhow::Context;
use harmonai_workspace::{Profile, build, target_folder};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

/// Arguments that the lab reads, not this program.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl Args {
    pub fn ask_for_help(&self) -> bool {
        let mut help = ["-h", "--help", "help"].into_iter();
        help.any(|help| self.arguments.iter().any(|text| text == help))
    }
}

/// Builds the lab, passes this program's arguments on to it, and exits with its code. It runs in the
/// caller's folder, to which paths in its arguments are relative.
pub fn run(profile: Profile, caller: &Path) -> anyhow::Result<()> {
    let name = profile.to_string();
    build(&["--package", "harmonai-lab", "--profile", &name])?;
    let mut lab = Command::new(program(profile));
    lab.args(std::env::args_os().skip(1)).current_dir(caller);
    let status = lab.status();
    exit(status.context("starting the lab")?.code().unwrap_or(1))
}

/// The lab as it was built last.
pub fn program(profile: Profile) -> PathBuf {
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    let file = format!("harmonai-lab{}", std::env::consts::EXE_SUFFIX);
    target_folder().join(folder).join(file)
}
