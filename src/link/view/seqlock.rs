//! A few words that one thread writes and others read whole, nobody waiting for anybody.
//!
//! Written by the audio thread, read by the window.

use std::sync::atomic::{AtomicU64, Ordering, fence};

/// How often a reader tries again when it meets the writer at work.
const ATTEMPTS: usize = 8;

/// `N` words with a version: odd while they are being written. One writer at a time.
pub struct SeqLock<const N: usize> {
    version: AtomicU64,
    words: [AtomicU64; N],
}

impl<const N: usize> SeqLock<N> {
    /// Holds `words` at once.
    pub fn new(words: [u64; N]) -> Self {
        Self {
            version: AtomicU64::new(0),
            words: words.map(AtomicU64::new),
        }
    }

    /// Replaces the words. Wait-free.
    pub fn write(&self, words: [u64; N]) {
        // Relaxed: only this thread writes the version.
        let version = self.version.load(Ordering::Relaxed);
        let (odd, even) = (version.wrapping_add(1), version.wrapping_add(2));
        self.version.store(odd, Ordering::Relaxed);
        // Release fence: whoever reads one of the new words also sees the odd version.
        fence(Ordering::Release);
        for (slot, word) in self.words.iter().zip(words) {
            // Relaxed: the fences and the version order the words.
            slot.store(word, Ordering::Relaxed);
        }
        // Release: whoever sees this even version sees all words.
        self.version.store(even, Ordering::Release);
    }

    /// The words as they were written together, or `None` where the writer was in the way each
    /// time. Bounded.
    pub fn read(&self) -> Option<[u64; N]> {
        (0..ATTEMPTS).find_map(|_| {
            // Acquire: pairs with the store of the even version.
            let before = self.version.load(Ordering::Acquire);
            // Relaxed: the fence below orders these reads before the second look.
            let words = self.words.each_ref();
            let words = words.map(|word| word.load(Ordering::Relaxed));
            // Acquire fence: pairs with the release fence of a writer whose words were read.
            fence(Ordering::Acquire);
            // Relaxed: ordered by the fence.
            let after = self.version.load(Ordering::Relaxed);
            (before == after && before.is_multiple_of(2)).then_some(words)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn words_are_read_together() {
        let lock = SeqLock::new([0; 4]);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for i in (1..).take_while(|_| !done.load(Ordering::Relaxed)) {
                    lock.write([i, i.wrapping_mul(3), !i, i ^ 0xffff]);
                }
            });
            let (mut last, mut looks) = (0, 0);
            while looks < 20_000 {
                let Some([i, triple, not, xor]) = lock.read() else {
                    continue;
                };
                looks += u64::from(i != last);
                assert!(i >= last, "{i} after {last}");
                if i > 0 {
                    assert_eq!([triple, not, xor], [i.wrapping_mul(3), !i, i ^ 0xffff]);
                }
                last = i;
            }
            done.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_stuck_writer_does_not_hold_the_reader() {
        let lock = SeqLock::new([7]);
        // As if the writer had been stopped in the middle.
        lock.version.store(1, Ordering::Relaxed);
        assert_eq!(lock.read(), None);
    }
}
