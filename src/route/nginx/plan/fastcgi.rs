//! What goes to a FastCGI server with a request.

use super::Template;
use crate::route::Place;

/// One `fastcgi_param`.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) struct Param {
    pub(in crate::route::nginx) at: Place,
    pub(in crate::route::nginx) name: Vec<u8>,
    pub(in crate::route::nginx) value: Template,
    /// Left out where the value is empty.
    pub(in crate::route::nginx) if_not_empty: bool,
}
