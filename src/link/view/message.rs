//! What there is to say to the user: trouble, until it is dismissed, and over it good news, which
//! goes by itself.
//!
//! Any thread but the audio thread.

use std::sync::Mutex;

use crate::link::sync::lock;

/// The two that can stand at a time.
#[derive(Default)]
pub struct Messages(Mutex<Held>);

#[derive(Default)]
struct Held {
    trouble: String,
    good: Option<GoodNews>,
    told: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodNews {
    pub text: String,
    /// Tells it from others with the same words.
    pub number: u64,
}

impl Messages {
    /// What went wrong; empty if nothing.
    pub fn trouble(&self) -> String {
        lock(&self.0).trouble.clone()
    }

    /// Says what went wrong, in place of all that was said before; empty takes it back.
    pub fn set_trouble(&self, text: &str) {
        let mut held = lock(&self.0);
        text.clone_into(&mut held.trouble);
        if !text.is_empty() {
            held.good = None;
        }
    }

    /// What went well, until it is [forgotten](Self::forget).
    pub fn good(&self) -> Option<GoodNews> {
        lock(&self.0).good.clone()
    }

    /// Says what went well. Trouble is not forgotten over it.
    pub fn set_good(&self, text: &str) {
        let mut held = lock(&self.0);
        held.told += 1;
        held.good = Some(GoodNews {
            text: text.to_owned(),
            number: held.told,
        });
    }

    /// That has been read; what was told since has not.
    pub fn forget(&self, news: &GoodNews) {
        let mut held = lock(&self.0);
        if held.good.as_ref() == Some(news) {
            held.good = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_outlasts_good_news_and_takes_their_place() {
        let all = Messages::default();
        all.set_trouble("Gone.");
        all.set_good("Saved.");
        let first = all.good().unwrap();
        assert_eq!(
            (all.trouble().as_str(), first.text.as_str()),
            ("Gone.", "Saved.")
        );
        all.set_good("Saved.");
        all.forget(&first);
        let second = all.good().expect("the second was not read yet");
        all.forget(&second);
        assert_eq!((all.good(), all.trouble().as_str()), (None, "Gone."));
        all.set_good("Saved.");
        all.set_trouble("Broken.");
        assert_eq!((all.good(), all.trouble().as_str()), (None, "Broken."));
        all.set_good("Saved.");
        all.set_trouble("");
        assert!(all.good().is_some() && all.trouble().is_empty());
    }

    #[test]
    fn a_panicking_writer_does_not_silence_it() {
        let all = Messages::default();
        all.set_trouble("Folk");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let _guard = all.0.lock().unwrap();
                panic!("while the text is held");
            });
            assert!(writer.join().is_err());
        });
        assert_eq!(all.trouble(), "Folk");
        all.set_trouble("Jazz");
        assert_eq!(all.trouble(), "Jazz");
    }
}
