//! A running mean of the weights, beside the weights that learn.
//!
//! Each step of the optimiser throws the weights about a little; their mean over the last batches
//! lies nearer to the middle. Kept by the trainer where it is asked for, on its thread.

use anyhow::Result;

use crate::nn::model::Model;

/// The mean of the weights over about this many of the last batches.
#[derive(Clone, Debug)]
pub struct Average {
    pub batches: u32,
    /// The means; a new run begins with none.
    pub values: Vec<Vec<f32>>,
}

impl Average {
    /// Takes the weights in as they are after `step` steps.
    pub fn add(&mut self, step: u64, weights: Vec<Vec<f32>>) {
        if self.values.is_empty() {
            self.values = weights;
            return;
        }
        // A young mean is of the few batches that there were, so that the random weights of the
        // beginning are soon forgotten.
        let share = 1.0 / (step as f32 / 8.0 + 1.0).min(self.batches as f32);
        for (means, weights) in self.values.iter_mut().zip(&weights) {
            for (mean, weight) in means.iter_mut().zip(weights) {
                *mean += share * (weight - *mean);
            }
        }
    }
}

/// What `f` makes of the network with the mean of its weights, where that is kept.
pub fn with_averaged_weights<R>(
    average: &Option<Average>,
    model: &Model,
    f: impl FnOnce(&Model) -> Result<R>,
) -> Result<R> {
    let means = average.as_ref().map(|average| &average.values);
    // Before the first batch there is none.
    let Some(means) = means.filter(|means| !means.is_empty()) else {
        return f(model);
    };
    let weights = model.values()?;
    model.set_values(means)?;
    let result = f(model);
    model.set_values(&weights)?;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_follows_and_forgets_the_beginning() {
        let mut average = Average {
            batches: 10,
            values: Vec::new(),
        };
        average.add(1, vec![vec![100.0, 1.0]]);
        assert_eq!(average.values, [vec![100.0, 1.0]]);
        for step in 2..200 {
            average.add(step, vec![vec![0.0, 1.0]]);
        }
        let found = average.values[0].clone();
        assert!(found[0] < 1e-3 && found[1] == 1.0, "{found:?}");
        // Once it is old, a tenth of the way each batch.
        average.add(200, vec![vec![1.0, 2.0]]);
        assert!((average.values[0][1] - 1.1).abs() < 1e-6);
    }
}
