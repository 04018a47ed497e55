//! `cells.cu` on an NVIDIA card.

use candle_core::cuda_backend::WrapErr;
use candle_core::cuda_backend::cudarc::driver::{DeviceRepr, LaunchConfig, PushKernelArg};
use candle_core::{CudaStorage, Layout, Result};

use super::arena::At;
use crate::nn::cuda::{Module, view};

const CELLS: Module = Module {
    name: "cells",
    source: include_str!("cells.cu"),
};

// SAFETY: plain numbers, in C's layout.
unsafe impl DeviceRepr for At {}

/// Runs a kernel over all places of the arena, with what it reads beside it.
pub fn launch(
    name: &str,
    arena: &mut CudaStorage,
    read: &[(&CudaStorage, &Layout)],
    at: At,
) -> Result<()> {
    let function = CELLS.function(&arena.device, name)?;
    let views = read.iter().map(|(storage, layout)| view(storage, layout));
    let views = views.collect::<Result<Vec<_>>>()?;
    let stream = arena.device.cuda_stream();
    let arena = arena.as_cuda_slice_mut::<f32>()?;
    let mut builder = stream.launch_builder(&function);
    builder.arg(arena);
    for view in &views {
        builder.arg(view);
    }
    builder.arg(&at);
    // SAFETY: the kernel's arguments are these, in this order; `At` keeps every place inside the
    // arena, whose parts `sizes` has laid out, and the views are as large as a step needs.
    unsafe { builder.launch(LaunchConfig::for_num_elems(at.places())) }.w()?;
    Ok(())
}
