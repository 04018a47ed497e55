//! What a run has gained that goes on from a model: the model's figures before, and a word where
//! those after are no better.
//!
//! Called by the trainer when a run begins and when it has ended.

use anyhow::Result;
use harmonai_core::music::melody::Melody;

use super::{Progress, TrainOptions, Trainer, measure};

impl Trainer {
    /// Measures the model that the run begins from, once.
    pub(super) fn look_back(
        &mut self,
        valid: &[Melody],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<()> {
        if self.options.base.is_none() || valid.is_empty() {
            return Ok(());
        }
        let TrainOptions {
            batch, sequence, ..
        } = self.options;
        let before = match self.place.before {
            Some(before) => before,
            None => measure(&self.model, valid, batch, sequence)?,
        };
        self.place.before = Some(before);
        progress(Progress::Before(before));
        Ok(())
    }

    /// Says so where nothing was gained by going on from a model.
    pub(super) fn compare(&self, progress: &mut dyn FnMut(Progress)) {
        let (Some(before), Some(best)) = (self.place.before, self.place.best()) else {
            return;
        };
        if best.valid.sum() >= before.sum() {
            progress(Progress::Warning(format!(
                "it foresees the tunes that it did not learn from no better than before ({:.3} bits a \
                 note, then {:.3}): the model knew such music, or there is too little of it",
                before.sum(),
                best.valid.sum()
            )));
        }
    }
}
