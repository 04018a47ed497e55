//! What a run has come to, and the commands to go on with.
//!
//! Printed by the `train` command at its end. Main thread.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::journal::REPORT;
use crate::cli::output::quoted;
use crate::data::corpus::{Corpus, Split};
use crate::train::report::Outcome;

/// Every command is one that works with this run and this music, as it can be pasted into a shell.
pub fn text(outcome: &Outcome, out: &Path, data: &[PathBuf], corpus: &Corpus) -> String {
    let word = |path: &Path| quoted(&path.display().to_string());
    // As the program was called.
    let program = std::env::args().next().unwrap_or("training".into());
    let program = quoted(&program);
    let mut text = String::new();
    if let (Some((epoch, bits)), Some(best)) = (outcome.best_epoch, &outcome.best) {
        let (best, epochs) = (best.display(), outcome.epochs);
        text += &format!("best model: {best}\n  of epoch {epoch} of {epochs}: {bits}\n");
    }
    if let Some(patience) = outcome.patience {
        let epochs = outcome.epochs;
        text += &format!("ended after epoch {epochs}: {patience} epochs without a better one\n");
    }
    let _ = writeln!(text, "look at it:  {}", out.join(REPORT).display());
    if !outcome.finished {
        let out = word(out);
        return text + &format!("stopped; go on with:  {program} train --resume --out {out}\n");
    }
    let Some(best) = &outcome.best else {
        return text;
    };
    let best = word(best);
    let data: Vec<String> = data.iter().map(|path| word(path)).collect();
    let data = data.join(" ");
    let _ = writeln!(
        text,
        "hear it:     {program} generate --model {best} --phrase PHRASE.mid --out answer.mid"
    );
    // Of a small collection nothing is kept for measuring.
    let split = match (corpus.count(Split::Test), corpus.count(Split::Valid)) {
        (1.., _) => "",
        (0, 1..) => " --split valid",
        (0, 0) => " --split all",
    };
    text += &format!("measure it:  {program} eval --model {best} --data {data}{split}\n");
    if corpus.count(Split::Test) == 0 {
        text += "             (too few melodies to keep some for eval alone: these are known to \
                 the run)\n";
    }
    text + &format!("play it:     {program} install --model {best}\n")
}
