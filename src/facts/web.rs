//! What the web server would do, by its configuration and the models of `route`: what it serves, what
//! it runs, whom it lets in, whom it believes.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the web server would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WebFacts {
    /// The configurations that were understood.
    pub servers: Listing<WebServerFacts>,
    /// Where a line has to stand to hold for the install.
    pub blocks: Listing<WebBlock>,
    /// Places that decide how the helpdesk is spoken to: known where it was asked over HTTP.
    #[serde(default)]
    pub transport: Listing<TransportPlace>,
    /// Networks that may see the admin and agent interfaces, as the person who audits named them.
    pub inside: Vec<String>,
    /// Configuration files, and whether the running server has read them as they are.
    pub loaded: Listing<LoadedFile>,
    /// Who may say which address a request comes from.
    pub client_address: Listing<AddressTrust>,
    /// What happens to files in data directories.
    pub data: Listing<Reach>,
    /// What happens to scripts in places that the web server's account can write.
    pub writable: Listing<Reach>,
    /// What happens to files with credentials, and to copies of them.
    pub credentials: Listing<Reach>,
    /// What happens to source, dumps, logs, dot-files and other things that are nobody's business.
    pub private: Listing<Reach>,
    /// What happens to scripts that are not the product's entry points.
    pub scripts: Listing<Reach>,
    /// Which directories are listed.
    pub directories: Listing<Reach>,
    /// Who gets to the admin and agent interfaces.
    pub interfaces: Listing<Interface>,
    /// Who gets to the installer.
    pub installer: Listing<Interface>,
    /// Who gets to pages that tell about the server.
    pub diagnostics: Listing<Interface>,
    /// Whether v4's marker that closes the installer is there.
    pub installed_marker: Known<bool>,
    /// What was taken for granted, each a sentence.
    pub assumed: Vec<String>,
}

/// A web server by its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WebServerFacts {
    /// `nginx` or `apache`.
    pub program: String,
    /// The file that it starts from.
    pub path: String,
    /// Whether it runs with this file.
    pub running: bool,
    /// Whether it publishes something of this install.
    pub serves_install: bool,
}

/// A place in a web server's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebBlock {
    /// `nginx` or `apache`.
    pub program: String,
    /// `server`: a server block or virtual host that publishes the install; `http`: nginx's block around
    /// them; `listing`: a line that lists directories; `trust`: a line that lets every client name an
    /// address.
    pub block: String,
    /// The file.
    pub path: String,
    /// The line on which the block opens; 0 for a file that is no part of a block.
    pub line: u32,
    /// What stands on that line.
    pub text: String,
    /// What a `listing` or `trust` line says when it does not.
    pub mended: String,
}

/// A place in a web server's configuration that decides how the helpdesk is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransportPlace {
    /// `nginx` or `apache`; empty where no configuration was found that decides.
    pub program: String,
    /// `protocols`: which versions of TLS are taken; `redirect`: that plain HTTP leads to HTTPS.
    pub about: String,
    /// The file.
    pub path: String,
    /// The line that is replaced, or on which the block opens; 0 for a file that is no part of a block.
    pub line: u32,
    /// What stands on that line.
    pub text: String,
    /// `line`: `mended` takes its place; `block`: `mended` goes into the block; empty: a person decides.
    pub how: String,
    /// The lines that mend it.
    pub mended: String,
    /// What was found there, or why a person decides; a clause.
    pub because: String,
}

/// A configuration file of a running server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadedFile {
    /// `nginx`, `apache` or `php-fpm`.
    pub program: String,
    /// The file.
    pub path: String,
    /// Its line; always 0.
    pub line: u32,
    /// Whether it changed after the server read it.
    pub newer: Known<bool>,
    /// When it changed, UTC.
    pub changed: String,
    /// When the server read its configuration, UTC.
    pub read: String,
    /// How one knows.
    pub because: String,
}

/// Somebody who may say which address a request comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddressTrust {
    /// Who believes it: `nginx`, `apache`, `the product`, `a rule of nginx's`.
    pub believer: String,
    /// Whom: `none`, `listed`, `everyone`.
    pub who: Known<String>,
    /// Why.
    pub because: String,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
}

/// What a request does with a file or directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// The file or directory that it is about.
    pub subject: String,
    /// What that is: `log`, `attachment`, `configuration` …
    pub kind: String,
    /// Whether it is there; otherwise it stands for what might be put there.
    pub exists: bool,
    /// Whether the product means it to run or to be served.
    pub intended: bool,
    /// `executed`, `served`, `listed`, or `nothing`.
    pub does: Known<String>,
    /// For how many files and directories the row stands.
    pub count: u64,
    /// A regular expression over the decoded path of a request that holds for all that the row stands
    /// for, and for nothing that the product needs; empty where there is none.
    pub guard: String,
    /// The request that does it; the first one asked where none does.
    pub url: String,
    /// The server's answer: `static 200`.
    pub answer: String,
    /// The deciding line's file.
    pub path: String,
    /// The deciding line.
    pub line: u32,
    /// What that line does.
    pub because: String,
}

/// A page, and whether a client gets to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interface {
    /// `admin`, `agent`, `installer`, `phpinfo`, `status` …
    pub name: String,
    /// The request.
    pub url: String,
    /// The client's address.
    pub from: String,
    /// `outside` or `inside`.
    pub side: String,
    /// A header that the client made up; empty where it did not.
    pub forged: String,
    /// Whether the request gets there.
    pub reached: Known<bool>,
    /// A regular expression over the decoded path of the request and what is below it; empty where there
    /// is none.
    pub guard: String,
    /// The server's answer: `denied 403`.
    pub answer: String,
    /// The deciding line's file.
    pub path: String,
    /// The deciding line.
    pub line: u32,
    /// What that line does.
    pub because: String,
}
