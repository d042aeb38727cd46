//! The steps of the rewrite module (`ngx_http_rewrite_handler`, `ngx_http_script.c`).

use super::state::State;
use super::uri::unescape_redirect;
use super::{End, Step};
use crate::route::nginx::plan::{Beyond, Code, Rewrite, Target, Template};
use crate::route::{Decision, Place};

/// What a step does to those that follow.
enum Flow {
    Next,
    /// They are left out.
    Stop,
    /// The request ends.
    End(Step),
}

/// What the engine keeps between steps.
struct Engine {
    /// Captures are escaped; true until the first rewrite, as nginx starts (`e->quote = 1`).
    quote: bool,
}

impl<'a> State<'a> {
    /// Runs the steps; where they leave the request alone, it goes on to `next`.
    pub(super) fn codes(&mut self, codes: &'a [Code], next: Step) -> Result<Step, Beyond> {
        let mut engine = Engine { quote: true };
        match self.steps(codes, &mut engine)? {
            Flow::Next | Flow::Stop => Ok(next),
            Flow::End(step) => Ok(step),
        }
    }

    fn steps(&mut self, codes: &'a [Code], engine: &mut Engine) -> Result<Flow, Beyond> {
        for code in codes {
            let flow = match code {
                Code::Set { target, value } => {
                    self.assign(*target, value, engine.quote)?;
                    Flow::Next
                }
                Code::Rewrite(rewrite) => self.rewrite(rewrite, engine)?,
                Code::Return { at, status, text } => {
                    Flow::End(self.returned(at, *status, text.as_ref())?)
                }
                Code::Break => {
                    if self.uri_changed {
                        self.valid_location = false;
                        self.uri_changed = false;
                    }
                    Flow::Stop
                }
                Code::If {
                    at,
                    label,
                    condition,
                    location,
                    inside,
                } => {
                    if self.holds(condition, engine.quote)? {
                        self.say(at, format!("{label} holds"));
                        if let Some(index) = location {
                            self.enter(*index)?;
                        }
                        self.steps(inside, engine)?
                    } else {
                        Flow::Next
                    }
                }
                Code::Unknown(at, text) => return Err(Beyond::at(at, text.clone())),
            };
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn assign(&mut self, target: Target, value: &Template, quote: bool) -> Result<(), Beyond> {
        let value = self.value(value, quote)?;
        match target {
            Target::Args => self.args = value,
            Target::Slot(slot) => {
                if let Some(known) = self.slots.get_mut(slot) {
                    *known = Some(value);
                }
            }
            Target::Nothing => {}
        }
        Ok(())
    }

    fn rewrite(&mut self, rewrite: &Rewrite, engine: &mut Engine) -> Result<Flow, Beyond> {
        let uri = self.uri.clone();
        if !self.matches(&rewrite.pattern, &uri, &rewrite.at)? {
            self.captures.clear();
            return Ok(Flow::Next);
        }
        self.say(&rewrite.at, rewrite.label.clone());
        self.internal = true;
        self.valid_location &= !rewrite.breaks;
        self.uri_changed = !rewrite.breaks;
        let (mut text, query) = self.pieces(&rewrite.replacement, rewrite.redirect.is_some())?;
        engine.quote = false;
        let adds = rewrite.keeps_args && !self.args.is_empty();
        if let Some(status) = rewrite.redirect {
            let mut to = unescape_redirect(&text);
            if adds {
                let mark = if rewrite.replacement.has_query() {
                    b'&'
                } else {
                    b'?'
                };
                to.push(mark);
                to.extend_from_slice(&self.args);
            }
            return Ok(Flow::End(Step::Finalize {
                status,
                to: Some(to),
            }));
        }
        if let Some(query) = query {
            let mut args = text.split_off(query);
            if adds {
                args.push(b'&');
                args.extend_from_slice(&self.args);
            }
            self.args = args;
        } else if !rewrite.keeps_args {
            self.args.clear();
        }
        self.uri = text;
        if self.uri.is_empty() {
            self.note("the rewritten URI is empty");
            return Ok(Flow::End(Step::status(500)));
        }
        Ok(if rewrite.is_last {
            Flow::Stop
        } else {
            Flow::Next
        })
    }

    /// `return`: a text is sent as it is, a bare status goes the way of all errors.
    fn returned(
        &mut self,
        at: &Place,
        status: u16,
        text: Option<&Template>,
    ) -> Result<Step, Beyond> {
        let value = match text {
            Some(text) => self.value(text, false)?,
            None => Vec::new(),
        };
        self.say(at, format!("return {status}"));
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(Step::Finalize {
                status,
                to: Some(value),
            });
        }
        if status >= 400 && text.is_none() {
            return Ok(Step::status(status));
        }
        Ok(Step::Done(End {
            decision: Decision::Fixed,
            status: Some(self.sent_status(status)),
            file: None,
            to: None,
        }))
    }
}
