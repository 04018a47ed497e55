//! What lies between the threads: [`queues`] between the audio thread and the worker, the mailbox of
//! [`commands`] to the audio thread, the [`view`] of the engine that the window reads, [`tasks`]
//! that touch files on threads of their own, and the lock that they [share](sync).
//!
//! No musical decision is taken here, and no thread's own work is done here: both ends of a queue
//! are made here and live elsewhere.

pub mod commands;
pub mod queues;
pub mod sync;
pub mod tasks;
pub mod view;
