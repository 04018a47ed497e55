//! The date that a model's card and a report bear.
//!
//! Asked by the `train` command when a run begins, by its journal and by `install`. Main thread.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time, as RFC 3339 has it.
pub fn now() -> String {
    rfc3339(SystemTime::now())
}

/// A time as RFC 3339 has it.
pub fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    of_seconds(since.as_secs())
}

fn of_seconds(seconds: u64) -> String {
    let (mut day, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| {
        (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
    };
    let mut year = 1970;
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        day + 1
    )
}

#[cfg(test)]
mod tests {
    use super::of_seconds;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(of_seconds(0), "1970-01-01T00:00:00Z");
        assert_eq!(of_seconds(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(of_seconds(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(of_seconds(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(of_seconds(4_107_542_400), "2100-03-01T00:00:00Z");
    }
}
