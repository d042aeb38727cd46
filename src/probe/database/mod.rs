//! The account that the product connects with, and the database server that it connects to. Refuses to
//! write and to print a password.
