//! Where a block of nginx's stands in a text, to the byte, so that lines can be put into it. Refuses to
//! choose between several blocks that open on one line, unless one of them alone is a `server`.

use super::lexer::{Event, Lexer};
use super::lua;
use std::ops::Range;

/// What stands between the `{` and the `}` of the block whose directive begins on the line, counted
/// from 1.
///
/// # Errors
/// What stands there instead, or what nginx would refuse.
pub fn inside(text: &[u8], line: u32) -> Result<Range<usize>, String> {
    let mut lexer = Lexer::new(text);
    // Which of the found ones each open block is.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut found: Vec<(bool, Range<usize>)> = Vec::new();
    loop {
        let event = lexer
            .event()
            .map_err(|message| format!("line {}: {message}", lexer.line))?;
        let offset = text.len() - lexer.rest().len();
        match event {
            Event::Open(statement) if statement.name.bytes().ends_with(b"_by_lua_block") => {
                let length =
                    lua::body_length(lexer.rest()).ok_or("the Lua block has no closing \"}\"")?;
                lexer.skip(length + 1);
            }
            Event::Open(statement) => {
                let is_wanted = statement.line == line;
                open.push(is_wanted.then_some(found.len()));
                if is_wanted {
                    found.push((statement.name == "server", offset..text.len()));
                }
            }
            Event::Close => {
                let closed = open.pop().flatten();
                if let Some((_, range)) = closed.and_then(|index| found.get_mut(index)) {
                    range.end = offset - 1;
                }
            }
            Event::End => break,
            Event::Simple(_) => {}
        }
    }
    let servers = found.iter().filter(|(is_server, _)| *is_server).count();
    match (found.as_slice(), servers) {
        ([(_, range)], _) => Ok(range.clone()),
        ([], _) => Err("no block opens there".to_owned()),
        (_, 1) => Ok(found
            .iter()
            .find(|(is_server, _)| *is_server)
            .map_or(0..0, |(_, range)| range.clone())),
        _ => Err("several blocks open there: give each a line of its own".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_by_their_first_line() {
        let at = |text: &str, line| {
            let found = inside(text.as_bytes(), line);
            found.map(|range| text[range].to_owned())
        };
        let text = "events {}\nhttp { server { # {\n location ~ \"a{2}\"\n { x; } } }\n";
        assert_eq!(at(text, 1).unwrap(), "");
        assert_eq!(at(text, 2).unwrap(), " # {\n location ~ \"a{2}\"\n { x; } ");
        assert_eq!(at(text, 3).unwrap(), " x; ");
        assert!(at(text, 4).is_err());
        assert!(
            at("server {} server {}", 1)
                .unwrap_err()
                .contains("several")
        );
        assert!(at("server { a b }", 1).is_err());
    }
}
