//! Which file and which line of several counts, and configurations that cannot be understood.

use crate::accounts::OWNER;
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5};

const DEBUG: &str = "config/debug-off";
const READABLE: &str = "config/readable";

pub(super) const CASES: &[Case] = &[
    fails(
        "a later write wins",
        V4,
        DEBUG,
        &[
            "$DP_CONFIG['debug']['enable_profiler'] is on",
            "{config}:{line}",
        ],
        |it| {
            it.config("config", "$DP_CONFIG['debug']['enable_profiler'] = false;");
            it.config("config", "$DP_CONFIG['debug']['enable_profiler'] = true;");
        },
    ),
    fails(
        "config.all.php counts where the specific file is silent",
        V5,
        DEBUG,
        &[
            "$CONFIG['logs']['log_db_queries'] is on",
            "{root}/config/config.all.php:2",
        ],
        |it| {
            it.file(
                "config/config.all.php",
                OWNER,
                0o600,
                "<?php\n$CONFIG['logs']['log_db_queries'] = true;\n",
            );
        },
    ),
    passes(
        "the specific file wins over config.all.php",
        V5,
        DEBUG,
        |it| {
            it.file(
                "config/config.all.php",
                OWNER,
                0o600,
                "<?php\n$CONFIG['env']['debug_mode'] = true;\n",
            );
        },
    ),
    fails(
        "in an included file",
        V4,
        DEBUG,
        &[
            "$DP_CONFIG['debug']['dev'] is on",
            "{host}/srv/private/helpdesk/more.php:2",
        ],
        |it| {
            it.file(
                "host:srv/private/helpdesk/more.php",
                OWNER,
                0o600,
                "<?php\n$DP_CONFIG['debug']['dev'] = true;\n",
            );
            it.config("config", "require __DIR__ . '/more.php';");
        },
    ),
    fails(
        "what depends on the environment",
        V4,
        READABLE,
        &[
            "$DP_CONFIG['debug']['enable_profiler']",
            "getenv",
            "{config}:{line}",
        ],
        |it| {
            it.config(
                "config",
                "$DP_CONFIG['debug']['enable_profiler'] = getenv('DEBUG');",
            );
        },
    ),
    unknown(
        "and is then not judged",
        V5,
        DEBUG,
        &["{config}:{line}"],
        |it| {
            it.config("env", "$ENV_CONFIG['debug_mode'] = getenv('DEBUG');");
        },
    )
    .also(&[READABLE]),
    fails(
        "a configuration that does not parse",
        V4,
        READABLE,
        &["PHP", "{config}:{line}"],
        |it| {
            it.config("config", "$DP_CONFIG['debug'] = array(;");
        },
    ),
    fails(
        "v5's without a database",
        V5,
        READABLE,
        &[
            "the file database: it is not there",
            "{root}/config/config.database.php",
        ],
        |it| {
            it.remove("config/config.database.php");
        },
    ),
    fails(
        "the container's that does not parse",
        Container,
        READABLE,
        &["PHP", "{config}"],
        |it| {
            it.config("config", "$CONFIG['x'] = [[;");
        },
    ),
];
