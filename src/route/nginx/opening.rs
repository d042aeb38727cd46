//! Where a block of nginx's opens in a text, to the byte, so that lines can be put into it. Refuses to
//! choose between several blocks that open on one line, unless one of them alone is a `server`.

use super::lexer::{Event, Lexer};
use super::lua;

/// The offset behind the `{` of the block whose directive begins on the line, counted from 1.
///
/// # Errors
/// What stands there instead, or what nginx would refuse.
pub fn opening(text: &[u8], line: u32) -> Result<usize, String> {
    let mut lexer = Lexer::new(text);
    let mut found: Vec<(bool, usize)> = Vec::new();
    loop {
        let event = lexer
            .event()
            .map_err(|message| format!("line {}: {message}", lexer.line))?;
        match event {
            Event::Open(statement) => {
                if statement.line == line {
                    let offset = text.len() - lexer.rest().len();
                    found.push((statement.name == "server", offset));
                }
                if statement.name.bytes().ends_with(b"_by_lua_block") {
                    let length = lua::body_length(lexer.rest())
                        .ok_or("the Lua block has no closing \"}\"")?;
                    lexer.skip(length + 1);
                }
            }
            Event::End => break,
            Event::Simple(_) | Event::Close => {}
        }
    }
    let servers = || found.iter().filter(|(is_server, _)| *is_server);
    match (found.as_slice(), servers().count()) {
        ([(_, offset)], _) => Ok(*offset),
        ([], _) => Err("no block opens there".to_owned()),
        (_, 1) => Ok(servers().map(|(_, offset)| *offset).sum()),
        _ => Err("several blocks open there: give each a line of its own".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_by_their_first_line() {
        let at = |text: &str, line| {
            let found = opening(text.as_bytes(), line);
            found.map(|offset| text[..offset].to_owned())
        };
        let text = "events {}\nhttp { server { # {\n location ~ \"a{2}\"\n {\n } } }\n";
        assert_eq!(at(text, 1).unwrap(), "events {");
        assert_eq!(at(text, 2).unwrap(), "events {}\nhttp { server {");
        assert!(at(text, 3).unwrap().ends_with("\"a{2}\"\n {"));
        assert!(at(text, 4).is_err());
        assert!(
            at("server {} server {}", 1)
                .unwrap_err()
                .contains("several")
        );
        assert!(at("server { a b }", 1).is_err());
    }
}
