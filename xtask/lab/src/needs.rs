//! The programs that visits and checks need, and how Debian or Ubuntu gets those that are missing.

use anyhow::bail;
use std::process::Command;

/// Valgrind; it also needs the C library's symbols.
pub fn valgrind() -> anyhow::Result<()> {
    let found = Command::new("valgrind").arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    bail!(
        "valgrind is missing; run\n    \
         sudo apt-get install -y --no-install-recommends valgrind libc6-dbg"
    )
}

/// Ardour 7, with its programs that run scripts, scan for plug-ins and render.
pub fn ardour() -> anyhow::Result<()> {
    let runs = |program: &str| {
        let found = Command::new(program).arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    };
    if ["ardour7-lua", "ardour7-export"].into_iter().all(runs) {
        return Ok(());
    }
    bail!("Ardour 7 is missing; run\n    sudo apt-get install -y --no-install-recommends ardour")
}

/// A screen for windows: a virtual one, or the current one.
pub fn screen() -> anyhow::Result<()> {
    let shown = std::env::var_os("DISPLAY").is_some_and(|name| !name.is_empty());
    if shown || is_program("Xvfb") {
        return Ok(());
    }
    bail!(
        "there is no screen; run\n    \
         sudo apt-get install -y --no-install-recommends xvfb"
    )
}

pub fn is_program(name: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}
