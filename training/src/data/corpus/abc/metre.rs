//! `M:` and `L:`, the metre and the unit of note lengths.
//!
//! Called by [`super::voice`]. Pure; any thread.

use harmonai_core::music::time::Metre;

use crate::data::corpus::bars::PER_BEAT;

/// What `M:` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Numerator and denominator; `None` for free metre or one that is not understood.
    of: Option<(i64, i64)>,
}

impl Beat {
    /// From text such as `6/8`, `C|`, `(2+3)/8` or `none`.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let of = match text {
            "C" | "c" => Some((4, 4)),
            "C|" | "c|" => Some((2, 2)),
            _ => text.split_once('/').and_then(|(above, below)| {
                let above = above.trim().trim_matches(['(', ')']);
                let sum = above
                    .split(['+', ' '])
                    .map(|part| part.trim().parse::<i64>().ok())
                    .try_fold(0i64, |sum, part| sum.checked_add(part?))?;
                let below: String = below
                    .trim()
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect();
                Some((sum, below.parse().ok()?))
            }),
        };
        let valid =
            |(above, below): &(i64, i64)| (1..=1000).contains(above) && (1..=1000).contains(below);
        Self {
            of: of.filter(valid),
        }
    }

    /// As the core has it, where there is such a metre.
    pub fn metre(self) -> Option<Metre> {
        self.of.and_then(|(above, below)| Metre::new(above, below))
    }

    /// The length of a bar; of a free one that of 4/4.
    pub fn length(self) -> i64 {
        let (above, below) = self.of.unwrap_or((4, 4));
        4 * PER_BEAT * above / below
    }

    /// Whether its beats have three parts, as in 6/8: what decides some tuplets.
    pub fn compound(self) -> bool {
        matches!(self.of, Some((6 | 9 | 12, _)))
    }

    /// The unit of note lengths where no `L:` says it: a sixteenth in metres below 3/4.
    pub fn unit(self) -> i64 {
        match self.of {
            Some((above, below)) if 4 * above < 3 * below => PER_BEAT / 4,
            _ => PER_BEAT / 2,
        }
    }
}

/// The unit that `L:` says, such as `1/8`, or `None`.
pub fn unit(text: &str) -> Option<i64> {
    let (above, below) = text.trim().split_once('/').unwrap_or((text.trim(), "1"));
    let above: i64 = above.trim().parse().ok()?;
    let below: i64 = below.trim().parse().ok()?;
    let valid = (1..=64).contains(&above) && (1..=512).contains(&below);
    valid.then(|| 4 * PER_BEAT * above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_as_they_are_written() {
        let check = |text: &str, metre: Option<&str>, unit: i64| {
            let beat = Beat::parse(text);
            assert_eq!(beat.metre(), metre.and_then(Metre::parse), "{text}");
            assert_eq!(beat.unit(), PER_BEAT / unit, "{text}");
        };
        check("6/8", Some("6/8"), 2);
        check("2/4", Some("2/4"), 4);
        check(" C| ", Some("2/2"), 2);
        check("(2+3)/8", Some("5/8"), 4);
        check("2+2+3/8", Some("7/8"), 2);
        check("3/4 ", Some("3/4"), 2);
        for none in ["none", "", "4/0", "0/4", "4/5", "-3/4", "99999999999/1"] {
            check(none, None, 2);
        }
    }

    #[test]
    fn units_as_they_are_written() {
        assert_eq!(unit("1/8"), Some(PER_BEAT / 2));
        assert_eq!(unit(" 1/16 "), Some(PER_BEAT / 4));
        assert_eq!(unit("1"), Some(4 * PER_BEAT));
        assert_eq!(unit("1/0"), None);
        assert_eq!(unit("eighth"), None);
    }
}
