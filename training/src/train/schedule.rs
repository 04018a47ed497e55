//! The course of the learning rate over a run. Asked by the trainer before every step.

/// The learning rate over a run: a linear rise, then half a cosine down to nothing.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    peak: f64,
    steps: u64,
    warm_up: u64,
}

impl Schedule {
    /// Up to `peak`, over `steps` in all.
    pub fn new(peak: f64, steps: u64) -> Self {
        Self {
            peak,
            steps,
            warm_up: (steps / 20).clamp(1, 200),
        }
    }

    /// The rate for a step, the first one being 0.
    pub fn rate(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / self.warm_up as f64;
        }
        let (done, whole) = (step - self.warm_up, (self.steps - self.warm_up).max(1));
        let share = (done as f64 / whole as f64).min(1.0);
        self.peak * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let schedule = Schedule::new(1.0, 1000);
        assert!(schedule.rate(0) < 0.05 && schedule.rate(49) == 1.0);
        assert!(schedule.rate(500) < 0.7 && schedule.rate(999) < 1e-5);
        assert_eq!(Schedule::new(1.0, 1).rate(0), 1.0);
    }
}
