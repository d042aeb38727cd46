//! Text from disk, headers and databases made safe to show: what a terminal would obey, or what a
//! reader would not see, becomes a visible escape. A backslash stays as it is, since PHP names are
//! full of them: the result is for reading, the exact bytes are in the JSON report.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// How many marks may stand on one letter before they are taken for a trick.
const MARKS: usize = 4;

/// The text with everything invisible or obeyed made visible.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_but(text, |_| false)
}

/// The same; tabs stay, for lines of scripts that a check's author indented.
pub(super) fn escape_script(line: &str) -> Cow<'_, str> {
    escape_but(line, |c| c == '\t')
}

fn escape_but(text: &str, spared: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    // A mark at the very start would sit on whatever the report wrote before it.
    let mut room = 0_usize;
    for c in text.chars() {
        let is_mark = c.width() == Some(0);
        if spared(c) || !(is_hazard(c) || is_mark && room == 0) {
            room = if is_mark {
                room.saturating_sub(1)
            } else {
                MARKS
            };
            shown.push(c);
        } else {
            room = 0;
            push_escaped(&mut shown, c);
        }
    }
    Cow::Owned(shown)
}

fn push_escaped(shown: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = match c {
        '\n' => write!(shown, "\\n"),
        '\r' => write!(shown, "\\r"),
        '\t' => write!(shown, "\\t"),
        c if c.is_ascii() => write!(shown, "\\x{:02x}", u32::from(c)),
        c => write!(shown, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// Control characters, bidirectional controls, line separators, and what has no shape at all.
pub(super) fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_or_hides_becomes_visible() {
        for (text, shown) in [
            (
                "/var/www/desk pro/ü/日本.php",
                "/var/www/desk pro/ü/日本.php",
            ),
            ("App\\User\\Login", "App\\User\\Login"),
            ("a\nb\rc\td", "a\\nb\\rc\\td"),
            ("\u{1b}[2J\u{7}\u{0}", "\\x1b[2J\\x07\\x00"),
            ("\u{1b}]52;c;cm0=\u{1b}\\", "\\x1b]52;c;cm0=\\x1b\\"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\x7f"),
            ("photo\u{202e}gpj.php", "photo\\u{202e}gpj.php"),
            ("ad\u{200b}min\u{feff}", "ad\\u{200b}min\\u{feff}"),
            (
                "a\u{2066}b\u{2069}\u{2028}",
                "a\\u{2066}b\\u{2069}\\u{2028}",
            ),
            ("\u{e0041}\u{fe0f}\u{ad}", "\\u{e0041}\\u{fe0f}\\u{ad}"),
            ("Ame\u{301}lie हिन्दी ภาษาไทย", "Ame\u{301}lie हिन्दी ภาษาไทย"),
            ("\u{301}x", "\\u{301}x"),
            ("not utf-8: \u{fffd}", "not utf-8: \u{fffd}"),
        ] {
            assert_eq!(escape(text), shown);
        }
    }

    #[test]
    fn a_pile_of_marks_does_not_grow_into_other_lines() {
        let pile: String = std::iter::once('a')
            .chain(std::iter::repeat_n('\u{301}', 50))
            .collect();
        assert_eq!(escape(&pile).matches('\u{301}').count(), MARKS);
    }

    #[test]
    fn scripts_keep_their_tabs_and_nothing_else() {
        assert_eq!(escape_script("\tif\u{1b}"), "\tif\\x1b");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_is_left_and_twice_is_once(text in any::<String>()) {
            let once = escape(&text).into_owned();
            prop_assert!(!once.chars().any(is_hazard), "{once:?}");
            prop_assert_eq!(escape(&once), once.as_str());
        }
    }
}
