//! A web server's lines taken apart into directives and blocks, so that what two snippets share is
//! written once. Refuses (gives nothing) where an end is missing.

use super::action::Server;

/// One directive or block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    /// What it does, without the comments around it.
    pub(super) body: String,
    /// Whole lines of comment, before it.
    pub(super) comments: Vec<String>,
}

impl Piece {
    /// As it is written.
    pub(super) fn text(&self) -> String {
        let mut lines = self.comments.clone();
        lines.push(self.body.clone());
        lines.join("\n")
    }

    /// Takes over what another with the same body says about it.
    pub(super) fn explain(&mut self, comments: &[String]) {
        for comment in comments {
            if !self.comments.contains(comment) {
                self.comments.push(comment.clone());
            }
        }
    }
}

/// Bytes up to and with the closing quote. A doubled quote is two texts side by side, which comes to
/// the same here.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return Some(at + 1);
        }
    }
    None
}

/// The directives and blocks of a snippet, in their order.
pub(super) fn directives(server: Server, text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut comments = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut depth = 0_i32;
    for line in text.lines() {
        let bare = line.trim();
        if open.is_empty() && (bare.is_empty() || bare.starts_with('#')) {
            comments.extend((!bare.is_empty()).then(|| bare.to_owned()));
            continue;
        }
        open.push(line);
        let (change, ended) = match server {
            Server::Apache => (section(bare), !bare.ends_with('\\')),
            _ => (braces(bare)?, bare.ends_with([';', '}'])),
        };
        depth += change;
        if depth == 0 && ended {
            let body = open.join("\n").trim_end().to_owned();
            pieces.push(Piece {
                body,
                comments: std::mem::take(&mut comments),
            });
            open.clear();
        }
    }
    if !open.is_empty() {
        return None;
    }
    if let Some(last) = pieces.last_mut() {
        last.explain(&comments);
    }
    Some(pieces)
}

fn section(line: &str) -> i32 {
    if line.starts_with("</") {
        -1
    } else {
        i32::from(line.starts_with('<'))
    }
}

/// How many more braces a line opens than it closes, outside of quotes and comments. A brace within a
/// word belongs to a regular expression, as in `\.{2}`, only where nginx would need quotes for it too.
fn braces(line: &str) -> Option<i32> {
    let mut depth = 0;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '#' => break,
            '\'' | '"' => quoted(rest, c)?,
            '\\' => rest.chars().take(2).map(char::len_utf8).sum(),
            _ => c.len_utf8(),
        };
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        rest = rest.get(length..)?;
    }
    Some(depth)
}

/// What a block of nginx's is for, without its lines: two with the same head cannot stand in one block.
pub(super) fn head(body: &str) -> Option<String> {
    let (head, _) = body.split_once('{')?;
    Some(head.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(pieces: Option<Vec<Piece>>) -> Vec<String> {
        let pieces = pieces.unwrap();
        pieces.iter().map(|it| it.body.clone()).collect()
    }

    #[test]
    fn directives_and_blocks_stay_whole() {
        let nginx = "# why\nserver_tokens off;\nlocation ~ \"^/a{2}\" {\n    return 404;\n}\nlocation = /x { return 403; }\n";
        let pieces = directives(Server::Nginx, nginx).unwrap();
        assert_eq!(pieces[0].comments, ["# why"]);
        assert_eq!(
            bodies(Some(pieces)),
            [
                "server_tokens off;",
                "location ~ \"^/a{2}\" {\n    return 404;\n}",
                "location = /x { return 403; }"
            ]
        );
        let apache = "<Directory \"/x\">\n  <IfModule m>\n  A b\n  </IfModule>\n</Directory>\nServerTokens \\\n Prod\n";
        assert_eq!(
            bodies(directives(Server::Apache, apache)),
            [
                "<Directory \"/x\">\n  <IfModule m>\n  A b\n  </IfModule>\n</Directory>",
                "ServerTokens \\\n Prod"
            ]
        );
        assert_eq!(directives(Server::Nginx, "location / {\n"), None);
    }
}
