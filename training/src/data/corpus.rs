//! Music files as melodies, each in the training, validation or test part.
//!
//! [`Corpus::read`] is called by the `train` and `eval` commands. Files are read on several threads
//! and kept in the order in which they were found.

mod abc;
mod bars;
#[cfg(test)]
mod broken;
pub mod formats;
mod jsonl;
mod line;
mod midi;
mod moves;
mod musicxml;
mod notated;
mod piece;
mod reading;
mod remarks;
mod search;
mod split;
mod text;
mod voice;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use anyhow::{Result, bail};
use harmonai_core::music::melody::Melody;
use rayon::prelude::*;

pub use midi::load as load_song;
pub use moves::{MoveFigures, Moves};
pub use piece::Piece;
pub use remarks::{Reason, Remark, Remarks};
pub use split::Split;
pub use voice::phrase;

use reading::Reading;

/// All melodies of the files and folders that the user named.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The melodies, in the order of the files.
    pub pieces: Vec<Piece>,
    /// What was left out or mended.
    pub remarks: Remarks,
}

impl Corpus {
    /// Reads every music file in `paths`. An error where a path is not there or nothing in all of
    /// them is a melody.
    pub fn read(paths: &[PathBuf]) -> Result<Self> {
        let mut remarks = Remarks::default();
        let files = search::find(paths, &mut remarks)?;
        remarks.files = files.len();
        let readings = files.par_iter().map(|(file, format)| (format.read)(file));
        let readings: Vec<Reading> = readings.collect();
        let mut pieces = Vec::new();
        for reading in readings {
            remarks.without_melody += usize::from(reading.pieces.is_empty());
            pieces.extend(reading.pieces);
            remarks.list.extend(reading.remarks);
        }
        for piece in pieces.iter_mut().filter(|piece| !piece.split_is_given) {
            piece.split = Split::by_key(piece.key);
        }
        if pieces.is_empty() {
            let named = paths.iter().map(|path| path.display().to_string());
            let named = named.collect::<Vec<_>>().join(", ");
            let remarks = format!("\n{}", remarks.summary());
            let remarks = remarks.trim_end();
            if files.is_empty() {
                let endings = formats::endings();
                bail!("no music in {named}: it has none of {endings}{remarks}");
            }
            bail!("no melody in {named}; left out were{remarks}");
        }
        Ok(Self { pieces, remarks })
    }

    /// Leaves out of training, and counts, every melody equal but for its key to another one, in
    /// whatever part: so nothing is learnt twice, and nothing of what is held out.
    pub fn without_duplicates(mut self) -> Self {
        let held = self
            .pieces
            .iter()
            .filter(|piece| piece.split != Split::Train);
        let mut seen: HashSet<u64> = held.map(|piece| piece.fingerprint).collect();
        let before = self.pieces.len();
        self.pieces
            .retain(|piece| piece.split != Split::Train || seen.insert(piece.fingerprint));
        self.remarks.duplicates += before - self.pieces.len();
        self
    }

    /// Sees to it that there is music to learn from and music to choose the best checkpoint by,
    /// where the files do not say it and chance gave one side nothing. Returns what it did, to be
    /// told. What a file marks as valid or test is never learnt.
    pub fn balance(&mut self) -> Option<String> {
        if self.count(Split::Train) == 0 {
            for piece in self.pieces.iter_mut().filter(|piece| !piece.split_is_given) {
                piece.split = Split::Train;
            }
        }
        // The smallest keys: the same melodies whenever the corpus is the same, with or without
        // duplicates, and all voices of a song together.
        let prints: BTreeSet<u64> = self.of(Split::Train).map(|piece| piece.key).collect();
        if self.count(Split::Valid) > 0 || prints.len() < 2 {
            return None;
        }
        let count = (prints.len() / 20).max(1);
        let held: BTreeSet<u64> = prints.iter().take(count).copied().collect();
        for piece in &mut self.pieces {
            if piece.split == Split::Train && held.contains(&piece.key) {
                piece.split = Split::Valid;
            }
        }
        let all = prints.len();
        Some(format!(
            "{count} of {all} melodies kept out of training to choose the best epoch by"
        ))
    }

