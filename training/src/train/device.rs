//! Where a network is computed.
//!
//! Chosen on the command line, opened by the trainer. Main thread.

use anyhow::{Result, bail};
use candle_core::Device;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The graphics card that this program was built for, else the processor
    #[default]
    Auto,
    /// The processor
    Cpu,
    /// The first NVIDIA card
    Cuda,
    /// The first Apple card
    Metal,
}

impl DeviceChoice {
    /// The device, or why it cannot be used.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda if !candle_core::utils::cuda_is_available() => {
                bail!("this program was built without CUDA: build it with `--features cuda`")
            }
            Self::Metal if !candle_core::utils::metal_is_available() => {
                bail!("this program was built without Metal: build it with `--features metal`")
            }
            Self::Cuda => Ok(Device::new_cuda(0)?),
            Self::Metal => Ok(Device::new_metal(0)?),
            Self::Auto if candle_core::utils::cuda_is_available() => Ok(Device::new_cuda(0)?),
            Self::Auto if candle_core::utils::metal_is_available() => Ok(Device::new_metal(0)?),
            Self::Auto => Ok(Device::Cpu),
        }
    }
}
