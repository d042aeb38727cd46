//! The language of the database's accounts and settings, pure: what `SHOW GRANTS` says, what the product
//! needs of it, and what a fix changes there, as statements built from typed parts. Refuses free text:
//! no statement that writes is made anywhere else.

mod deed;
pub mod grants;
pub mod needs;
mod on;
pub mod quote;
mod spell;

pub use deed::Deed;
pub use on::{Level, On};
pub use spell::Spelled;
