//! What a build needs beside Rust, and how a fresh Debian or Ubuntu gets it.

use anyhow::bail;
use std::io::Write;
use std::process::{Command, Stdio};

/// A C compiler that links: Rust links with it. The plug-in finds X11 and OpenGL when it runs,
/// so their headers are not needed.
pub fn linker() -> anyhow::Result<()> {
    // Whatever goes wrong, the same packages set it right.
    if links().unwrap_or(false) {
        return Ok(());
    }
    bail!("{LINKER}")
}

fn links() -> std::io::Result<bool> {
    let mut cc = Command::new("cc")
        .args(["-x", "c", "-o", "/dev/null", "-", "-lm"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut source) = cc.stdin.take() {
        source.write_all(b"#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n")?;
    }
    Ok(cc.wait()?.success())
}

const LINKER: &str = "the C compiler `cc` is missing or cannot link; run\n    \
     sudo apt-get install -y --no-install-recommends gcc libc6-dev";

/// The parts of Rust that the checks need.
pub fn rust_components() -> anyhow::Result<()> {
    for tool in ["fmt", "clippy"] {
        let found = Command::new("cargo").args([tool, "--version"]).output();
        if !found.is_ok_and(|output| output.status.success()) {
            bail!("cargo {tool} is missing; run\n    rustup component add rustfmt clippy");
        }
    }
    Ok(())
}

/// Valgrind, and the C library's symbols, by which it knows what to replace.
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

/// The headers that the standalone app needs, beside the plug-in's needs; the text says how to
/// get them.
pub fn standalone() -> Result<(), &'static str> {
    let found = Command::new("pkg-config")
        .args(["--exists", "alsa", "jack"])
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err("the headers of ALSA and JACK are missing; run\n    \
         sudo apt-get install -y --no-install-recommends pkg-config libasound2-dev libjack-jackd2-dev")
}

/// Ardour 7, with the programs beside its window: those that run scripts, look for plug-ins and render.
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

/// A screen for windows: one of our own, or the one there is.
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

/// Whether there is such a program.
pub fn is_program(name: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}
