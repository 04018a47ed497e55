//! The app without a host.

pub mod app;
pub mod transport;
