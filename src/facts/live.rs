//! What the web server did when it was asked over HTTP: what was handed out and what was not, and how
//! the site presents itself. A refusal is a fact only where the site's answers mean something.

use super::{Known, Listing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the web server did when it was asked over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveFacts {
    /// Whom deskguard asked, and from where.
    pub site: Site,
    /// What a request proved, for checks whose other half is the web server's configuration.
    pub proven: Proven,
    /// Requests for what lies in data directories, under every spelling.
    pub data: Listing<Asked>,
    /// Requests for configuration, source, dumps, logs and what edits leave behind.
    pub files: Listing<Asked>,
    /// Requests for directories, and whether their names were listed.
    pub directories: Listing<Asked>,
    /// Requests for the installer.
    pub installer: Listing<Asked>,
    /// Requests for diagnostic pages.
    pub diagnostics: Listing<Asked>,
    /// Requests for the admin and agent interfaces, one for each route that leads there.
    pub interfaces: Listing<Asked>,
    /// Versions that answers announce.
    pub versions: Listing<Announcement>,
    /// What plain HTTP gives.
    pub plain_http: PlainHttp,
    /// How TLS is spoken, and with which certificate.
    pub tls: Tls,
    /// Strict-Transport-Security.
    pub hsts: Hsts,
    /// The protecting headers of each page.
    pub headers: Listing<PageHeaders>,
    /// Every cookie that the site set.
    pub cookies: Listing<CookieSet>,
    /// The two marker files of `--canary`.
    pub canary: Canary,
    /// Every answer, for the comparison with the web server's configuration.
    pub exchanges: Listing<Exchange>,
    /// What the web server's configuration says to the same requests.
    pub predicted: Listing<Predicted>,
    /// Answers that are not what the configuration says.
    pub disagreements: Listing<Disagreement>,
    /// Lines of the web server's configuration that would give the answers what they lack.
    pub answer_lines: Listing<AnswerLine>,
}

/// Whom deskguard asked, and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Site {
    /// The helpdesk's own address.
    pub url: Known<String>,
    /// Where the URL comes from: `--url`, or the file that names it.
    pub url_source: String,
    /// `https` or `http`, as the URL says.
    pub scheme: Known<String>,
    /// The address that answered.
    pub address: Known<String>,
    /// Whether that address is one of this machine's own.
    pub is_here: Known<bool>,
    /// Where deskguard stands: `inside`, `outside`, or `nowhere` where nothing was asked.
    pub vantage: String,
    /// Whether the site answered at all.
    pub answers: Known<bool>,
    /// What shows that the helpdesk answers there.
    pub recognised_by: Known<String>,
    /// Requests sent.
    pub requests: u64,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            url: Known::default(),
            url_source: String::new(),
            scheme: Known::default(),
            address: Known::default(),
            is_here: Known::default(),
            vantage: "nowhere".to_owned(),
            answers: Known::default(),
            recognised_by: Known::default(),
            requests: 0,
        }
    }
}

/// What requests proved. `shown` false says only that nothing was proved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proven {
    /// A configuration file was handed out, or run so that it answered with nothing.
    pub config: Proof,
    /// Source, a dump, a log or a dot-file was handed out.
    pub source: Proof,
    /// Something in a data directory was handed out.
    pub data: Proof,
    /// A script in a data directory was run.
    pub data_executed: Proof,
    /// A directory's names were listed.
    pub listing: Proof,
    /// The installer answered.
    pub installer: Proof,
    /// A diagnostic page answered somebody from outside.
    pub diagnostics_outside: Proof,
    /// The admin interface answered somebody from outside.
    pub admin_outside: Proof,
    /// The agent interface answered somebody from outside.
    pub agent_outside: Proof,
}

/// Something that a request proved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// Whether.
    pub shown: bool,
    /// By which request: a clause such as `GET https://…/config.php gives PHP source`.
    pub by: String,
}

/// One request, and whether it was given what it asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// What was asked for, in words.
    pub what: String,
    /// Its kind: `data`, `log`, `backup`, `config`, `source`, `repository`, `admin`, `agent` …
    pub kind: String,
    /// As it was sent.
    pub url: String,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
    /// Whether it was handed out.
    pub given: Known<bool>,
    /// Whether somebody from outside is given it: known only where deskguard stands outside.
    pub given_outside: Known<bool>,
    /// What the answer showed.
    pub shows: String,
}

/// A version that an answer announces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// The header, element or page.
    pub place: String,
    /// What it says.
    pub value: String,
    /// The page that said it.
    pub url: String,
    /// Who can be told to keep it: `nginx` or `apache` by `answer_lines`, `php` by `server.php_settings`;
    /// empty where nobody was found.
    pub keeper: String,
}

/// What plain HTTP gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlainHttp {
    /// `closed`, `redirects`, `refuses` or `answers`.
    pub state: Known<String>,
    /// The URL that was asked.
    pub url: String,
    /// What the answer was.
    pub because: String,
    /// Whether the helpdesk's address is an https one, redirects followed.
    pub ends_at_https: Known<bool>,
}

