//! `cargo xtask test`: every check there is, with a summary at the end.
//!
//! A failed step does not keep the later ones from running. The plug-in is built in the dev
//! profile, in which its audio thread aborts when it allocates.

use crate::bundle::pack;
use crate::lab;
use anyhow::{Context, bail, ensure};
use harmonai_workspace::{FOLDER, Profile, cargo, dev_bundle_folder, standalone_headers};
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// Only the tests whose names contain this; no format, no clippy
    filter: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    rust_components()?;
    let mut steps = Steps::default();
    if args.filter.is_none() {
        steps.cargo("format", &["fmt", "--all", "--check"]);
        let workspace = ["clippy", "--workspace", "--all-targets"];
        steps.cargo("clippy", &[&workspace[..], &DENY].concat());
    }
    // All packages at once, as the tests build them: alone, a package would be built of crates
    // with other features, and all of those a second time.
    steps.cargo("build", &["build", "--workspace"]);
    steps.step("bundle", || pack(Profile::Dev).map(drop));
    let mut tests = vec!["test", "--workspace", "--no-fail-fast"];
    tests.extend(args.filter.as_deref());
    steps.cargo("tests", &tests);
    if args.filter.is_none() {
        steps.lab("seed phrases", &["seeds", "--check"]);
        standalone(&mut steps);
        if cfg!(target_os = "linux") {
            steps.lab("hosts", &["daw", "--quick"]);
        }
    }
    steps.finish()
}

/// What follows clippy's arguments.
const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// The parts of Rust that the checks need.
fn rust_components() -> anyhow::Result<()> {
    for tool in ["fmt", "clippy"] {
        let found = cargo().args([tool, "--version"]).output();
        if !found.is_ok_and(|output| output.status.success()) {
            bail!("cargo {tool} is missing; run\n    rustup component add rustfmt clippy");
        }
    }
    Ok(())
}

/// The standalone app needs headers that the plug-in does not; only CI insists on them.
fn standalone(steps: &mut Steps) {
    match standalone_headers() {
        Err(missing) if std::env::var_os("CI").is_none() => {
            println!("\nLeft out: the standalone app. Reason: {missing}");
        }
        Err(missing) => steps.step("standalone", || Err(missing)),
        Ok(()) => {
            let app = ["clippy", "-p", "harmonai", "--all-targets"];
            let features = ["--features", "standalone"];
            steps.cargo("standalone", &[&app[..], &features, &DENY].concat());
        }
    }
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, bool, Duration)>,
}

impl Steps {
    fn cargo(&mut self, name: &'static str, arguments: &[&str]) {
        self.command(name, cargo().args(arguments));
    }

    /// A command of the lab, as the workspace's build has left it.
    fn lab(&mut self, name: &'static str, arguments: &[&str]) {
        let mut lab = Command::new(lab::program(Profile::Dev));
        self.command(name, lab.args(arguments));
    }

    fn command(&mut self, name: &'static str, command: &mut Command) {
        self.step(name, || {
            command.env(FOLDER, dev_bundle_folder());
            let status = command.status().context("it does not start")?;
            ensure!(status.success(), "{status}");
            Ok(())
        });
    }

    fn step(&mut self, name: &'static str, step: impl FnOnce() -> anyhow::Result<()>) {
        println!("\n== {name}");
        let started = Instant::now();
        let result = step();
        if let Err(error) = &result {
            eprintln!("{name} failed: {error:#}");
        }
        self.done.push((name, result.is_ok(), started.elapsed()));
    }

    fn finish(self) -> anyhow::Result<()> {
        println!("\n== summary");
        for (name, passed, time) in &self.done {
            let verdict = if *passed { "passed" } else { "FAILED" };
            println!("{verdict}  {name} ({:.0} s)", time.as_secs_f64());
        }
        let count = self.done.len();
        let failed = self.done.iter().filter(|(_, passed, _)| !passed).count();
        ensure!(failed == 0, "{failed} of {count} steps failed");
        println!("all {count} steps passed");
        Ok(())
    }
}
