//! Whom the product believes about a client's address, and the umask that it sets.

use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5};

const TRUST: &str = "config/proxy-trust-listed";
const ADDRESS: &str = "web/client-address-trustworthy";
const UMASK: &str = "config/umask-private";
const READABLE: &str = "config/readable";

macro_rules! everybody {
    ($kind:ident, $id:literal, $line:literal, $because:literal) => {
        fails($line, $kind, TRUST, &[$because, "{config}:{line}"], |it| {
            it.config($id, $line);
        })
        .also(&[ADDRESS])
    };
}

macro_rules! listed {
    ($kind:ident, $id:literal, $line:literal) => {
        passes($line, $kind, TRUST, |it| it.config($id, $line))
    };
}

macro_rules! open {
    ($kind:ident, $id:literal, $line:literal) => {
        fails(
            $line,
            $kind,
            UMASK,
            &["the configured umask is 00", "{config}:{line}"],
            |it| it.config($id, $line),
        )
    };
}

macro_rules! closed {
    ($kind:ident, $id:literal, $line:literal) => {
        passes($line, $kind, UMASK, |it| it.config($id, $line))
    };
}

pub(super) const CASES: &[Case] = &[
    everybody!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = true;",
        "every client may say which address it comes from: v4 takes every true value that is no array"
    ),
    everybody!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = '10.0.0.1';",
        "also one address as a string"
    ),
    everybody!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = 1;",
        "v4 takes every true value"
    ),
    everybody!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = array('10.0.0.1', '0.0.0.0/0');",
        "the list holds 0.0.0.0/0"
    ),
    everybody!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'][] = '::/0';",
        "the list holds ::/0"
    ),
    everybody!(
        V5,
        "env",
        "$ENV_CONFIG['trust_proxy_data'] = ['0.0.0.0/0'];",
        "the list holds 0.0.0.0/0"
    ),
    everybody!(
        V5,
        "env",
        "$ENV_CONFIG['trust_proxy_data'] = ['0.0.0.0/1', '128.0.0.0/1'];",
        "the list holds 0.0.0.0/1"
    ),
    everybody!(
        V5,
        "env",
        "$ENV_CONFIG['trust_proxy_data'] = ['REMOTE_ADDR'];",
        "the list holds REMOTE_ADDR"
    ),
    everybody!(
        Container,
        "config",
        "$CONFIG['env']['trust_proxy_data'] = ['0.0.0.0/0'];",
        "the list holds 0.0.0.0/0"
    ),
    fails(
        "the older place in v5",
        V5,
        TRUST,
        &["the list holds 0.0.0.0/0", "{config}:{line}"],
        |it| {
            it.reconfig(
                "env",
                "$ENV_CONFIG['trust_proxy_data']",
                "// $ENV_CONFIG['trust_proxy_data']",
            );
            it.config("settings", "$SETTINGS['trust_proxy_data'] = ['0.0.0.0/0'];");
        },
    )
    .also(&[ADDRESS]),
    listed!(V4, "config", "$DP_CONFIG['trust_proxy_data'] = false;"),
    listed!(V4, "config", "$DP_CONFIG['trust_proxy_data'] = '';"),
    listed!(V4, "config", "$DP_CONFIG['trust_proxy_data'] = array();"),
    listed!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = array('10.0.0.0/8', '2001:db8::7');"
    ),
    listed!(
        V4,
        "config",
        "$DP_CONFIG['trust_proxy_data'] = true; $DP_CONFIG['trust_proxy_data'] = false;"
    ),
    listed!(V4, "config", "// $DP_CONFIG['trust_proxy_data'] = true;"),
    listed!(V5, "env", "$ENV_CONFIG['trust_proxy_data'] = [];"),
    listed!(
        V5,
        "settings",
        "$SETTINGS['trust_proxy_data'] = ['0.0.0.0/0'];"
    ),
    unknown(
        "a list in another file",
        V4,
        TRUST,
        &["the list continues in the file @~/proxies.php"],
        |it| {
            it.config(
                "config",
                "$DP_CONFIG['trust_proxy_data'] = array('@~/proxies.php');",
            );
        },
    )
    .also(&[READABLE]),
    open!(V5, "env", "$ENV_CONFIG['set_umask'] = 0000;"),
    open!(V5, "env", "$ENV_CONFIG['set_umask'] = 0;"),
    open!(V5, "env", "$ENV_CONFIG['set_umask'] = 0020;"),
    open!(Container, "config", "$CONFIG['env']['set_umask'] = 0000;"),
    open!(
        Container,
        "config",
        "$CONFIG['env'] = array_merge($CONFIG['env'], ['set_umask' => 0]);"
    ),
    closed!(V5, "env", "$ENV_CONFIG['set_umask'] = 0002;"),
    closed!(V5, "env", "$ENV_CONFIG['set_umask'] = 0077;"),
    closed!(V5, "env", "// $ENV_CONFIG['set_umask'] = 0000;"),
    closed!(Container, "config", "$CONFIG['env']['set_umask'] = 0027;"),
    unknown(
        "no umask at all",
        V5,
        UMASK,
        &["the configuration sets no umask"],
        |it| {
            it.reconfig(
                "env",
                "$ENV_CONFIG['set_umask']",
                "// $ENV_CONFIG['set_umask']",
            );
        },
    ),
];