/// How TLS is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tls {
    /// Whether TLS is spoken at the site's address.
    pub offered: Known<bool>,
    /// The host and port that were asked.
    pub address: String,
    /// Protocol versions older than TLS 1.2 that are accepted.
    pub old_versions: Known<Vec<String>>,
    /// Whether TLS 1.2 or 1.3 is accepted.
    pub modern: Known<bool>,
    /// Whether this machine's trust store vouches for the certificate; name and dates apart.
    pub trusted: Known<bool>,
    /// Whether the certificate is for the site's name.
    pub name_matches: Known<bool>,
    /// What is wrong with the certificate; empty where nothing is.
    pub problem: String,
    /// Its last day, in days since 1970-01-01 UTC.
    pub last_day: Known<i64>,
    /// The same day as a date.
    pub until: Known<String>,
    /// Whether it is valid already and still.
    pub in_time: Known<bool>,
    /// All of it in a sentence.
    pub says: String,
}

/// Strict-Transport-Security.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hsts {
    /// `max-age` in seconds, 0 where the header is not sent or says nothing valid.
    pub max_age: Known<i64>,
    /// The header as it was sent; empty where it was not.
    pub value: String,
    /// The page.
    pub url: String,
}

/// The protecting headers of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageHeaders {
    /// The page.
    pub url: String,
    /// Whether `X-Content-Type-Options: nosniff` is sent.
    pub nosniff: bool,
    /// Whether `X-Frame-Options` or the content security policy's `frame-ancestors` is sent and restricts.
    pub framing: bool,
    /// Whether a `Referrer-Policy` is sent that keeps the path from other sites.
    pub referrer: bool,
    /// The names of those that are not sent.
    pub missing: Vec<String>,
    /// The names of headers that are sent and do not protect, `Content-Security-Policy` for one whose
    /// `frame-ancestors` lets everybody.
    pub wrong: Vec<String>,
    /// The names of headers that `answer_lines` would give it.
    pub mendable: Vec<String>,
}

/// A cookie that the site set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CookieSet {
    /// Its name.
    pub name: String,
    /// The page that set it.
    pub url: String,
    /// Whether it carries a session, a login or a token.
    pub is_session: bool,
    /// Whether `Secure` is set.
    pub secure: bool,
    /// Whether `HttpOnly` is set.
    pub http_only: bool,
    /// `SameSite` in lower case, empty where it is not set.
    pub same_site: String,
    /// What is missing, in words.
    pub missing: Vec<String>,
    /// Who can be told to add all of it: `php` by `server.session_lines`, `nginx` or `apache` by
    /// `answer_lines`; empty where nobody was found.
    pub marker: String,
}

/// The two marker files of `--canary`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canary {
    /// Whether they were put there.
    pub placed: Known<bool>,
    /// The directory that they were put into.
    pub path: String,
    /// Whether the text was served.
    pub served: Known<bool>,
    /// Whether the script was run.
    pub executed: Known<bool>,
    /// Whether the script's source was served.
    pub source_served: Known<bool>,
    /// Requests that were given one of them.
    pub urls: Vec<String>,
    /// What could not be taken away again; empty where all is gone.
    pub left: Vec<String>,
}

/// One answer as the route model would put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// As it was sent, byte for byte.
    pub url: String,
    /// The address that the server saw.
    pub from: String,
    /// The status.
    pub status: u16,
    /// The file whose very bytes were the body; empty where that is not known.
    pub file: String,
    /// Whether the body was PHP source.
    pub php_source: bool,
    /// Whether the body was a server's listing of a directory.
    pub listing: bool,
}

/// What the web server's configuration says to a request that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Predicted {
    /// The request, as its exchange has it.
    pub url: String,
    /// The decision, or why there is none.
    pub decision: Known<String>,
    /// The status; none where another program chooses it.
    pub status: Option<u16>,
    /// The file that is sent, run or listed; empty where none is.
    pub file: String,
    /// The configuration file whose line decides; empty where none does.
    pub path: String,
    /// Its line, 0 where there is none.
    pub line: u32,
}

/// An answer that is not what the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disagreement {
    /// The request.
    pub url: String,
    /// What was answered.
    pub live: String,
    /// What the configuration says.
    pub model: String,
    /// The configuration file whose line decides there; empty where none does.
    pub path: String,
    /// Its line, 0 where there is none.
    pub line: u32,
}

/// A place in the configuration of the server that answered, and lines for it. A page is named by all
/// lines that it takes to give it what it lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerLine {
    /// What the answers lack: a header's name; `Server` and `X-Powered-By` for a version that they tell,
    /// `Set-Cookie` for the marks of a cookie.
    pub about: String,
    /// `nginx` or `apache`.
    pub program: String,
    /// The file.
    pub path: String,
    /// The line of the block that opens, or the line that is replaced; 0 for the end of the file.
    pub line: u32,
    /// What stands on that line.
    pub text: String,
    /// Whether `lines` stand in the place of that line; otherwise they go into the block.
    pub replaces: bool,
    /// The lines.
    pub lines: String,
    /// What has all that it lacks once every line about it is there: pages by their URLs, cookies by
    /// their names.
    pub mends: Vec<String>,
}
