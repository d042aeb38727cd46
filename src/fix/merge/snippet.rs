//! Snippets for one block of a web server's configuration become one, in which each directive stands
//! once: nginx refuses a second `location` of the same name, and many a directive that is repeated.

use super::{Deed, Merged};
use crate::fix::action::{Action, Server};
use crate::fix::pieces::{Piece, directives, head};
use std::collections::BTreeMap;

const ONCE: &str = "one snippet holds the lines of both";

pub(super) fn merge(deeds: &[Deed], merged: &mut Merged) {
    let Some((server, path, line, expected)) = deeds.first().and_then(|it| block(&it.action))
    else {
        return;
    };
    let about = format!("the block at {path}:{line}");
    if deeds
        .iter()
        .any(|it| block(&it.action).is_none_or(|other| other != (server, path, line, expected)))
    {
        return merged.conflict(about, deeds);
    }
    let mut texts: Vec<Vec<Piece>> = Vec::new();
    for deed in deeds {
        let Action::Snippet { text, .. } = &deed.action else {
            continue;
        };
        match directives(server, text) {
            Some(pieces) => texts.push(pieces),
            None if deeds.len() == 1 => return merged.keep(deed.action.clone(), deeds, ONCE),
            None => return merged.conflict(about, deeds),
        }
    }
    // What only denies comes before what hands on: nginx takes the first regular expression that fits.
    // What is there for one reason stands together.
    let reason = |pieces: &[Piece]| pieces.first().map(|it| it.comments.clone());
    texts.sort_by_key(|pieces| (pieces.iter().any(hands_on), reason(pieces), pieces.clone()));
    let mut whole: Vec<Piece> = Vec::new();
    let mut heads: BTreeMap<String, String> = BTreeMap::new();
    for piece in texts.into_iter().flatten() {
        if let Some(there) = whole.iter_mut().find(|it| it.body == piece.body) {
            there.explain(&piece.comments);
            continue;
        }
        if server == Server::Nginx
            && let Some(head) = head(&piece.body)
            && heads.insert(head.clone(), piece.body.clone()).is_some()
        {
            return merged.conflict(format!("`{head}` in {about}"), deeds);
        }
        whole.push(piece);
    }
    let before = std::iter::once(None).chain(whole.iter().map(Some));
    let lines: Vec<String> = before
        .zip(&whole)
        .map(|(before, piece)| match before {
            Some(before) if before.comments == piece.comments => piece.body.clone(),
            _ => piece.text(),
        })
        .collect();
    let text = match deeds {
        [only] => match &only.action {
            Action::Snippet { text, .. } => text.clone(),
            _ => return,
        },
        _ => lines.join("\n"),
    };
    let action = Action::Snippet {
        server,
        path: path.to_owned(),
        line,
        expected: expected.to_owned(),
        text,
    };
    merged.keep(action, deeds, ONCE);
}

fn block(action: &Action) -> Option<(Server, &str, u32, &str)> {
    match action {
        Action::Snippet {
            server,
            path,
            line,
            expected,
            ..
        } => Some((*server, path, *line, expected)),
        _ => None,
    }
}

fn hands_on(piece: &Piece) -> bool {
    let words = [
        "fastcgi_pass",
        "fastcgi_param",
        "proxy_pass",
        "SetHandler",
        "ProxyPass",
    ];
    words.iter().any(|word| piece.body.contains(word))
}
