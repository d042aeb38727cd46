//! The language of the database's accounts and settings, pure: what `SHOW GRANTS` says, what the product
//! needs of it, and what a fix changes there, as statements built from typed parts. Refuses free text:
//! no statement that writes is made anywhere else.

mod deed;
pub mod definition;
pub mod grants;
pub mod needs;
mod on;
pub mod quote;
mod rows;
mod spell;
pub mod variables;
mod written;

pub use deed::Deed;
pub use definition::Definition;
pub use on::{Level, On};
pub use rows::{Cells, RowOf};
pub use spell::Spelled;
pub use written::Written;
