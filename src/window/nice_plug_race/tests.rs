//! The hold on a thread that works as nice-plug's does.

use super::*;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// A background thread with a queue as long as nice-plug's.
struct Background {
    queue: SyncSender<Box<dyn FnOnce() + Send>>,
}

impl Background {
    fn start() -> Arc<Self> {
        let (queue, tasks) = sync_channel::<Box<dyn FnOnce() + Send>>(CAPACITY);
        thread::spawn(move || tasks.into_iter().for_each(|task| task()));
        Arc::new(Self { queue })
    }

    fn post(self: &Arc<Self>) -> Post {
        let this = self.clone();
        Arc::new(move |task: Task| {
            let _ = this.queue.try_send(Box::new(move || task.run()));
        })
    }

    /// Somebody else's task; whether there was room.
    fn notice(&self, count: &Arc<AtomicUsize>) -> bool {
        let count = count.clone();
        let task = Box::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        !matches!(self.queue.try_send(task), Err(TrySendError::Full(_)))
    }
}

fn leaked() -> &'static Hold {
    Box::leak(Box::new(Hold::new()))
}

#[test]
fn nobody_else_comes_through_while_it_holds() {
    let (hold, background) = (leaked(), Background::start());
    let (post, notices) = (background.post(), Arc::default());
    hold.seize(&post);
    assert!(lock(&hold.state).here);
    for _ in 0..100 {
        assert!(!background.notice(&notices), "the queue is full");
    }
    assert_eq!(notices.load(Ordering::SeqCst), 0);
    hold.release(&post);
    assert!(!lock(&hold.state).here);
    assert!(background.notice(&notices));
    while notices.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
}

#[test]
fn it_lets_through_what_others_have_posted_before_and_then_nothing() {
    for _ in 0..20 {
        let (hold, background) = (leaked(), Background::start());
        let (post, notices) = (background.post(), Arc::<AtomicUsize>::default());
        let ended = Arc::new(AtomicBool::new(false));
        let turns = {
            let (background, notices, ended) = (background.clone(), notices.clone(), ended.clone());
            thread::spawn(move || {
                let mut taken = 0;
                while !ended.load(Ordering::SeqCst) {
                    taken += usize::from(background.notice(&notices));
                    thread::sleep(Duration::from_micros(300));
                }
                taken
            })
        };
        thread::sleep(Duration::from_millis(3));
        hold.seize(&post);
        assert!(lock(&hold.state).here);
        let before = notices.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        ended.store(true, Ordering::SeqCst);
        assert_eq!(turns.join().unwrap(), before, "none is left in the queue");
        hold.release(&post);
        assert_eq!(notices.load(Ordering::SeqCst), before);
    }
}

#[test]
fn the_last_share_lets_go() {
    let hold = leaked();
    let shares = [(); 2].map(|()| Share::new(hold, || None));
    // Without a keeper there is no hold.
    shares[0].take();
    assert!(!lock(&hold.state).here);
    let [first, last] = shares;
    drop(first);
    assert_eq!(lock(&hold.state).instances, 1);
    drop(last);
    assert_eq!(lock(&hold.state).instances, 0);
}
