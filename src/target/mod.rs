//! Where things are: which servers answer for the product and what runs it by the clock.
//! Refuses to judge; a place that could not be looked at is a reason, never an empty answer.

mod ini;
pub mod php_fpm;
pub mod schedule;
pub mod servers;
pub mod web_server;
