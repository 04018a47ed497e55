//! Finds the value at which a knob shows a wanted text, the way a user turns it.
//!
//! Both hosts use it, so that tests and `xtask` name knobs and values as the plug-in shows them,
//! whatever each format's own scale is.

use anyhow::{Context, bail};

/// A knob as the host knows it.
#[derive(Clone, Debug)]
pub struct Knob {
    /// The format's own number for it.
    pub id: u32,
    /// The name it shows.
    pub name: String,
    /// Steps between its ends, or `None` where it turns smoothly.
    pub steps: Option<u32>,
}

impl Knob {
    /// The position (0 to 1) at which `show` gives `wanted`: the text itself, or its number; of a
    /// knob with steps also `#3`, the third after its lowest.
    pub fn find(&self, wanted: &str, show: impl Fn(f64) -> String) -> anyhow::Result<f64> {
        let end = |at: &f64| same(&show(*at), wanted);
        let found = match self.steps {
            Some(steps) => self.find_step(steps, wanted, &show),
            None => [0.0, 1.0]
                .into_iter()
                .find(end)
                .or_else(|| find_smooth(wanted, &show)),
        };
        found.with_context(|| {
            format!(
                "{} cannot show {wanted:?}: {} to {}",
                self.name,
                show(0.0),
                show(1.0)
            )
        })
    }

    fn find_step(&self, steps: u32, wanted: &str, show: impl Fn(f64) -> String) -> Option<f64> {
        if let Some(step) = wanted
            .strip_prefix('#')
            .and_then(|step| step.parse::<u32>().ok())
        {
            return (step <= steps).then(|| f64::from(step) / f64::from(steps.max(1)));
        }
        let positions = || (0..=steps).map(|step| f64::from(step) / f64::from(steps.max(1)));
        positions().find(|at| same(&show(*at), wanted)).or_else(|| {
            let wanted = number(wanted)?;
            positions().find(|at| number(&show(*at)) == Some(wanted))
        })
    }
}

/// The middle of the range in which a rising, rounded number shows as wanted.
fn find_smooth(wanted: &str, show: impl Fn(f64) -> String) -> Option<f64> {
    let wanted = number(wanted)?;
    let edge = |beyond: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if number(&show(middle)).is_some_and(beyond) {
                high = middle
            } else {
                low = middle
            }
        }
        high
    };
    let (from, to) = (
        edge(&|shown| shown >= wanted),
        edge(&|shown| shown > wanted),
    );
    let found = (from + to) / 2.0;
    (number(&show(found))? == wanted).then_some(found)
}

fn same(shown: &str, wanted: &str) -> bool {
    let (shown, wanted) = (shown.trim(), wanted.trim());
    shown.eq_ignore_ascii_case(wanted) || number(shown).is_some_and(|n| wanted.parse() == Ok(n))
}

/// The number that a text such as "0.80 x" begins with.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c)));
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    // "1/8" is no 1.
    if rest.starts_with('/') {
        return None;
    }
    number.parse().ok()
}

/// The knob called `name`.
pub fn named<'a>(knobs: &'a [Knob], name: &str) -> anyhow::Result<&'a Knob> {
    if let Some(knob) = knobs
        .iter()
        .find(|knob| knob.name.eq_ignore_ascii_case(name))
    {
        return Ok(knob);
    }
    let names: Vec<_> = knobs.iter().map(|knob| knob.name.as_str()).collect();
    bail!("no knob is called {name:?}; there are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(steps: Option<u32>, wanted: &str, show: fn(f64) -> String, expect: Option<f64>) {
        let knob = Knob {
            id: 0,
            name: "Knob".into(),
            steps,
        };
        let found = knob.find(wanted, show).ok();
        let same = match (found, expect) {
            (Some(found), Some(expect)) => (found - expect).abs() < 1e-3,
            (found, expect) => found == expect,
        };
        assert!(same, "{wanted:?}: {found:?}, not {expect:?}");
    }

    #[test]
    fn texts_and_numbers_are_found() {
        let modes = |at: f64| {
            if at < 0.5 {
                "Call & response"
            } else {
                "Answer"
            }
            .to_string()
        };
        check(Some(1), "answer", modes, Some(1.0));
        check(Some(1), "nothing", modes, None);
        let bars = |at: f64| format!("{} bars", 1.0 + (at * 15.0).round());
        check(Some(15), "4", bars, Some(0.2));
        check(Some(15), "17 bars", bars, None);
        let heat = |at: f64| format!("{:.2}", 0.1 + at * 1.9);
        check(None, "1.05", heat, Some(0.5));
        check(None, "0.10", heat, Some(0.0));
        check(None, "2.0", heat, Some(1.0));
        check(None, "2.5", heat, None);
        let linked = |at: f64| {
            if at < 0.1 {
                "linked".into()
            } else {
                format!("{at:.2}")
            }
        };
        check(None, "linked", linked, Some(0.0));
        check(None, "0.50", linked, Some(0.5));
    }

    #[test]
    fn parts_of_a_note_are_not_taken_for_their_first_number() {
        let grid =
            |at: f64| ["Off", "1/4", "1/8", "1/8 triplet"][(at * 3.0).round() as usize].into();
        check(Some(3), "1/8", grid, Some(2.0 / 3.0));
        check(Some(3), "1/8 triplet", grid, Some(1.0));
        check(Some(3), "1/7", grid, None);
    }
}
