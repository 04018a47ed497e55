//! AdamW with clipped gradients.
//!
//! On the processor it moves the weights in place; elsewhere by Candle's operations. Called by
//! the trainer after every batch.

use std::cell::RefCell;

use anyhow::{Context, Result, bail};
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Tensor, Var};
use rayon::prelude::*;

use crate::nn::simd::vectorised;
use crate::nn::tensors::{slice, with_slice};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.99;
const EPSILON: f32 = 1e-8;
/// Gradients longer than this, taken together, are shortened to it.
const LONGEST_GRADIENT: f64 = 1.0;
/// Values that one thread works on at a time; fixed, so that sums keep their order.
const CHUNK: usize = 1 << 15;

/// Running means of a parameter's gradient and of its square.
enum Moments {
    Cpu { first: Vec<f32>, second: Vec<f32> },
    Device { first: Tensor, second: Tensor },
}

/// AdamW's state.
pub struct AdamW {
    parameters: Vec<Var>,
    moments: Vec<Moments>,
    decay: f64,
    step: u64,
}

impl AdamW {
    /// For these parameters, with a decoupled weight decay.
    pub fn new(parameters: &[Var], decay: f64) -> Result<Self> {
        let moments = parameters.iter().map(|parameter| {
            let n = parameter.elem_count();
            Ok(if parameter.device().is_cpu() {
                Moments::Cpu {
                    first: vec![0.0; n],
                    second: vec![0.0; n],
                }
            } else {
                Moments::Device {
                    first: parameter.zeros_like()?,
                    second: parameter.zeros_like()?,
                }
            })
        });
        let moments = moments.collect::<Result<_>>()?;
        Ok(Self {
            parameters: parameters.to_vec(),
            moments,
            decay,
            step: 0,
        })
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// Moves the parameters against their gradients, and says how long the gradients were
    /// together. Where that is no finite number, nothing is moved.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<f64> {
        let gradients = self.parameters.iter().map(|parameter| {
            gradients
                .get(parameter)
                .context("a parameter has no gradient")?
                .contiguous()
                .map_err(Into::into)
        });
        let gradients: Vec<Tensor> = gradients.collect::<Result<_>>()?;
        let mut squares = 0.0;
        for gradient in &gradients {
            squares += sum_of_squares(gradient)?;
        }
        let length = squares.sqrt();
        if !length.is_finite() {
            return Ok(length);
        }
        self.step += 1;
        let power = i32::try_from(self.step).unwrap_or(i32::MAX);
        let pace = Pace {
            shorten: (LONGEST_GRADIENT / length.max(LONGEST_GRADIENT)) as f32,
            rate: (rate / (1.0 - f64::from(BETA1).powi(power))) as f32,
            unbias: (1.0 / (1.0 - f64::from(BETA2).powi(power))) as f32,
            keep: (1.0 - rate * self.decay) as f32,
        };
        for ((parameter, moments), gradient) in self
            .parameters
            .iter()
            .zip(&mut self.moments)
            .zip(&gradients)
        {
            moments.step(parameter, gradient, pace)?;
        }
        Ok(length)
    }

    /// Both moments of every parameter, for a run that will be resumed.
    pub fn moments(&self) -> Result<Vec<[Vec<f32>; 2]>> {
        let moments = self.moments.iter().map(|moments| {
            Ok(match moments {
                Moments::Cpu { first, second } => [first.clone(), second.clone()],
                Moments::Device { first, second } => [first.to_vec1()?, second.to_vec1()?],
            })
        });
        moments.collect()
    }

