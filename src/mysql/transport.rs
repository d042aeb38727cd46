//! What the way to the server turned out to be.

/// How the bytes travel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transport {
    /// Whether the server offers TLS.
    pub offered: bool,
    /// The protocol that was agreed upon, `TLSv1.3`; empty: no TLS.
    pub protocol: String,
    /// The cipher suite; empty: no TLS.
    pub cipher: String,
    /// What is wrong with the server's certificate; empty: nothing, or no TLS.
    pub problem: String,
}
