//! When something was said, in the forms that the old bot wrote: seconds since 1970, or ISO without a zone, which is UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Reads the JSON value of a time, to the microsecond. `None` for what is none, or lies before 1970.
pub(super) fn parse(json: &str) -> Option<DateTime<Utc>> {
    let text = match json.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?.trim(),
        None => json,
    };
    let time = of_seconds(text).or_else(|| of_iso(text))?;
    (time >= DateTime::UNIX_EPOCH).then_some(time)
}

/// Exact for every second that has a name: a double holds microseconds until the year 2255.
fn of_seconds(text: &str) -> Option<DateTime<Utc>> {
    let seconds: f64 = text.parse().ok().filter(|seconds: &f64| seconds.is_finite())?;
    let microseconds = (seconds * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is refused")]
    (microseconds.abs() < 9e18).then(|| DateTime::from_timestamp_micros(microseconds as i64))?
}

fn of_iso(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return microseconds(zoned.to_utc());
    }
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            return microseconds(local.and_utc());
        }
    }
    microseconds(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc())
}

/// As PostgreSQL keeps it.
fn microseconds(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(time.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &str) -> Option<String> {
        parse(json).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string())
    }

    #[test]
    fn seconds_and_iso_forms_are_the_same_moment() {
        for json in [
            "1739460479.262209",
            "\"1739460479.262209\"",
            "\"2025-02-13T15:27:59.262209\"",
            "\"2025-02-13 15:27:59.262209\"",
            "\"2025-02-13T15:27:59.262209Z\"",
            "\"2025-02-13T17:27:59.262209+02:00\"",
        ] {
            assert_eq!(written(json).as_deref(), Some("2025-02-13T15:27:59.262209"), "{json}");
        }
        assert_eq!(written("1739460479").as_deref(), Some("2025-02-13T15:27:59.000000"));
        assert_eq!(written("\"2025-02-25T05:17:06\"").as_deref(), Some("2025-02-25T05:17:06.000000"));
        assert_eq!(written("\"2025-02-25\"").as_deref(), Some("2025-02-25T00:00:00.000000"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for json in [
            "\"yesterday\"",
            "\"\"",
            "null",
            "{}",
            "[]",
            "true",
            "\"nan\"",
            "1e400",
            "-5",
            "1e300",
            "\"",
            "\"inf\"",
        ] {
            assert_eq!(parse(json), None, "{json}");
        }
    }

    #[test]
    fn the_year_30000_is_a_time_that_somebody_else_refuses() {
        assert_eq!(written("884541340800").as_deref(), Some("+30000-01-01T00:00:00.000000"));
    }
}
