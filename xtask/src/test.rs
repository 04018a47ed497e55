//! `cargo xtask test`: every check there is, with a summary at the end.
//!
//! A failed step does not keep the later ones from running. The plug-in is built in the dev
//! profile, in which its audio thread aborts when it allocates.

use crate::bundle::{Profile, pack};
use crate::needs;
use anyhow::{Context, ensure};
#[cfg(target_os = "linux")]
use harmonai_tests::Bundles;
use harmonai_tests::bundle::{FOLDER, cargo, dev_bundle_folder};
use std::time::{Duration, Instant};

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {
    /// Only the tests whose names contain this; no format, no clippy
    filter: Option<String>,
}

/// The command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    needs::linker()?;
    needs::rust_components()?;
    let mut steps = Steps::default();
    if args.filter.is_none() {
        steps.cargo("format", &["fmt", "--all", "--check"]);
        let strict = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        steps.cargo("clippy", &strict);
        steps.step("seed phrases", || {
            crate::seed_files::run(&crate::seed_files::Args { check: true })
        });
    }
    // All packages at once, as the tests build them: alone, the plug-in would be built of crates
    // with other features, and all of those a second time.
    steps.cargo("build", &["build", "--workspace"]);
    steps.step("bundle", || pack(Profile::Dev).map(drop));
    let mut tests = vec!["test", "--workspace", "--no-fail-fast"];
    tests.extend(args.filter.as_deref());
    steps.cargo("tests", &tests);
    if args.filter.is_none() {
        standalone(&mut steps);
        #[cfg(target_os = "linux")]
        steps.step("hosts", || {
            crate::daw::quick(&Bundles::in_folder(&dev_bundle_folder())?)
        });
    }
    steps.finish()
}

/// The standalone app needs headers that the plug-in does not; only CI insists on them.
fn standalone(steps: &mut Steps) {
    let arguments = [
        "clippy",
        "-p",
        "harmonai",
        "--features",
        "standalone",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    match needs::standalone() {
        Ok(()) => steps.cargo("standalone", &arguments),
        Err(missing) if std::env::var_os("CI").is_some() => {
            steps.step("standalone", || anyhow::bail!(missing));
        }
        Err(missing) => println!("\nLeft out: the standalone app. Reason: {missing}"),
    }
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, bool, Duration)>,
}

impl Steps {
    fn cargo(&mut self, name: &'static str, arguments: &[&str]) {
        self.step(name, || {
            let mut command = cargo();
            command.args(arguments).env(FOLDER, dev_bundle_folder());
            let status = command.status().context("starting cargo")?;
            ensure!(status.success(), "cargo {}: {status}", arguments.join(" "));
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
        let failed: Vec<_> = self.done.iter().filter(|(_, passed, _)| !passed).collect();
        ensure!(
            failed.is_empty(),
            "{} of {} steps failed",
            failed.len(),
            self.done.len()
        );
        println!("all {} steps passed", self.done.len());
        Ok(())
    }
}