    /// Takes up what [`AdamW::moments`] gave after `step` steps.
    pub fn restore(&mut self, step: u64, saved: Vec<[Vec<f32>; 2]>) -> Result<()> {
        if saved.len() != self.moments.len() {
            bail!("the state has another number of parameters");
        }
        for ((parameter, moments), [a, b]) in
            self.parameters.iter().zip(&mut self.moments).zip(saved)
        {
            let n = parameter.elem_count();
            if a.len() != n || b.len() != n {
                bail!("the state has parameters of another size");
            }
            *moments = if parameter.device().is_cpu() {
                Moments::Cpu {
                    first: a,
                    second: b,
                }
            } else {
                let tensor = |values| Tensor::from_vec(values, n, parameter.device());
                Moments::Device {
                    first: tensor(a)?,
                    second: tensor(b)?,
                }
            };
        }
        self.step = step;
        Ok(())
    }
}

/// The numbers of one step.
#[derive(Clone, Copy)]
struct Pace {
    /// Factor for the gradients.
    shorten: f32,
    /// Learning rate, made up for the first moment's start at 0.
    rate: f32,
    /// The same for the second moment.
    unbias: f32,
    /// Share of a weight that decay leaves.
    keep: f32,
}

impl Moments {
    fn step(&mut self, parameter: &Var, gradient: &Tensor, pace: Pace) -> Result<()> {
        match self {
            Self::Cpu { first, second } => {
                let op = InPlace {
                    moments: RefCell::new((first, second)),
                    pace,
                };
                parameter.as_tensor().inplace_op2(gradient, &op)?;
            }
            Self::Device { first, second } => {
                let gradient = (gradient * f64::from(pace.shorten))?;
                let mean = |old: &Tensor, new: &Tensor, beta: f32| {
                    (old * f64::from(beta))? + (new * f64::from(1.0 - beta))?
                };
                *first = mean(first, &gradient, BETA1)?;
                *second = mean(second, &gradient.sqr()?, BETA2)?;
                let spread = ((&*second * f64::from(pace.unbias))?.sqrt()? + f64::from(EPSILON))?;
                let step = ((&*first / spread)? * f64::from(pace.rate))?;
                parameter.set(&((parameter.as_tensor() * f64::from(pace.keep))? - step)?)?;
            }
        }
        Ok(())
    }
}

struct InPlace<'a> {
    moments: RefCell<(&'a mut Vec<f32>, &'a mut Vec<f32>)>,
    pace: Pace,
}

impl InplaceOp2 for InPlace<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(
        &self,
        weights: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<()> {
        let gradient = slice(gradient, gradient_layout)?;
        let CpuStorage::F32(weights) = weights else {
            candle_core::bail!("weights must be f32");
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("weights must be contiguous");
        };
        let mut moments = self.moments.borrow_mut();
        let (first, second) = &mut *moments;
        let Pace {
            shorten,
            rate,
            unbias,
            keep,
        } = self.pace;
        weights[start..end]
            .par_chunks_mut(CHUNK)
            .zip(first.par_chunks_mut(CHUNK))
            .zip(second.par_chunks_mut(CHUNK))
            .zip(gradient.par_chunks(CHUNK))
            .for_each(|(((weights, first), second), gradient)| {
                adamw(
                    weights, first, second, gradient, shorten, rate, unbias, keep,
                );
            });
        Ok(())
    }
}

fn sum_of_squares(gradient: &Tensor) -> Result<f64> {
    if !gradient.device().is_cpu() {
        return Ok(f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?));
    }
    let sums = with_slice(gradient, |values| {
        let chunks = values.par_chunks(CHUNK);
        let chunk = |values: &[f32]| {
            let mut sum = 0.0;
            squares(values, &mut sum);
            sum
        };
        chunks.map(chunk).collect::<Vec<f64>>()
    })?;
    Ok(sums.iter().sum())
}

