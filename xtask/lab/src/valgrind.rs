//! `cargo xtask valgrind`: data races between the threads, and memory left by loading and unloading.
//!
//! Too slow to be part of `cargo xtask test`.

use crate::needs;
use anyhow::{Context, ensure};
use harmonai_workspace::{Bundles, Profile, build, target_folder};
use std::path::Path;
use std::process::{Command, ExitStatus};

/// False positives of DRD, with the reasons.
const NO_RACES: &str = "xtask/lab/src/valgrind/races.supp";

/// Valgrind's exit code where it has found something.
const FOUND: i32 = 99;

pub fn run() -> anyhow::Result<()> {
    needs::valgrind()?;
    races().context("data races")?;
    memory().context("memory")
}

/// The seams between threads under pressure, in DRD. That it does find a race is tried too.
fn races() -> anyhow::Result<()> {
    // Not optimised, so that atomic operations keep their names.
    let plain = ["--config", "profile.dev.opt-level=0"];
    let stress = ["--package", "harmonai", "--example", "stress"];
    build(&[plain.as_slice(), &stress].concat())?;
    let stress = target_folder().join("debug/examples/stress");
    let suppressions = format!("--suppressions={NO_RACES}");
    let drd = |name: &str, arguments: &[&str]| {
        let tool = ["--tool=drd", "--num-callers=20", &suppressions];
        valgrind(name, &tool, &stress, arguments)
    };
    let (status, log) = drd("races", &[])?;
    ensure!(status.success(), "{status}:\n{log}");
    let (status, _) = drd("race-on-purpose", &["--broken"])?;
    let found = status.code() == Some(FOUND);
    ensure!(found, "the race on purpose: {status}");
    println!("No data race; the one made on purpose was found.");
    Ok(())
}

/// Both formats loaded, played and unloaded three times and ten times: no invalid access, and what
/// is never freed (statics, which are not dropped) is the same both times.
fn memory() -> anyhow::Result<()> {
    let bundles = Bundles::build(Profile::Dev)?;
    build(&["--package", "harmonai-tests", "--example", "reload"])?;
    let reload = target_folder().join("debug/examples/reload");
    let left = |rounds: &str| {
        let tool = ["--leak-check=full", "--errors-for-leak-kinds=none"];
        let [clap, vst3] = [&bundles.clap, &bundles.vst3].map(|path| path.to_string_lossy());
        let name = format!("memory-{rounds}");
        let (status, log) = valgrind(&name, &tool, &reload, &[rounds, &clap, &vst3])?;
        ensure!(status.success(), "{status}:\n{log}");
        summary(&log).context("valgrind gave no summary")
    };
    let (few, many) = (left("3")?, left("10")?);
    ensure!(few == many, "left after 3 rounds:\n{few}after 10:\n{many}");
    println!("No wrong access to memory. Left after 3 rounds and after 10:\n{many}");
    Ok(())
}

/// What is left at the end: a line for each kind of leak.
fn summary(log: &str) -> Option<String> {
    let kinds = ["definitely", "indirectly", "possibly", "still"];
    let kind = |kind: &&str| {
        let line = log
            .lines()
            .rfind(|line| line.contains(&format!("{kind} ")) && line.contains(" bytes in "))?;
        Some(format!("{}\n", line.split("== ").nth(1)?.trim()))
    };
    kinds.iter().map(kind).collect()
}

/// Runs the program; valgrind's findings go to a log in the target folder.
fn valgrind(
    name: &str,
    tool: &[&str],
    program: &Path,
    arguments: &[&str],
) -> anyhow::Result<(ExitStatus, String)> {
    let folder = target_folder().join("valgrind");
    std::fs::create_dir_all(&folder)?;
    let log = folder.join(format!("{name}.log"));
    let status = Command::new("valgrind")
        .args(tool)
        .arg(format!("--error-exitcode={FOUND}"))
        .arg(format!("--log-file={}", log.display()))
        .arg(program)
        .args(arguments)
        .status()
        .context("valgrind")?;
    let text = std::fs::read_to_string(&log).with_context(|| log.display().to_string())?;
    Ok((status, text))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn the_last_summary_counts_kind_by_kind() {
        let log = "\
==7== 8 bytes in 1 blocks are still reachable in loss record 1 of 4
==7== LEAK SUMMARY:
==7==    definitely lost: 0 bytes in 0 blocks
==7==    indirectly lost: 0 bytes in 0 blocks
==7==      possibly lost: 636 bytes in 9 blocks
==7==    still reachable: 75,137 bytes in 42 blocks
";
        let expect = "\
definitely lost: 0 bytes in 0 blocks
indirectly lost: 0 bytes in 0 blocks
possibly lost: 636 bytes in 9 blocks
still reachable: 75,137 bytes in 42 blocks
";
        assert_eq!(summary(log).as_deref(), Some(expect));
        assert_eq!(summary("==7== Memcheck"), None);
    }
}