    /// The pieces of a part.
    pub fn of(&self, part: Split) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(move |piece| piece.split == part)
    }

    pub fn count(&self, part: Split) -> usize {
        self.of(part).count()
    }

    pub fn melodies(&self, part: Split) -> Vec<Melody> {
        self.of(part).map(|piece| piece.melody.clone()).collect()
    }

    /// What the melodies of one part are, a line for each source with its credits.
    pub fn sources(&self, part: Split) -> Vec<String> {
        let mut sources: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for piece in self.of(part) {
            let credit = piece.credit.as_deref().unwrap_or_default();
            let (melodies, notes) = sources.entry((&piece.source, credit)).or_default();
            *melodies += 1;
            *notes += piece.melody.notes().len();
        }
        let line = |((source, credit), (melodies, notes)): ((&str, &str), (usize, usize))| {
            let between = if credit.is_empty() { "" } else { "; " };
            format!("{source}: {melodies} melodies, {notes} notes{between}{credit}")
        };
        sources.into_iter().map(line).collect()
    }

    /// Names of the styles that there is something to learn of, sorted.
    pub fn styles(&self) -> Vec<String> {
        let styles = self
            .of(Split::Train)
            .filter_map(|piece| piece.melody.style());
        let styles: BTreeSet<&str> = styles.collect();
        styles.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(lines: &[&str]) -> Corpus {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tunes.jsonl");
        std::fs::write(&path, lines.join("\n")).unwrap();
        Corpus::read(&[path]).unwrap()
    }

    #[test]
    fn the_same_tune_in_another_key_is_left_out_of_training() {
        let corpus = corpus(&[
            r#"{"notes":[[0,60,12],[12,62,12],[24,64,24]],"split":"train"}"#,
            r#"{"notes":[[0,60,12],[12,62,12],[24,65,24]],"split":"train"}"#,
            r#"{"notes":[[0,67,12],[12,69,12],[24,71,24]],"split":"test"}"#,
            r#"{"notes":[[0,67,12],[12,69,12],[24,72,24]],"split":"train"}"#,
        ]);
        let kept = corpus.without_duplicates();
        assert_eq!(kept.remarks.duplicates, 2);
        let splits: Vec<_> = kept.pieces.iter().map(|piece| piece.split).collect();
        assert_eq!(splits, [Split::Train, Split::Test]);
        assert_eq!(kept.pieces[0].melody.notes()[2].pitch.get(), 65);
    }

    #[test]
    fn a_small_corpus_still_has_a_validation_tune() {
        let lines: Vec<String> = (1..9)
            .map(|k| format!(r#"{{"notes":[[0,60,12],[{},64,24]]}}"#, k * 12))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut corpus = corpus(&lines);
        corpus
            .pieces
            .iter_mut()
            .for_each(|piece| piece.split = Split::Train);
        let again = corpus.clone();
        assert!(corpus.balance().is_some());
        assert_eq!(corpus.melodies(Split::Valid).len(), 1);
        assert_eq!(corpus.melodies(Split::Train).len(), 7);
        let mut turned = again;
        turned.pieces.reverse();
        turned.balance();
        assert_eq!(turned.melodies(Split::Valid), corpus.melodies(Split::Valid));
    }

    #[test]
    fn what_is_marked_for_testing_is_never_learnt() {
        let mut marked = corpus(&[
            r#"{"notes":[[0,60,12],[12,62,12]],"split":"test"}"#,
            r#"{"notes":[[0,60,12],[24,62,12]],"split":"valid"}"#,
        ]);
        marked.balance();
        assert_eq!(marked.count(Split::Train), 0);
        let mut free = corpus(&[r#"{"notes":[[0,60,12],[12,62,12]]}"#]);
        free.pieces[0].split = Split::Test;
        free.balance();
        assert_eq!(free.melodies(Split::Train).len(), 1);
    }

    #[test]
    fn nothing_but_rubbish_is_an_error_that_says_where_and_why() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.mid"), "no midi").unwrap();
        let error = Corpus::read(&[folder.path().to_path_buf()])
            .unwrap_err()
            .to_string();
        let named = folder.path().display().to_string();
        assert!(error.contains(&named) && error.contains("x.mid"), "{error}");
    }
}
