//! `cargo xtask daw`: the built plug-in in other people's hosts, driven without a screen or a sound
//! card.
//!
//! A host is a file of its own with two functions: what it needs, and a visit to it, which gives
//! [`Findings`]. A host that is not installed is left out, and the table says so; asked for alone,
//! that is an error which names the packages to install.

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

use crate::needs;
use anyhow::{Context, ensure};
use clap::ValueEnum;
use findings::{Findings, Outcome, table};
use harmonai_workspace::{Bundles, FOLDER, Profile, target_folder};
use python::Package;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Which host
    #[arg(value_enum, default_value_t = Which::All)]
    host: Which,
    /// Of all hosts only those that are installed, quick and fit for a busy machine
    #[arg(long)]
    quick: bool,
    /// Folder for the sessions, the answers and the hosts' logs [default: target/daw]
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    out: Option<PathBuf>,
    /// Folder with the bundles to try, instead of a fresh build
    #[arg(long, value_name = "FOLDER", value_parser = crate::path)]
    bundles: Option<PathBuf>,
}

/// A host, or all of them in this order.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Every host that is installed, in about five minutes
    All,
    /// Ardour 7, VST3; a minute and a half
    Ardour,
    /// Qtractor on JACK, CLAP
    Qtractor,
    /// A Python package, downloaded at first, VST3
    Dawdreamer,
    /// A Python package, downloaded at first, VST3
    Pedalboard,
    /// The standalone app, on JACK
    Standalone,
}

impl Which {
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

    /// Checks everything that there is to check in it.
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

pub fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = match args.host {
        Which::All if args.quick => quick_hosts(),
        Which::All => {
            let hosts = Which::value_variants().iter().copied();
            hosts.filter(|host| *host != Which::All).collect()
        }
        host => {
            host.needs()?;
            vec![host]
        }
    };
    let bundles = match (&args.bundles, std::env::var_os(FOLDER)) {
        (Some(folder), _) => Bundles::in_folder(folder).context("--bundles")?,
        // Those that the system tests play.
        (None, Some(_)) => Bundles::find()?.clone(),
        (None, None) => Bundles::build(Profile::Release)?,
    };
    let out = match &args.out {
        Some(folder) => folder.clone(),
        None => std::path::absolute(target_folder().join("daw"))?,
    };
    let visit = |host: &Which| visit(*host, &bundles, out.join(host.name()));
    let outcomes: Vec<_> = wanted.iter().map(visit).collect();
    print!("\n{}", table(&outcomes));
    println!("everything that the hosts wrote: {}", out.display());
    let failed: usize = outcomes.iter().map(Outcome::failed).sum();
    ensure!(failed == 0, "{failed} checks failed");
    let visited = args.quick || !outcomes.iter().all(Outcome::left_out);
    ensure!(visited, "no host was visited");
    Ok(())
}

/// The hosts that are installed, that are quick and that keep time on a busy machine.
fn quick_hosts() -> Vec<Which> {
    let installed = |host: &Which| match host {
        // Its visit would fetch it.
        Which::Pedalboard => python::are_installed(),
        host => host.needs().is_ok(),
    };
    let (installed, absent): (Vec<_>, Vec<_>) = [Which::Ardour, Which::Pedalboard]
        .into_iter()
        .partition(installed);
    for host in absent {
        let name = host.name();
        println!("left out: {name} is not installed (`cargo xtask daw {name}`)");
    }
    installed
}

fn visit(host: Which, bundles: &Bundles, folder: PathBuf) -> Outcome {
    let name = host.name();
    println!("\n== {name}");
    if let Err(missing) = host.needs() {
        println!("left out: {missing}");
        return Outcome::LeftOut(name);
    }
    let visited = findings::empty(&folder).and_then(|()| {
        let bundles = bundles.clone();
        host.visit(&Visit { bundles, folder })
    });
    match visited {
        Ok(findings) => Outcome::Visited(findings),
        Err(error) => {
            eprintln!("{name} failed: {error:#}");
            Outcome::Broken(name)
        }
    }
}
