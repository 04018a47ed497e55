//! Input embedding: the sum of one row per feature, in the order of the network's list.
//!
//! The tables of all features lie in one flat tensor, one after the other. On the processor
//! lookup, sum and dropout are one Candle operation with a hand-written backward pass; elsewhere
//! Candle's own operations do it. Called by the model.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor};
use harmonai_core::model::config::Config;
use rayon::prelude::*;

use crate::nn::dropout::Dropout;
use crate::nn::simd::add;
use crate::nn::tensors::{slice, with_slice};

/// The tables' sizes.
#[derive(Clone, Debug)]
pub struct Embedding {
    width: usize,
    /// Of each feature that is read.
    symbols: Vec<usize>,
}

impl Embedding {
    /// As a network of this shape has them.
    pub fn new(config: &Config) -> Self {
        Self {
            width: config.embedding(),
            symbols: config
                .features()
                .iter()
                .map(|it| config.symbols(*it))
                .collect(),
        }
    }

    /// Values of all tables together.
    pub fn parameters(&self) -> usize {
        self.symbols.iter().sum::<usize>() * self.width
    }

    /// The row of the joined tables at which each feature's own table begins.
    fn starts(&self) -> Vec<usize> {
        let mut end = 0;
        let starts = self.symbols.iter().map(|symbols| {
            end += symbols;
            end - symbols
        });
        starts.collect()
    }

    /// The vectors (time, row, width) for what is read at each (time, row), dropped.
    pub fn run(
        &self,
        tables: &Tensor,
        inputs: &Arc<Vec<u16>>,
        rows: usize,
        dropout: Dropout,
    ) -> Result<Tensor> {
        let time = inputs.len() / self.symbols.len() / rows;
        let shape = (time, rows, self.width);
        if tables.device().is_cpu() {
            let run = SumOp {
                sizes: self.clone(),
                inputs: inputs.clone(),
                dropout,
            };
            return tables.apply_op1(run)?.reshape(shape);
        }
        self.reference(tables, inputs, dropout)?.reshape(shape)
    }

    /// The same by Candle's operations.
    fn reference(&self, tables: &Tensor, inputs: &[u16], dropout: Dropout) -> Result<Tensor> {
        let (device, starts) = (tables.device(), self.starts());
        let tables = tables.reshape(((), self.width))?;
        let mut sum: Option<Tensor> = None;
        for (feature, start) in starts.iter().enumerate() {
            let read = inputs.iter().skip(feature).step_by(starts.len());
            let row = |symbol: &u16| (start + usize::from(*symbol)) as u32;
            let rows = Tensor::from_iter(read.map(row), device)?;
            let part = tables.index_select(&rows, 0)?;
            sum = Some(match sum {
                Some(sum) => (sum + part)?,
                None => part,
            });
        }
        let Some(sum) = sum else {
            candle_core::bail!("there are no features")
        };
        let mask = Tensor::from_vec(dropout.mask(sum.elem_count()), sum.shape(), device)?;
        sum * mask
    }
}

struct SumOp {
    sizes: Embedding,
    inputs: Arc<Vec<u16>>,
    dropout: Dropout,
}

