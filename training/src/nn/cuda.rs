//! Kernels of our own on an NVIDIA card: C sources, compiled by NVIDIA's library when they are
//! first used. Called by the operations that have one, on the main thread. Only in builds with
//! `cuda`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use candle_core::cuda_backend::CudaDevice;
use candle_core::cuda_backend::cudarc::driver::{CudaFunction, CudaView};
use candle_core::cuda_backend::cudarc::nvrtc::compile_ptx;
use candle_core::{CudaStorage, Layout, Result, bail};

/// A set of kernels.
pub struct Module {
    /// What it is called.
    pub name: &'static str,
    /// Its source.
    pub source: &'static str,
}

impl Module {
    /// One of its kernels, on this card.
    pub fn function(&self, device: &CudaDevice, name: &str) -> Result<CudaFunction> {
        static COMPILED: Mutex<Option<HashMap<&str, String>>> = Mutex::new(None);
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = compiled.get_or_insert_default();
        if !compiled.contains_key(self.name) {
            match compile_ptx(self.source) {
                Ok(ptx) => compiled.insert(self.name, ptx.to_src()),
                Err(error) => bail!("{} cannot be compiled for this card: {error}", self.name),
            };
        }
        let function = device.get_or_load_custom_func(name, self.name, &compiled[self.name])?;
        Ok(function.into_cuda_function())
    }
}

/// The values of a contiguous f32 storage.
pub fn view<'a>(storage: &'a CudaStorage, layout: &Layout) -> Result<CudaView<'a, f32>> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(storage.as_cuda_slice::<f32>()?.slice(start..end)),
        None => bail!("a kernel reads contiguous values only"),
    }
}
