//! Plans of fixes: their order and what is merged does not depend on how they come in, and the script
//! that is printed does exactly what the deeds say, on real files, with a real shell.

mod deeds;
mod edits;
mod order;
mod quoting;
mod shell;