impl CustomOp1 for SumOp {
    fn name(&self) -> &'static str {
        "embedding-sum"
    }

    fn cpu_fwd(&self, tables: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let tables = slice(tables, layout)?;
        let (width, starts) = (self.sizes.width, self.sizes.starts());
        let steps = self.inputs.len() / starts.len();
        let mut output = vec![0.0; steps * width];
        let inputs = self.inputs.par_chunks(starts.len());
        let rows = output.par_chunks_mut(width).zip(inputs).enumerate();
        rows.with_min_len(256).for_each_init(
            || vec![0.0; width],
            |sum, (i, (output, inputs))| {
                sum.fill(0.0);
                for (start, symbol) in starts.iter().zip(inputs) {
                    let row = start + usize::from(*symbol);
                    add(sum, &tables[row * width..(row + 1) * width]);
                }
                self.dropout.copy(i * width, sum, output);
            },
        );
        Ok((CpuStorage::F32(output), (steps, width).into()))
    }

    fn bwd(&self, tables: &Tensor, _output: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (width, features) = (self.sizes.width, self.sizes.symbols.len());
        let mut d_tables = vec![0.0; tables.elem_count()];
        with_slice(gradient, |gradient| {
            let mut dropped = vec![0.0; gradient.len()];
            let rows = dropped
                .par_chunks_mut(width)
                .zip(gradient.par_chunks(width))
                .enumerate();
            rows.with_min_len(256).for_each(|(i, (dropped, gradient))| {
                self.dropout.copy(i * width, gradient, dropped);
            });
            // A thread has whole tables to itself: every sum keeps its order.
            let mut rest = &mut d_tables[..];
            let own = self.sizes.symbols.iter().map(|symbols| {
                let (table, others) = std::mem::take(&mut rest).split_at_mut(symbols * width);
                rest = others;
                table
            });
            let own: Vec<&mut [f32]> = own.collect();
            own.into_par_iter()
                .enumerate()
                .for_each(|(feature, table)| {
                    let read = self.inputs.iter().skip(feature).step_by(features);
                    for (symbol, gradient) in read.zip(dropped.chunks_exact(width)) {
                        let row = usize::from(*symbol);
                        add(&mut table[row * width..(row + 1) * width], gradient);
                    }
                });
        })?;
        Ok(Some(Tensor::from_vec(
            d_tables,
            tables.shape(),
            &Device::Cpu,
        )?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;
    use harmonai_core::model::config::Cell;

    use rand::RngExt;

    use super::*;
    use crate::random::Noise;

    #[test]
    fn sums_and_gradients_equal_automatic_differentiation() {
        let config = Config::new(Cell::Lstm, 1, 4, 6, vec!["a".into(), "b".into()]).unwrap();
        let sizes = Embedding::new(&config);
        let noise = Noise::new(1, 1);
        let tables = noise.uniform(sizes.parameters(), 1.0);
        let tables = Var::from_vec(tables, sizes.parameters(), &Device::Cpu).unwrap();
        let symbol = |i: usize, feature: usize| {
            let mut rng = noise.branch((i * 16 + feature) as u64).rng();
            rng.random_range(0..sizes.symbols[feature].min(5)) as u16
        };
        let features = 0..sizes.symbols.len();
        let inputs: Vec<u16> = (0..30)
            .flat_map(|i| features.clone().map(move |feature| (i, feature)))
            .map(|(i, feature)| symbol(i, feature))
            .collect();
        let weighing = Tensor::from_vec(noise.branch(1).uniform(180, 1.0), (30, 6), &Device::Cpu);
        let weighing = weighing.unwrap();
        let dropout = Dropout::new(0.3, noise);

        let reference = sizes
            .reference(tables.as_tensor(), &inputs, dropout)
            .unwrap();
        let cpu = sizes
            .run(tables.as_tensor(), &Arc::new(inputs), 3, dropout)
            .unwrap();
        assert_eq!(cpu.dims(), [10, 3, 6]);
        let cpu = cpu.reshape((30, 6)).unwrap();
        let largest = |t: Tensor| {
            t.abs()
                .unwrap()
                .max_all()
                .unwrap()
                .to_scalar::<f32>()
                .unwrap()
        };
        assert!(largest((&reference - &cpu).unwrap()) < 1e-6);
        let gradient = |output: Tensor| {
            let loss = (output * &weighing).unwrap().sum_all().unwrap();
            loss.backward().unwrap().get(&tables).unwrap().clone()
        };
        let (reference, cpu) = (gradient(reference), gradient(cpu));
        assert!(largest(reference.clone()) > 0.1);
        assert!(largest((reference - cpu).unwrap()) < 1e-5);
    }
}
