//! The instance that the hold posts its tasks through.
//!
//! nice-plug's background thread holds on to the instance whose task it does, and would be the one
//! to drop it where the host gives it back meanwhile: a thread that then waits for its own end. The
//! keeper is given back by us, when the thread is done with it.

use std::any::Any;
use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Task;

/// Has the background thread do something, if its queue has room.
pub type Post = Arc<dyn Fn(Task) + Send + Sync>;

/// Something of an instance that is there as long as the instance.
type Sign = Weak<dyn Any + Send + Sync>;

/// How long its end is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

thread_local! {
    /// Set while a keeper is made on this thread; then what it is made of.
    static MAKING: RefCell<Option<Option<(Post, Sign)>>> = const { RefCell::new(None) };
}

/// An instance that no host sees.
pub struct Keeper {
    instance: Box<dyn Any + Send>,
    post: Post,
    sign: Sign,
}

/// An instance that is a keeper, as it comes to know.
pub struct Making;

impl Making {
    /// Whether this thread is making a keeper.
    pub fn now() -> Option<Self> {
        MAKING.with_borrow(|making| making.is_some().then_some(Self))
    }

    /// Hands over what the keeper is for; `sign` is something that goes with the instance.
    pub fn done(self, post: Post, sign: Sign) {
        MAKING.with_borrow_mut(|making| *making = Some(Some((post, sign))));
    }
}

impl Keeper {
    /// The instance that `make` makes, if it tells of itself by way of [`Making`].
    pub fn make<T: Send + 'static>(make: impl FnOnce() -> T) -> Option<Self> {
        MAKING.with_borrow_mut(|making| *making = Some(None));
        let instance = Box::new(make());
        let made = MAKING.with_borrow_mut(Option::take).flatten();
        let (post, sign) = made?;
        Some(Self {
            instance,
            post,
            sign,
        })
    }

    /// The way to the background thread.
    pub fn post(&self) -> Post {
        self.post.clone()
    }

    /// Gives it back, and waits until nobody has it any more.
    pub fn end(self) {
        drop(self.instance);
        drop(self.post);
        let start = Instant::now();
        while self.sign.strong_count() > 0 && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_micros(100));
        }
    }
}
