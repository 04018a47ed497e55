//! Dropout of a whole tensor as one operation, with the same choice on every device.
//!
//! Used where layers are not fused with it: on graphics cards.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::Dropout;
use crate::nn::tensors::slice;

impl Dropout {
    /// The tensor, dropped; gradients are dropped alike.
    pub fn apply(self, values: &Tensor) -> Result<Tensor> {
        if self.acts() {
            values.contiguous()?.apply_op1(self)
        } else {
            Ok(values.clone())
        }
    }
}

impl CustomOp1 for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, values: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let values = slice(values, layout)?;
        let mut out = vec![0.0; values.len()];
        self.copy(0, values, &mut out);
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        values: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> Result<(candle_core::CudaStorage, Shape)> {
        use candle_core::cuda_backend::WrapErr;
        use candle_core::cuda_backend::cudarc::driver::{LaunchConfig, PushKernelArg};

        use crate::nn::cuda::{Module, view};

        const DROP: Module = Module {
            name: "drop",
            source: include_str!("drop.cu"),
        };
        let (device, values) = (values.device.clone(), view(values, layout)?);
        let count = layout.shape().elem_count();
        let mut out = device.alloc_zeros::<f32>(count)?;
        let function = DROP.function(&device, "drop")?;
        let (count, limit, scale) = (count as u32, self.limit(), self.scale());
        let stream = device.cuda_stream();
        let mut builder = stream.launch_builder(&function);
        builder.arg(&mut out).arg(&values).arg(&count);
        builder
            .arg(&self.key[0])
            .arg(&self.key[1])
            .arg(&limit)
            .arg(&scale);
        // SAFETY: the kernel's arguments are these, in this order, and it stays below `count`.
        unsafe { builder.launch(LaunchConfig::for_num_elems(count)) }.w()?;
        let out = candle_core::CudaStorage::wrap_cuda_slice(out, device);
        Ok((out, layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(self)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::random::Noise;

    #[test]
    fn values_and_gradients_are_dropped_alike() {
        let dropout = Dropout::new(0.4, Noise::new(1, 2));
        let values = Noise::new(3, 4).uniform(60, 1.0);
        let x = Var::from_vec(values.clone(), (5, 12), &Device::Cpu).unwrap();
        let dropped = dropout.apply(x.as_tensor()).unwrap();
        let mask = dropout.mask(60);
        let expected: Vec<f32> = values.iter().zip(&mask).map(|(a, b)| a * b).collect();
        let found = dropped.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(found, expected);
        let gradients = dropped.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&x).unwrap().flatten_all().unwrap();
        assert_eq!(gradient.to_vec1::<f32>().unwrap(), mask);
    }
}
