//! Which of the model slots plays. The knob that hosts automate is the one owner of it: whoever asks
//! asks the knob. Any thread, wait-free.

use std::sync::Arc;

use nice_plug::prelude::IntParam;

pub const SLOTS: usize = 4;

/// The slot that the knob stands at. Clones read the same knob.
#[derive(Clone)]
pub struct SlotChoice(Arc<IntParam>);

impl SlotChoice {
    /// By a knob that counts from 1.
    pub fn new(knob: Arc<IntParam>) -> Self {
        Self(knob)
    }

    /// The slot that plays, counted from 0; below [`SLOTS`].
    pub fn slot(&self) -> usize {
        (self.0.value() - 1).clamp(0, SLOTS as i32 - 1) as usize
    }

    /// What belongs to the slot that plays.
    pub fn pick<T>(&self, [first, second, third, fourth]: [T; SLOTS]) -> T {
        match self.slot() {
            0 => first,
            1 => second,
            2 => third,
            _ => fourth,
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use nice_plug::prelude::{IntRange, Param};

    /// A knob as the parameters have it.
    pub fn knob() -> Arc<IntParam> {
        let range = IntRange::Linear { min: 1, max: 4 };
        Arc::new(IntParam::new("Model slot", 1, range))
    }

    /// Turns it as a host does.
    pub fn turn(knob: &IntParam, position: i32) {
        let normalized = knob.preview_normalized(position);
        // SAFETY: the pointer leads into `knob`.
        unsafe { knob.as_ptr()._internal_set_normalized_value(normalized) };
    }

    #[test]
    fn the_slot_is_the_knobs_position() {
        let knob = knob();
        let choice = SlotChoice::new(knob.clone());
        for position in 1..=4 {
            turn(&knob, position);
            assert_eq!(choice.slot() as i32, position - 1);
            assert_eq!(choice.pick([1, 2, 3, 4]), position);
        }
    }
}
