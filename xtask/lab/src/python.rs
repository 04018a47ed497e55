//! Virtual environments for Python packages: engines to compare with, and hosts.
//!
//! They are made in the target folder when they are first needed, and kept.

use crate::needs::INSTALL;
use anyhow::{Context, ensure};
use harmonai_workspace::target_folder;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python of the environment `name`, with these packages, each by its name or as `name==version`.
pub fn environment(name: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let folder = folder(name)?;
    let python = python(&folder);
    if has(&python, packages) {
        return Ok(python);
    }
    let all = packages.join(" ");
    let mut venv = Command::new("python3");
    let made = venv.args(["-m", "venv"]).arg(&folder).output();
    ensure!(
        made.is_ok_and(|made| made.status.success()),
        "python3 cannot make a virtual environment; {INSTALL} python3-venv"
    );
    eprintln!("fetching {all} into {}", folder.display());
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet"]).args(packages);
    let output = pip.output().with_context(|| python.display().to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success() && has(&python, packages),
        "the packages cannot be fetched; where there is a network, run\n    {} -m pip install {all}\n{}",
        python.display(),
        said.lines().last().unwrap_or_default()
    );
    Ok(python)
}

/// Whether that environment has been made already.
pub fn is_installed(name: &str, packages: &[&str]) -> bool {
    folder(name).is_ok_and(|folder| has(&python(&folder), packages))
}

fn folder(name: &str) -> std::io::Result<PathBuf> {
    std::path::absolute(target_folder().join(name))
}

fn python(environment: &Path) -> PathBuf {
    environment.join(match cfg!(windows) {
        true => "Scripts/python.exe",
        false => "bin/python",
    })
}

fn has(python: &Path, packages: &[&str]) -> bool {
    let mut code = "from importlib.metadata import version".to_owned();
    for package in packages {
        code += &match package.split_once("==") {
            Some((name, number)) => format!("; assert version('{name}') == '{number}'"),
            None => format!("; version('{package}')"),
        };
    }
    let output = Command::new(python).args(["-c", &code]).output();
    output.is_ok_and(|output| output.status.success())
}
