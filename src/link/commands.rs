//! One-time commands to the audio thread: a mailbox, in place of a queue.
//!
//! Buttons, the window and an opened project put commands in, from any thread, the audio thread
//! itself where a host automates a button. The engine empties the mailbox at the start of each
//! block; nice-plug cuts blocks where a parameter changes, so that a button acts on its sample.
//!
//! A command that is given twice before the engine looks is done once, and what is found together is
//! done in the order of [`Command`]'s variants, whichever came first. So nothing can overflow while
//! no block is asked for, and neither end ever waits for the other: a thread that is interrupted in
//! the middle of a push would hold up the audio thread's pop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use harmonai_core::music::time::Ticks;

/// What is to be done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// End every note at once.
    Panic,
    /// Forget the phrase.
    Clear,
    /// Have the worker fetch the phrase that has come from elsewhere.
    Load,
    /// Answer.
    Generate,
    /// Play the answer of that number again, which is so long.
    Recall { id: u32, length: Ticks },
}

/// All commands that are nothing but their kind, in the order in which they are done.
const PLAIN: [Command; 4] = [
    Command::Panic,
    Command::Clear,
    Command::Load,
    Command::Generate,
];

#[derive(Default)]
struct Mailbox {
    /// A bit for each of [`PLAIN`].
    plain: AtomicU8,
    /// The recall: its number in the upper half, its length in the lower one; 0 is none.
    recall: AtomicU64,
}

/// The end that gives commands. Clones share the mailbox.
#[derive(Clone, Default)]
pub struct CommandSender(Arc<Mailbox>);

/// The engine's end: not `Clone`, so that each command is done once.
pub struct CommandReceiver(Arc<Mailbox>);

/// An empty mailbox.
pub fn commands() -> (CommandSender, CommandReceiver) {
    let sender = CommandSender::default();
    let receiver = CommandReceiver(sender.0.clone());
    (sender, receiver)
}

impl CommandSender {
    /// Gives a command. Any thread, wait-free.
    pub fn send(&self, command: Command) {
        // Release, here and below: what the sender has put elsewhere, such as a phrase, is there
        // for whoever is told of it.
        if let Command::Recall { id, length } = command {
            let length = length.get().clamp(1, u32::MAX.into()) as u64;
            let recall = u64::from(id) << 32 | length;
            self.0.recall.store(recall, Ordering::Release);
        } else {
            self.0.plain.fetch_or(bit(command), Ordering::Release);
        }
    }
}

impl CommandReceiver {
    /// All that was given since the last time, in the order in which it is to be done. Wait-free.
    pub fn take(&mut self) -> impl Iterator<Item = Command> + use<> {
        let (mut plain, mut recall) = (0, 0);
        // Relaxed: most blocks find nothing, and what comes at this very moment waits for the next.
        if self.0.plain.load(Ordering::Relaxed) != 0 {
            // Acquire, here and below: pairs with `send`.
            plain = self.0.plain.swap(0, Ordering::Acquire);
        }
        if self.0.recall.load(Ordering::Relaxed) != 0 {
            recall = self.0.recall.swap(0, Ordering::Acquire);
        }
        let recall = (recall != 0).then_some(Command::Recall {
            id: (recall >> 32) as u32,
            length: Ticks::new(i64::from(recall as u32)),
        });
        let given = move |command: &Command| plain & bit(*command) != 0;
        PLAIN.into_iter().filter(given).chain(recall)
    }

    /// Forgets buttons that were pressed; a phrase or an answer that waits to be played stays.
    pub fn forget_buttons(&mut self) {
        // Relaxed: nothing is read on the strength of it.
        (self.0.plain).fetch_and(bit(Command::Load), Ordering::Relaxed);
    }
}

/// The command's bit in the mailbox; a recall has none.
fn bit(command: Command) -> u8 {
    let place = PLAIN.iter().position(|plain| *plain == command);
    place.map_or(0, |place| 1 << place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recall(id: u32, length: i64) -> Command {
        let length = Ticks::new(length);
        Command::Recall { id, length }
    }

    #[test]
    fn each_command_is_done_once_and_in_the_stated_order() {
        let (sender, mut receiver) = commands();
        let mut check = |given: &[Command], expect: &[Command]| {
            given.iter().for_each(|command| sender.send(*command));
            assert_eq!(receiver.take().collect::<Vec<_>>(), expect);
        };
        check(&[], &[]);
        check(
            &[recall(0, 48), Command::Generate],
            &[Command::Generate, recall(0, 48)],
        );
        check(&[], &[]);
        let (last, long) = (recall(u32::MAX, 7), recall(3, i64::MAX));
        let given = [PLAIN[3], PLAIN[2], PLAIN[2], long, PLAIN[1], PLAIN[0], last];
        check(&given, &[PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], last]);
        check(&[long], &[recall(3, u32::MAX.into())]);
        check(&[recall(3, 0)], &[recall(3, 1)]);
    }

    #[test]
    fn buttons_are_forgotten_and_what_waits_to_be_played_is_not() {
        let (sender, mut receiver) = commands();
        PLAIN.into_iter().for_each(|command| sender.send(command));
        sender.send(recall(2, 96));
        receiver.forget_buttons();
        assert_eq!(
            receiver.take().collect::<Vec<_>>(),
            [Command::Load, recall(2, 96)]
        );
    }

    #[test]
    fn a_recall_crosses_threads_whole_and_the_last_one_arrives() {
        let (sender, mut receiver) = commands();
        std::thread::scope(|scope| {
            scope.spawn(move || (1..=10_000).for_each(|id| sender.send(recall(id, id.into()))));
            let mut last = 0;
            while last < 10_000 {
                for command in receiver.take() {
                    let Command::Recall { id, length } = command else {
                        panic!("{command:?} was never given")
                    };
                    assert!(id > last && length == Ticks::new(id.into()));
                    last = id;
                }
                std::thread::yield_now();
            }
        });
    }
}
