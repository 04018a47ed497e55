//! The instance through which the hold posts its tasks.
//!
//! nice-plug's background thread keeps the instance whose task it does, and would be the one to
//! drop it if the host released it meanwhile: a thread that then waits for its own end. The
//! sentinel is released by us, when the thread is done with it.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Weak;
use std::time::{Duration, Instant};

use super::task::{PATIENCE, Post};

/// Something that lives as long as an instance.
type Lifetime = Weak<dyn Any + Send + Sync>;

thread_local! {
    /// `Some` while a sentinel is made on this thread; then what it handed over.
    static SETUP: RefCell<Option<Option<(Post, Lifetime)>>> = const { RefCell::new(None) };
}

/// An instance that no host sees.
pub struct SentinelInstance {
    instance: Box<dyn Any + Send>,
    post: Post,
    lifetime: Lifetime,
}

/// How an instance learns that it is to be a sentinel.
pub struct SentinelSetup;

impl SentinelSetup {
    /// Whether this thread is making a sentinel.
    pub fn current() -> Option<Self> {
        SETUP.with_borrow(|setup| setup.is_some().then_some(Self))
    }

    /// Hands over what the sentinel is for; `lifetime` lives as long as the instance.
    pub fn finish(self, post: Post, lifetime: Lifetime) {
        SETUP.with_borrow_mut(|setup| *setup = Some(Some((post, lifetime))));
    }
}

impl SentinelInstance {
    /// The instance that `make` makes, if it hands itself over through [`SentinelSetup`].
    pub fn make<T: Send + 'static>(make: impl FnOnce() -> T) -> Option<Self> {
        SETUP.with_borrow_mut(|setup| *setup = Some(None));
        let instance = Box::new(make());
        let made = SETUP.with_borrow_mut(Option::take).flatten();
        let (post, lifetime) = made?;
        Some(Self {
            instance,
            post,
            lifetime,
        })
    }

    /// The way to the background thread.
    pub fn post(&self) -> Post {
        self.post.clone()
    }

    /// Releases the instance, and waits until nothing holds it any more.
    pub fn end(self) {
        drop(self.instance);
        drop(self.post);
        let start = Instant::now();
        while self.lifetime.strong_count() > 0 && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}
