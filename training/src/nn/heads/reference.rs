//! The loss by Candle's operations: for graphics cards, and to check the hand-written one.
//!
//! Called by [`super::Heads`].

use candle_core::{D, Device, Result, Tensor};
use harmonai_core::model::memory::{self, Memory, Weights};
use harmonai_core::model::vocabulary::{Factor, NONE, Targets};

use rayon::prelude::*;

use super::{FactorWeights, Heads, Nll, SHARE, count};
use crate::data::batches::Batch;

/// Steps that a thread listens to at a time.
const CHUNK: usize = 64;

impl Heads {
    /// As [`Heads::run`].
    pub(super) fn reference(
        &self,
        hidden: &Tensor,
        weights: &Tensor,
        batch: &Batch,
    ) -> Result<(Tensor, Nll)> {
        let (device, targets) = (hidden.device(), &batch.targets[..]);
        let hidden = hidden.reshape(((), self.hidden))?;
        let mut loss = Tensor::zeros((), hidden.dtype(), device)?;
        let mut nll = Nll::default();
        for part in &*self.factors {
            let (factor, symbols) = (part.factor, part.factor.symbols());
            let k = factor.index();
            let matrix = |start: usize, rows: usize, columns: usize| {
                weights
                    .narrow(0, start, rows * columns)?
                    .reshape((rows, columns))
            };
            let mut logits = hidden
                .matmul(&matrix(part.weight, symbols, self.hidden)?.t()?)?
                .broadcast_add(&matrix(part.bias, 1, symbols)?)?;
            for (earlier, start) in &part.given {
                // A row of zeros for what is not known.
                let table = matrix(*start, earlier.symbols(), symbols)?;
                let zeros = Tensor::zeros((1, symbols), table.dtype(), device)?;
                let table = Tensor::cat(&[&table, &zeros], 0)?;
                let rows = column(targets, *earlier, earlier.symbols(), device)?;
                logits = (logits + table.index_select(&rows, 0)?)?;
            }
            let trust = hidden
                .matmul(&matrix(part.trust, 1, self.hidden)?.t()?)?
                .broadcast_add(&matrix(part.trust + self.hidden, 1, 1)?)?;
            let raised = (&logits + evidence(part, weights, &trust.flatten_all()?, batch)?)?;
            let known = |targets: &Targets| f32::from(targets[k] != NONE);
            let known = Tensor::from_iter(targets.iter().map(known), device)?;
            let wanted = column(targets, factor, 0, device)?.unsqueeze(1)?;
            let nats = |logits: Tensor| {
                let logs = candle_nn::ops::log_softmax(&logits, D::Minus1)?;
                logs.gather(&wanted, 1)?.squeeze(1)?.neg()? * &known
            };
            let (plain, with_memory) = (nats(logits)?, nats(raised)?);
            loss = (loss + (&plain + &with_memory)?.sum_all()?)?;
            nll.plain[k] = plain.to_vec1()?;
            nll.with_memory[k] = with_memory.to_vec1()?;
        }
        Ok(((loss * (f64::from(SHARE) / count(targets)))?, nll))
    }
}

/// What the memory adds to the logits of a factor, (step, symbol).
fn evidence(
    part: &FactorWeights,
    weights: &Tensor,
    trust: &Tensor,
    batch: &Batch,
) -> Result<Tensor> {
    let (factor, device) = (part.factor, weights.device());
    let symbols = factor.symbols();
    let Heard {
        steps,
        places,
        tables,
    } = hear(factor, batch);
    let size = batch.targets.len() * symbols;
    let none = Tensor::zeros(size, weights.dtype(), device)?;
    if steps.is_empty() {
        return none.reshape((batch.targets.len(), symbols));
    }
    let indices = |values: Vec<u32>| {
        let n = values.len();
        Tensor::from_vec(values, n, device)
    };
    let table = weights.narrow(0, part.tables, memory::TABLE_ROWS)?;
    let mut worth = trust.index_select(&indices(steps)?, 0)?;
    for places in tables {
        worth = (worth + table.index_select(&indices(places)?, 0)?)?;
    }
    let weight = worth.exp()?.minimum(memory::HEAVIEST)?;
    let sums = none.index_add(&indices(places)?, &weight, 0)?;
    (sums + 1.0)?.log()?.reshape((batch.targets.len(), symbols))
}

/// All offers of a factor in a batch.
#[derive(Default)]
struct Heard {
    /// The step of each.
    steps: Vec<u32>,
    /// Its place among the logits of all steps.
    places: Vec<u32>,
    /// Its places in the table of tables.
    tables: [Vec<u32>; 3],
}

/// Listens on all cores: however fast the card is, the memory is the processor's.
fn hear(factor: Factor, batch: &Batch) -> Heard {
    let even = Weights::new(&[0.0; memory::TABLE_ROWS]);
    let parts = batch.targets.par_chunks(CHUNK).enumerate().map_init(
        Memory::default,
        |memory, (chunk, targets)| {
            let mut heard = Heard::default();
            for (step, targets) in (chunk * CHUNK..).zip(targets) {
                if targets[factor.index()] == NONE {
                    continue;
                }
                let (events, onset, metre) = batch.past.at(step);
                memory.listen(events, onset, metre);
                memory.weigh(factor, targets, &even, 0.0);
                for (candidate, _) in memory.candidates() {
                    heard.steps.push(step as u32);
                    let place = step * factor.symbols() + usize::from(candidate.symbol);
                    heard.places.push(place as u32);
                    for (tables, at) in heard.tables.iter_mut().zip(candidate.rows) {
                        tables.push(at.into());
                    }
                }
            }
            heard
        },
    );
    // In the steps' order, however many threads there are.
    let mut all = Heard::default();
    for mut part in parts.collect::<Vec<_>>() {
        all.steps.append(&mut part.steps);
        all.places.append(&mut part.places);
        for (all, part) in all.tables.iter_mut().zip(&mut part.tables) {
            all.append(part);
        }
    }
    all
}

/// A factor's targets as indices; `none` where there is none.
fn column(targets: &[Targets], factor: Factor, none: usize, device: &Device) -> Result<Tensor> {
    let index = |targets: &Targets| match targets[factor.index()] {
        NONE => none as u32,
        symbol => u32::from(symbol),
    };
    Tensor::from_iter(targets.iter().map(index), device)
}
