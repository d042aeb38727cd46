//! A read-only session with a MySQL or MariaDB server, bounded in time and rows, and every statement that
//! deskguard may send. Refuses to write, to hand over a local file, to send a password in clear, and to
//! build SQL from text: a [`Statement`] can be made in this room only, and values travel as parameters. `fix --apply` alone has a
//! [`Writer`] beside it, which sends what the room `sql` built from typed parts and nothing else.

mod answer;
mod connect;
mod failure;
mod gate;
mod greeting;
mod native;
mod packet;
mod place;
mod session;
mod statement;
pub mod statements;
mod tls;
mod transport;
mod writer;

pub use answer::{Answer, Row};
pub use failure::Failure;
pub use native::native_hash;
pub use place::{Login, Place};
pub use session::{Bounds, Session};
pub use statement::{Parameter, Statement};
pub use transport::Transport;
pub use writer::{Writer, fill_random};
