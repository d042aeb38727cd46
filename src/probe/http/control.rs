//! Negative controls: what the site answers to paths that cannot exist. A site that answers 200 to
//! everything, or refuses everything, must mislead nobody. Refuses to call two answers the same when
//! the site's answers to nothing are not even like each other.

use super::reply::Reply;
use super::send::{Failure, Sender};

/// The shapes of path that servers treat differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `/name/`
    Directory,
    /// `/name.html`, `/name.log`: a file that is no script.
    File,
    /// `/name.php`
    Script,
    /// `/.name`
    Dot,
    /// `/name/dp-ping`: a route of the product below an interface that does not exist.
    Route,
    /// `/index.php/name/`
    PathInfo,
    /// `/index.php?_sys=name`
    Query,
}

const SHAPES: [Shape; 7] = [
    Shape::Directory,
    Shape::File,
    Shape::Script,
    Shape::Dot,
    Shape::Route,
    Shape::PathInfo,
    Shape::Query,
];

impl Shape {
    fn path(self, name: &str) -> String {
        match self {
            Self::Directory => format!("/{name}/"),
            Self::File => format!("/{name}.html"),
            Self::Script => format!("/{name}.php"),
            Self::Dot => format!("/.{name}"),
            Self::Route => format!("/{name}/dp-ping"),
            Self::PathInfo => format!("/index.php/{name}/"),
            Self::Query => format!("/index.php?_sys={name}"),
        }
    }
}

/// How an answer compares with those to paths that cannot exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same page.
    Same,
    /// Another one.
    Different,
    /// The controls themselves differ from one another, or there are none.
    Unforeseeable,
}

/// The answers to paths that cannot exist, two of each shape.
#[derive(Debug, Default)]
pub(super) struct Controls {
    answers: Vec<(Shape, Print, Print)>,
}

impl Controls {
    /// Asks for two paths of each shape.
    pub(super) async fn ask(sender: &mut Sender, names: [&str; 2]) -> Result<Self, Failure> {
        let mut answers = Vec::new();
        for shape in SHAPES {
            let mut prints = Vec::new();
            for name in names {
                let request = sender.site.at(&shape.path(name));
                let reply = sender.get(&request).await?;
                prints.push(Print::of(&reply, &[name]));
            }
            if let [one, two] = prints.as_slice() {
                answers.push((shape, one.clone(), two.clone()));
            }
        }
        Ok(Self { answers })
    }

    /// Compares an answer; `words` are those of its path, which a page may repeat.
    pub(super) fn likeness(&self, shape: Shape, reply: &Reply, words: &[&str]) -> Likeness {
        let Some((_, one, two)) = self.answers.iter().find(|(known, ..)| *known == shape) else {
            return Likeness::Unforeseeable;
        };
        let print = Print::of(reply, words);
        if print.is_like(one) || print.is_like(two) {
            Likeness::Same
        } else if one.is_like(two) {
            Likeness::Different
        } else {
            Likeness::Unforeseeable
        }
    }

    /// The one status that every control has from 400 up but 404, if there is one.
    pub(super) fn refuses_all(&self) -> Option<u16> {
        let first = self.answers.first()?.1.status;
        let all = self.statuses().all(|status| status == first);
        (all && first >= 400 && first != 404).then_some(first)
    }

    /// Whether every control is sent to the same place.
    pub(super) fn redirects_all(&self) -> Option<&str> {
        let first = self.answers.first()?.1.to.as_deref()?;
        let mut prints = self.answers.iter().flat_map(|(_, one, two)| [one, two]);
        prints
            .all(|print| print.to.as_deref() == Some(first))
            .then_some(first)
    }

    fn statuses(&self) -> impl Iterator<Item = u16> {
        self.answers
            .iter()
            .flat_map(|(_, one, two)| [one.status, two.status])
    }
}

/// What of an answer is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Print {
    status: u16,
    to: Option<String>,
    title: String,
    /// The body without the words of its path, and without digits, which count or name the moment.
    body: String,
}

impl Print {
    fn of(reply: &Reply, words: &[&str]) -> Self {
        let neutral = |text: String| {
            let mut text = text;
            for word in words.iter().filter(|word| word.len() > 2) {
                text = text.replace(word, "*");
            }
            text.retain(|c| !c.is_ascii_digit());
            text
        };
        Self {
            status: reply.status,
            to: reply.redirect().map(neutral),
            title: neutral(reply.title()),
            body: neutral(reply.text()),
        }
    }

    /// The same status, and the same body or at least the same title and about the same length.
    fn is_like(&self, other: &Self) -> bool {
        if self.status != other.status || self.to != other.to {
            return false;
        }
        let (short, long) = (
            self.body.len().min(other.body.len()),
            self.body.len().max(other.body.len()),
        );
        let about_as_long = long - short <= 16 + long / 20;
        self.body == other.body
            || (!self.title.is_empty() && self.title == other.title && about_as_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;

    fn page(body: &str) -> Reply {
        Reply::new(200, HeaderMap::new(), body.into(), false)
    }

    fn controls(one: &str, two: &str) -> Controls {
        let print = |body| Print::of(&page(body), &["aaaa", "bbbb"]);
        Controls {
            answers: vec![(Shape::File, print(one), print(two))],
        }
    }

    #[test]
    fn a_page_that_repeats_its_path_is_the_same_page() {
        let known = controls("no /aaaa.html here, 12:01", "no /bbbb.html here, 12:02");
        let like = |body| known.likeness(Shape::File, &page(body), &["error"]);
        assert_eq!(like("no /error.html here, 13:17"), Likeness::Same);
        assert_eq!(like("[error] something broke"), Likeness::Different);
        let titled = controls(
            "<title>Help</title>token abcdef",
            "<title>Help</title>token uvwxyz",
        );
        let like = |body| titled.likeness(Shape::File, &page(body), &[]);
        assert_eq!(like("<title>Help</title>token qwerty"), Likeness::Same);
        assert_eq!(like("<title>phpinfo()</title>token"), Likeness::Different);
    }

    #[test]
    fn controls_that_differ_say_nothing() {
        let wild = controls("qwpoeiru", "zxmcnvb, and longer");
        let like = wild.likeness(Shape::File, &page("alskdjf"), &[]);
        assert_eq!(like, Likeness::Unforeseeable);
        let like = wild.likeness(Shape::Dot, &page("x"), &[]);
        assert_eq!(like, Likeness::Unforeseeable);
    }
}
