//! Moments as the database writes them. The product stores UTC; MySQL's zero date is no moment.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SECONDS_A_DAY: i64 = 86_400;

/// Seconds since 1970 UTC of `2026-01-31 10:00:00`; `None` for zero dates and for what is no date.
#[must_use]
pub fn parse_moment(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes.get(..19).unwrap_or(bytes)).ok()?;
    let moment: DateTime = text.trim().parse().ok()?;
    let stamp = TimeZone::UTC.to_timestamp(moment).ok()?;
    Some(stamp.as_second())
}

/// The day of a moment, in days since 1970-01-01 UTC.
#[must_use]
pub const fn day_of(second: i64) -> i64 {
    second.div_euclid(SECONDS_A_DAY)
}

/// A day as a date; as a number where it is out of the calendar.
#[must_use]
pub fn written_day(day: i64) -> String {
    day.checked_mul(SECONDS_A_DAY)
        .and_then(|second| jiff::Timestamp::from_second(second).ok())
        .map_or_else(
            || format!("day {day}"),
            |stamp| stamp.strftime("%Y-%m-%d").to_string(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_dates_are_no_moments() {
        assert_eq!(parse_moment(b"1970-01-02 00:00:01"), Some(86_401));
        assert_eq!(
            parse_moment(b"2026-01-31 10:00:00.000000"),
            parse_moment(b"2026-01-31 10:00:00")
        );
        for bad in [
            &b"0000-00-00 00:00:00"[..],
            b"",
            b"\xff",
            b"2026-13-01 00:00:00",
            b"soon",
        ] {
            assert_eq!(parse_moment(bad), None);
        }
        assert_eq!(written_day(day_of(86_401)), "1970-01-02");
    }
}
