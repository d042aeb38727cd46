//! A dump of a MySQL or MariaDB database read as a stream: tables, columns and the rows that somebody asks
//! for, in memory that does not grow with the file. Pure: bytes come from any reader. Refuses to run SQL
//! and to keep a value that is longer than any that is asked for.

mod feed;
mod literal;
mod scan;
mod unpack;

pub use literal::Cell;
pub use scan::{Ending, Row, Sink, scan};
pub use unpack::unpack;
