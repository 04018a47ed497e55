//! The programs that visits and checks need, and how Debian or Ubuntu gets those that are missing.

use anyhow::ensure;
use std::process::Command;

/// How Debian and Ubuntu install packages.
pub const INSTALL: &str = "run\n    sudo apt-get install -y --no-install-recommends";

/// Valgrind; it also needs the C library's symbols.
pub fn valgrind() -> anyhow::Result<()> {
    let found = runs("valgrind");
    ensure!(found, "valgrind is missing; {INSTALL} valgrind libc6-dbg");
    Ok(())
}

/// Ardour 7, with its programs that run scripts, scan for plug-ins and render.
pub fn ardour() -> anyhow::Result<()> {
    let found = runs("ardour7-lua") && runs("ardour7-export");
    ensure!(found, "Ardour 7 is missing; {INSTALL} ardour");
    Ok(())
}

/// A screen for windows: a virtual one, or the current one.
pub fn screen() -> anyhow::Result<()> {
    let shown = std::env::var_os("DISPLAY").is_some_and(|name| !name.is_empty());
    let found = shown || is_program("Xvfb");
    ensure!(found, "there is no screen; {INSTALL} xvfb");
    Ok(())
}

fn runs(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}

pub fn is_program(name: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}
