//! The date that a model's card and a report bear.
//!
//! Asked by the `train` command when a run begins, by its journal and by `install`. Main thread.

use std::time::SystemTime;

/// The time now, as RFC 3339 has it.
pub fn now() -> String {
    rfc3339(SystemTime::now())
}

/// A time as RFC 3339 has it.
pub fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
