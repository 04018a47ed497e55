//! The two queues between the audio thread and the worker.
//!
//! Each has one end to push and one to pop, neither of them `Clone`, so that a message has one
//! writer and one reader. Both ends are lock-free and never allocate after [`queue`]. A full queue is
//! counted by whoever pushes, as a [`Glitch`](super::view::Glitch).

use std::sync::Arc;

use crossbeam::queue::ArrayQueue;
use harmonai_core::play::duet::{Reply, Request};

/// Requests that may wait: more notes than anyone plays in a long block.
const REQUESTS: usize = 2048;

/// Replies that may wait: far more notes than are planned ahead.
const REPLIES: usize = 1024;

pub struct Producer<T>(Arc<ArrayQueue<T>>);

pub struct Consumer<T>(Arc<ArrayQueue<T>>);

/// A queue of at most `capacity` messages.
pub fn queue<T: Copy + Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let queue = Arc::new(ArrayQueue::new(capacity));
    (Producer(queue.clone()), Consumer(queue))
}

impl<T: Copy + Send> Producer<T> {
    /// Puts `message` at the end; `false` if the queue is full.
    #[must_use]
    pub fn push(&mut self, message: T) -> bool {
        self.0.push(message).is_ok()
    }

    /// Whether a push would fail now.
    pub fn is_full(&self) -> bool {
        self.0.is_full()
    }
}

impl<T: Copy + Send> Consumer<T> {
    /// The oldest message, if there is one.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }
}

/// The audio thread's side.
pub struct AudioEnd {
    pub requests: Producer<Request>,
    pub replies: Consumer<Reply>,
}

/// The worker's side.
pub struct WorkerEnd {
    pub requests: Consumer<Request>,
    pub replies: Producer<Reply>,
}

pub fn queue_pair() -> (AudioEnd, WorkerEnd) {
    let (ask, requests) = queue(REQUESTS);
    let (replies, answered) = queue(REPLIES);
    let audio_end = AudioEnd {
        requests: ask,
        replies: answered,
    };
    (audio_end, WorkerEnd { requests, replies })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_keeps_what_it_has_and_refuses_the_rest() {
        let (mut producer, mut consumer) = queue(3);
        let pushed: Vec<bool> = (0..5).map(|n| producer.push(n)).collect();
        assert_eq!(pushed, [true, true, true, false, false]);
        assert!(producer.is_full());
        assert_eq!(
            std::iter::from_fn(|| consumer.pop()).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert!(producer.push(9));
        assert_eq!(consumer.pop(), Some(9));
    }

    #[test]
    fn messages_cross_threads_in_order() {
        let (mut producer, mut consumer) = queue(8);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for n in 0..10_000 {
                    while !producer.push(n) {
                        std::thread::yield_now();
                    }
                }
            });
            let mut expected = 0;
            while expected < 10_000 {
                match consumer.pop() {
                    Some(n) => {
                        assert_eq!(n, expected);
                        expected += 1;
                    }
                    None => std::thread::yield_now(),
                }
            }
        });
    }
}
