//! Music and model of HarmonAI. Pure: knows no host, no window, no thread, no path.
//!
//! Reads in the order in which the data flows:
//! what is played ([`note`], [`melody`], [`smf`], in musical [`time`] and some [`key`]), how a
//! network sees it ([`vocabulary`]), the network ([`config`], [`checkpoint`], [`network`],
//! [`kernel`]) and its [`memory`], how it hears and answers ([`ears`], [`sampler`],
//! [`continuation`]) and when ([`duet`]).

pub mod bounds;
pub mod cadence;
pub mod checkpoint;
pub mod config;
pub mod continuation;
pub mod duet;
pub mod ears;
pub mod groove;
pub mod kernel;
pub mod key;
pub mod melody;
pub mod memory;
pub mod names;
pub mod network;
pub mod note;
pub mod phrase;
pub mod runs;
pub mod sampler;
pub mod scale;
pub mod smf;
pub mod time;
pub mod vocabulary;
