//! Until when a server's release series receives fixes: a dated table, and nothing guessed beyond it.

use crate::facts::Known;

/// Server, series, last day; `#` begins a comment.
const TABLE: &str = include_str!("support.tsv");

/// The last day of fixes for a series: `2028-02-16` and the same in days since 1970-01-01.
pub(super) fn until(flavour: &str, series: &str) -> Known<(String, i64)> {
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let day = lines.find_map(|line| {
        let mut fields = line.split('\t');
        let own = fields.next() == Some(flavour) && fields.next() == Some(series);
        fields.next().filter(|_| own)
    });
    let Some(day) = day else {
        return Known::unknown(format!(
            "{flavour} {series} is not in deskguard's table of supported releases"
        ));
    };
    let days = day.parse::<jiff::civil::Date>().ok().and_then(|date| {
        let epoch = jiff::civil::date(1970, 1, 1);
        epoch
            .until((jiff::Unit::Day, date))
            .ok()
            .map(|span| i64::from(span.get_days()))
    });
    days.map(|days| (day.to_owned(), days))
        .ok_or_else(|| format!("{day} is no day"))
        .into()
}

/// `10.11` of `10.11.19-MariaDB-0+deb12u1`, and `5.5.5-10.11.19-MariaDB` as replication makes it.
pub(super) fn series(version: &str) -> Option<(u32, u32)> {
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut numbers = version.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_day() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for line in lines {
            let fields: Vec<&str> = line.split('\t').collect();
            let [flavour, series, day] = fields[..] else {
                panic!("{line}");
            };
            let found = until(flavour, series);
            assert_eq!(found.known().unwrap().0, day, "{line}");
            count += 1;
        }
        assert!(count > 30);
        assert_eq!(until("MySQL", "8.0").known().unwrap().1, 20_573);
        assert!(until("MySQL", "77.0").known().is_none());
    }

    #[test]
    fn versions_name_their_series() {
        for (version, expected) in [
            ("10.11.19-MariaDB-0+deb12u1", Some((10, 11))),
            ("5.5.5-10.6.3-MariaDB-log", Some((10, 6))),
            ("8.4.2", Some((8, 4))),
            ("9.0.1-cluster", Some((9, 0))),
            ("unknown", None),
        ] {
            assert_eq!(series(version), expected, "{version}");
        }
    }
}
