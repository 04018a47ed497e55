//! The hold on a thread that works as nice-plug's does.

use super::*;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

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
fn nobody_else_comes_through_while_a_window_is_open() {
    let (hold, background) = (leaked(), Background::start());
    let (post, notices) = (background.post(), Arc::default());
    lock(&hold.state).until = Some(Instant::now() + EXPECTED);
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
fn it_is_there_in_a_storm_of_notices_and_ends_by_itself() {
    let (hold, background) = (leaked(), Background::start());
    let (post, notices) = (background.post(), Arc::<AtomicUsize>::default());
    let ended = Arc::new(AtomicBool::new(false));
    let storm = {
        let (background, notices, ended) = (background.clone(), notices.clone(), ended.clone());
        thread::spawn(move || {
            while !ended.load(Ordering::SeqCst) {
                background.notice(&notices);
            }
        })
    };
    for _ in 0..20 {
        lock(&hold.state).until = Some(Instant::now() + GRACE);
        hold.seize(&post);
        assert!(hold.wait(PATIENCE, |state| state.here));
        let before = notices.load(Ordering::SeqCst);
        thread::sleep(GRACE / 4);
        assert_eq!(notices.load(Ordering::SeqCst), before);
        assert!(hold.wait(PATIENCE, |state| !state.here), "by itself");
    }
    ended.store(true, Ordering::SeqCst);
    storm.join().unwrap();
    hold.release(&post);
}

#[test]
fn only_an_instance_that_a_vst3_host_activated_holds() {
    let hold = leaked();
    fn none() -> Option<Keeper> {
        panic!("nobody needs a keeper")
    }
    let share = Share::new(hold, none);
    share.expect();
    drop(share.keep());
    assert!(lock(&hold.state).until.is_none());
    drop(share);
    assert_eq!(lock(&hold.state).instances, 0);
}
