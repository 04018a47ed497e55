//! Four models, one of which plays: the slots that the knob "Model slot" goes through.
//!
//! Each slot has a [`ModelLoader`] of its own. All four files are read when a project is opened, so
//! that turning the knob costs no more than hearing the phrase again. Slots without a file have the
//! bundled model.

use std::sync::Arc;

use nice_plug::prelude::{IntParam, Params};

use super::choice::{SLOTS, SlotChoice};
use super::loader::{InstalledList, ModelLoader, ModelMailbox};
use super::styles::StyleNames;
use crate::link::tasks::BackgroundTasks;
use crate::link::view::EngineView;

/// The slots. Projects store each one's file.
#[derive(Params)]
pub struct ModelSlots {
    /// The first; in version 0.1 the only one.
    #[persist = "model"]
    first: ModelLoader,
    #[persist = "model_2"]
    second: ModelLoader,
    #[persist = "model_3"]
    third: ModelLoader,
    #[persist = "model_4"]
    fourth: ModelLoader,
    choice: SlotChoice,
}

impl ModelSlots {
    /// Four loaders that have read nothing yet, so that a host's plug-in scan stays quick. `knob`
    /// says which one plays.
    pub fn new(view: &Arc<EngineView>, tasks: &BackgroundTasks, knob: Arc<IntParam>) -> Self {
        let installed = InstalledList::default();
        let loader = || ModelLoader::new(view.clone(), tasks.clone(), installed.clone());
        Self {
            first: loader(),
            second: loader(),
            third: loader(),
            fourth: loader(),
            choice: SlotChoice::new(knob),
        }
    }

    pub fn loaders(&self) -> [&ModelLoader; SLOTS] {
        [&self.first, &self.second, &self.third, &self.fourth]
    }

    /// The slot that plays, counted from 0. Any thread, wait-free.
    pub fn slot(&self) -> usize {
        self.choice.slot()
    }

    /// The loader of the slot that plays.
    pub fn chosen(&self) -> &ModelLoader {
        self.choice.pick(self.loaders())
    }

    /// Where the worker finds the newest networks.
    pub fn mailboxes(&self) -> [Arc<ModelMailbox>; SLOTS] {
        self.loaders().map(ModelLoader::mailbox)
    }

    /// What the styles of the model that plays are called.
    pub fn styles(&self) -> StyleNames {
        let lists = self.loaders().map(ModelLoader::styles);
        StyleNames::new(lists, self.choice.clone())
    }

    /// Makes sure that each slot has the network that the project wants, see
    /// [`ModelLoader::settle`].
    pub fn settle(&self) {
        for loader in self.loaders() {
            loader.settle();
        }
    }
}
