//! What lies between the threads: [`queues`] between the audio thread and the worker, the [`view`]
//! of the engine that the window reads, and [`tasks`] that touch files on threads of their own.
//!
//! No musical decision is taken here, and neither end of a queue lives here.

pub mod queues;
pub mod tasks;
pub mod view;
