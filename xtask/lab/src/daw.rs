//! `cargo xtask daw`: the built plug-in in hosts that others wrote, driven without a screen or a
//! sound card.
//!
//! A host is a file of its own with two functions: what it needs, and a visit to it, which gives
//! [`Findings`]. A host that is not installed is left out, and the table says so; asked for alone,
//! that is an error which names the packages.

mod ardour;
mod findings;
mod jack;
mod process;
mod python;
mod qtractor;
mod song;
mod sound;
mod standalone;
mod windows;

use crate::bundle::{Profile, bundle};
use crate::needs;
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use findings::{Findings, Outcome, table};
use harmonai_tests::Bundles;
use harmonai_tests::bundle::target_folder;
use python::Package;
use std::path::{Path, PathBuf};

/// What the command is told.
#[derive(clap::Args)]
pub struct Args {
    /// Which host
    #[arg(value_enum, default_value_t = Which::All)]
    host: Which,
    /// Where the sessions, the answers and the hosts' own words go [default: target/daw]
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    out: Option<PathBuf>,
    /// The plug-in as it was bundled last, in this folder, instead of a fresh build
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    bundles: Option<PathBuf>,
}

/// A host, or all of them.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Every one that is here, in some five minutes
    All,
    /// Ardour 7, VST3; a minute and a half
    Ardour,
    /// Qtractor on JACK, CLAP
    Qtractor,
    /// A Python package, which is fetched, VST3
    Dawdreamer,
    /// A Python package, which is fetched, VST3
    Pedalboard,
    /// The standalone app, on JACK
    Standalone,
}

impl Which {
    /// The hosts there are, in the order of the table.
    const HOSTS: [Self; 5] = [
        Self::Ardour,
        Self::Qtractor,
        Self::Dawdreamer,
        Self::Pedalboard,
        Self::Standalone,
    ];

    /// What is missing for it, and how to get it.
    fn needs(self) -> anyhow::Result<()> {
        match self {
            Self::All => Ok(()),
            Self::Ardour => needs::ardour(),
            Self::Qtractor => qtractor::needs(),
            Self::Dawdreamer => python::needs(Package::DawDreamer),
            Self::Pedalboard => python::needs(Package::Pedalboard),
            Self::Standalone => standalone::needs(),
        }
    }

    /// Does everything that is to be checked there.
    fn visit(self, visit: &Visit) -> anyhow::Result<Findings> {
        match self {
            Self::All => unreachable!("not a host"),
            Self::Ardour => ardour::visit(visit),
            Self::Qtractor => qtractor::visit(visit),
            Self::Dawdreamer => python::visit(Package::DawDreamer, visit),
            Self::Pedalboard => python::visit(Package::Pedalboard, visit),
            Self::Standalone => standalone::visit(visit),
        }
    }

    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What a host is given.
struct Visit {
    /// The plug-in, by absolute paths.
    bundles: Bundles,
    /// An empty folder for all that the host writes, by an absolute path.
    folder: PathBuf,
}

/// Where everything goes that hosts write.
fn papers() -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(target_folder().join("daw"))?)
}

/// For `cargo xtask test`: the hosts that are here, that are quick and that keep time on a busy machine.
pub fn quick(bundles: &Bundles) -> anyhow::Result<()> {
    let hosts = [Which::Ardour, Which::Pedalboard];
    let here = |host: &Which| match host {
        // To fetch it is the visit's, not the test's.
        Which::Pedalboard => python::are_here(),
        host => host.needs().is_ok(),
    };
    let (here, absent): (Vec<_>, Vec<_>) = hosts.into_iter().partition(here);
    for host in absent {
        println!(
            "left out: {0} is not here (`cargo xtask daw {0}`)",
            host.name()
        );
    }
    conclude(&all(&here, bundles, &papers()?.join("quick")))
}

/// The command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    needs::linker()?;
    let wanted = match args.host {
        Which::All => Which::HOSTS.to_vec(),
        host => {
            host.needs()?;
            vec![host]
        }
    };
    let bundles = match &args.bundles {
        Some(folder) => {
            Bundles::in_folder(folder).context("--bundles; without it they are built")?
        }
        None => bundle(Profile::Release)?,
    };
    let out = match &args.out {
        Some(folder) => folder.clone(),
        None => papers()?,
    };
    let outcomes = all(&wanted, &bundles, &out);
    print!("\n{}", table(&outcomes));
    println!("all that the hosts wrote: {}", out.display());
    conclude(&outcomes)?;
    if outcomes.iter().all(Outcome::left_out) {
        bail!("no host was visited");
    }
    Ok(())
}

fn all(hosts: &[Which], bundles: &Bundles, out: &Path) -> Vec<Outcome> {
    let visit = |host: &Which| one(*host, bundles, out.join(host.name()));
    hosts.iter().map(visit).collect()
}

fn conclude(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let failed: usize = outcomes.iter().map(Outcome::failed).sum();
    ensure!(failed == 0, "{failed} checks failed");
    Ok(())
}

fn one(host: Which, bundles: &Bundles, folder: PathBuf) -> Outcome {
    let name = host.name();
    println!(
        "\n== {name} (what it does there takes up to a minute and a half; the lines come at its end)"
    );
    if let Err(missing) = host.needs() {
        println!("left out: {missing}");
        return Outcome::LeftOut { name };
    }
    let visited = findings::empty(&folder).and_then(|()| {
        let bundles = bundles.clone();
        host.visit(&Visit { bundles, folder })
    });
    match visited {
        Ok(findings) => Outcome::Visited(findings),
        Err(error) => {
            eprintln!("{name} failed: {error:#}");
            Outcome::Broken { name }
        }
    }
}