vectorised! {
    fn squares(values: &[f32], sum: &mut f64) {
        let mut lanes = [0.0f64; 16];
        for values in values.chunks(16) {
            for (lane, value) in lanes.iter_mut().zip(values) {
                *lane += f64::from(*value) * f64::from(*value);
            }
        }
        *sum = lanes.iter().sum();
    }

    fn adamw(
        weights: &mut [f32],
        first: &mut [f32],
        second: &mut [f32],
        gradient: &[f32],
        shorten: f32,
        rate: f32,
        unbias: f32,
        keep: f32,
    ) {
        let n = weights.len();
        let (first, second, gradient) = (&mut first[..n], &mut second[..n], &gradient[..n]);
        for i in 0..n {
            let g = gradient[i] * shorten;
            let m = BETA1 * first[i] + (1.0 - BETA1) * g;
            let v = BETA2 * second[i] + (1.0 - BETA2) * g * g;
            (first[i], second[i]) = (m, v);
            weights[i] = weights[i] * keep - rate * m / ((v * unbias).sqrt() + EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn first_step_has_the_rates_length_and_decay_shrinks() {
        let weights = Var::from_vec(vec![1.0f32, -2.0, 3.0], 3, &Device::Cpu).unwrap();
        let slopes = Tensor::from_vec(vec![100.0f32, -0.5, 0.0], 3, &Device::Cpu).unwrap();
        let loss = (weights.as_tensor() * slopes).unwrap().sum_all().unwrap();
        let mut adam = AdamW::new(std::slice::from_ref(&weights), 0.5).unwrap();
        let length = adam.step(&loss.backward().unwrap(), 0.1).unwrap();
        assert!((length - 100.001_25).abs() < 1e-3, "{length}");
        let found = weights.to_vec1::<f32>().unwrap();
        for (found, expected) in found.iter().zip([0.95 - 0.1, -1.9 + 0.1, 2.85]) {
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
    }

    #[test]
    fn a_restored_optimiser_goes_on_as_the_first() {
        let start = [0.3f32, -0.7];
        let run = |cut: bool| {
            let weights = Var::from_slice(&start, 2, &Device::Cpu).unwrap();
            let vars = [weights.clone()];
            let mut adam = AdamW::new(&vars, 0.01).unwrap();
            for step in 0..6 {
                if cut && step == 3 {
                    let (steps, moments) = (adam.steps(), adam.moments().unwrap());
                    adam = AdamW::new(&vars, 0.01).unwrap();
                    adam.restore(steps, moments).unwrap();
                }
                let loss = weights.as_tensor().sqr().unwrap().sum_all().unwrap();
                adam.step(&loss.backward().unwrap(), 0.05).unwrap();
            }
            weights.to_vec1::<f32>().unwrap()
        };
        assert_eq!(run(true), run(false));
        assert_ne!(run(false), start);
    }

    #[test]
    fn both_ways_of_stepping_agree() {
        let run = |by_candle: bool| {
            let weights = Var::from_slice(&[0.3f32, -0.7, 2.0], 3, &Device::Cpu).unwrap();
            let mut adam = AdamW::new(std::slice::from_ref(&weights), 0.1).unwrap();
            if by_candle {
                let zeros = || weights.zeros_like().unwrap();
                let (first, second) = (zeros(), zeros());
                adam.moments = vec![Moments::Device { first, second }];
            }
            for _ in 0..5 {
                let loss = weights.as_tensor().sqr().unwrap().sum_all().unwrap();
                adam.step(&loss.backward().unwrap(), 0.05).unwrap();
            }
            weights.to_vec1::<f32>().unwrap()
        };
        for (a, b) in run(true).iter().zip(run(false)) {
            assert!((a - b).abs() < 1e-6, "{a}, {b}");
        }
    }

    #[test]
    fn gradients_that_are_no_numbers_move_nothing() {
        let weights = Var::from_vec(vec![1.0f32, 2.0], 2, &Device::Cpu).unwrap();
        let loss = (weights.as_tensor() * f64::NAN).unwrap().sum_all().unwrap();
        let mut adam = AdamW::new(std::slice::from_ref(&weights), 0.5).unwrap();
        assert!(adam.step(&loss.backward().unwrap(), 0.1).unwrap().is_nan());
        assert_eq!(weights.to_vec1::<f32>().unwrap(), [1.0, 2.0]);
        assert_eq!(adam.steps(), 0);
    }
}
