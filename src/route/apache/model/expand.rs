//! The tree without its conditional sections: what holds is put in their place, variables are filled
//! in as Apache does when it reads a line. Refuses to drop what it cannot decide: it is kept as a
//! problem.

use super::modules::Loaded;
use crate::route::apache::{Variables, words};
use crate::route::{Because, Directive, Sources};

/// Reads on from line to line.
pub(super) struct Expansion<'a> {
    pub(super) loaded: Loaded,
    pub(super) variables: Variables,
    pub(super) sources: &'a dyn Sources,
    /// Conditions and variables that could not be decided; they can change any route.
    pub(super) undecided: Vec<Because>,
}

impl Expansion<'_> {
    /// The lines that hold.
    pub(super) fn expand(&mut self, lines: &[Directive]) -> Vec<Directive> {
        let mut out = Vec::new();
        for line in lines {
            let line = self.resolved(line);
            match self.loaded.holds(&line, self.sources) {
                Some(Ok(true)) => out.extend(self.expand(line.inside())),
                Some(Ok(false)) => {}
                Some(Err(message)) => self.undecided.push(Because {
                    at: Some(line.at.clone()),
                    text: message,
                }),
                None => {
                    self.follow(&line);
                    let children = line.children.as_ref().map(|children| self.expand(children));
                    out.push(Directive { children, ..line });
                }
            }
        }
        out
    }

    fn follow(&mut self, line: &Directive) {
        let Some(name) = line.args.first() else {
            return;
        };
        if line.is("LoadModule") {
            self.loaded.load(name);
        } else if line.is("Define") {
            self.loaded.define(name, true);
            if let Some(value) = line.args.get(1) {
                self.variables.define(name.bytes(), value.bytes());
            }
        } else if line.is("UnDefine") {
            self.loaded.define(name, false);
            self.variables.undefine(name.bytes());
        }
    }

    /// The line with its variables filled in. The children stay.
    fn resolved(&mut self, line: &Directive) -> Directive {
        let holds = |word: &crate::route::Word| word.bytes().windows(2).any(|pair| pair == b"${");
        let Some(raw) = line.raw.as_ref().filter(|raw| holds(raw)) else {
            return line.clone();
        };
        // Maps of mod_rewrite look like variables, and are left alone where nobody defined them.
        match self.variables.resolve(raw) {
            Ok(raw) => Directive {
                args: words::words(raw.bytes()),
                raw: Some(raw),
                ..line.clone()
            },
            Err(message) => {
                let rewrites = line.is("RewriteRule") || line.is("RewriteCond");
                if !rewrites || self.variables.defines_all_of(raw) {
                    self.undecided.push(Because {
                        at: Some(line.at.clone()),
                        text: message,
                    });
                }
                line.clone()
            }
        }
    }
}
