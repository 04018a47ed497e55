//! Four models at hand, one of which plays: the slots that the knob "Model" goes through.
//!
//! Each slot has a [`ModelLoader`] of its own. All of them are read when a project is opened, so that
//! turning the knob costs no more than hearing the phrase again. Slots without a file have the
//! bundled model.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use nice_plug::prelude::Params;

use super::{InstalledList, ModelLoader, Slot, StyleNames};
use crate::link::tasks::Errands;
use crate::link::view::Display;

/// How many slots there are.
pub const SLOTS: usize = 4;

/// The slots. Projects store each one's file.
#[derive(Params)]
pub struct Rack {
    /// The first; in version 0.1 the only one.
    #[persist = "model"]
    first: ModelLoader,
    #[persist = "model_2"]
    second: ModelLoader,
    #[persist = "model_3"]
    third: ModelLoader,
    #[persist = "model_4"]
    fourth: ModelLoader,
    chosen: Arc<AtomicU8>,
}

impl Rack {
    /// Four loaders that have read nothing yet, so that a host's plug-in scan stays quick.
    pub fn new(display: &Arc<Display>, errands: &Errands) -> Self {
        let installed = InstalledList::default();
        let loader = || ModelLoader::new(display.clone(), errands.clone(), installed.clone());
        Self {
            first: loader(),
            second: loader(),
            third: loader(),
            fourth: loader(),
            chosen: Arc::default(),
        }
    }

    /// The loaders in their order.
    pub fn loaders(&self) -> [&ModelLoader; SLOTS] {
        [&self.first, &self.second, &self.third, &self.fourth]
    }

    /// The loader of the slot that plays.
    pub fn chosen(&self) -> &ModelLoader {
        // Relaxed: the number by itself says it all.
        let chosen = usize::from(self.chosen.load(Ordering::Relaxed));
        self.loaders()[chosen.min(SLOTS - 1)]
    }

    /// What the knob tells of each turn. Any thread, wait-free.
    pub fn choice(&self) -> Arc<AtomicU8> {
        self.chosen.clone()
    }

    /// Where the worker finds the newest networks.
    pub fn slots(&self) -> [Arc<Slot>; SLOTS] {
        self.loaders().map(ModelLoader::slot)
    }

    /// What the styles of the model that plays are called.
    pub fn styles(&self) -> StyleNames {
        let lists = self.loaders().map(ModelLoader::styles);
        StyleNames::new(lists, self.chosen.clone())
    }

    /// Makes sure that each slot has the network that the project wants, see
    /// [`ModelLoader::settle`].
    pub fn settle(&self) {
        for loader in self.loaders() {
            loader.settle();
        }
    }
}
