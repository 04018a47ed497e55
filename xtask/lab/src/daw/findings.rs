//! The results of a visit, and the table of all hosts.

use anyhow::Context;
use std::fmt::Write as _;
use std::path::Path;

/// The results of the checks in one host.
pub struct Findings {
    /// Name and version.
    host: String,
    format: &'static str,
    /// Each check, and whether it passed.
    checks: Vec<(&'static str, bool)>,
}

impl Findings {
    pub fn new(host: String, format: &'static str) -> Self {
        Self {
            host,
            format,
            checks: Vec::new(),
        }
    }

    /// Runs a check and prints its result. The text of a check that passes gives what was seen, in
    /// numbers.
    pub fn check(&mut self, what: &'static str, check: impl FnOnce() -> anyhow::Result<String>) {
        let result = check();
        match &result {
            Ok(seen) => println!("passed  {what}: {seen}"),
            Err(error) => println!("FAILED  {what}: {error:#}"),
        }
        self.checks.push((what, result.is_ok()));
    }
}

pub enum Outcome {
    Visited(Findings),
    /// The visit did not reach its end.
    Broken(String),
    /// The host is not installed.
    LeftOut(String),
}

impl Outcome {
    /// How many failures it counts as.
    pub fn failed(&self) -> usize {
        match self {
            Self::Visited(findings) => findings.checks.iter().filter(|(_, held)| !held).count(),
            Self::Broken(_) => 1,
            Self::LeftOut(_) => 0,
        }
    }

    pub fn left_out(&self) -> bool {
        matches!(self, Self::LeftOut(_))
    }
}

pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut line = |host: &str, format: &str, verdict: &str, checks: &str| {
        let _ = writeln!(text, "{host:<26} {format:<14} {verdict:<9} {checks}");
    };
    line("host", "format", "verdict", "checks");
    for outcome in outcomes {
        match outcome {
            Outcome::LeftOut(name) => line(name, "", "left out", "not installed"),
            Outcome::Broken(name) => line(name, "", "FAILED", "the visit came to no end"),
            Outcome::Visited(findings) => {
                let wrong = findings.checks.iter().filter(|(_, held)| !held);
                let wrong: Vec<_> = wrong.map(|(what, _)| *what).collect();
                let count = findings.checks.len();
                if wrong.is_empty() {
                    let what: Vec<_> = findings.checks.iter().map(|(what, _)| *what).collect();
                    let what = format!("{count} of {count}: {}", what.join(", "));
                    line(&findings.host, findings.format, "passed", &what);
                } else {
                    let what = format!("not: {}", wrong.join(", "));
                    line(&findings.host, findings.format, "FAILED", &what);
                }
            }
        }
    }
    text
}

/// Makes `folder` an empty folder.
pub fn empty(folder: &Path) -> anyhow::Result<()> {
    let make = || {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)
    };
    make().with_context(|| format!("making {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_tells_apart_what_held_what_failed_and_what_was_not_tried() {
        let mut good = Findings::new("Good 1.0".into(), "CLAP");
        good.check("loads", || Ok("1 plug-in".into()));
        let mut bad = Findings::new("Bad 2.0".into(), "VST3");
        bad.check("loads", || Ok("1 plug-in".into()));
        bad.check("plays", || anyhow::bail!("no notes"));
        let name = || "absent".to_owned();
        let outcomes = [
            Outcome::Visited(good),
            Outcome::Visited(bad),
            Outcome::LeftOut(name()),
            Outcome::Broken(name()),
        ];
        let failed: Vec<_> = outcomes.iter().map(Outcome::failed).collect();
        assert_eq!(failed, [0, 1, 0, 1]);
        let text = table(&outcomes);
        assert!(
            text.contains("1 of 1: loads") && text.contains("not: plays"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 5, "{text}");
    }
}
