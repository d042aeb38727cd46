//! Debug switches, and what only looks like one: comments, later writes, values that are false.

use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5};

const DEBUG: &str = "config/debug-off";

/// One line in the configuration file of an id; the evidence names the setting, the file and the line.
macro_rules! on {
    ($kind:ident, $id:literal, $line:literal, $setting:literal) => {
        fails(
            $line,
            $kind,
            DEBUG,
            &[concat!($setting, " is on: "), "{config}:{line}"],
            |it| it.config($id, $line),
        )
    };
}

/// The same with nothing to find.
macro_rules! off {
    ($kind:ident, $id:literal, $line:literal) => {
        passes($line, $kind, DEBUG, |it| it.config($id, $line))
    };
}

pub(super) const CASES: &[Case] = &[
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['dev'] = true;",
        "$DP_CONFIG['debug']['dev']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['dev'] = false;",
        "$DP_CONFIG['debug']['dev']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['serve_file_debug'] = 1;",
        "$DP_CONFIG['debug']['serve_file_debug']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_debug_trace'] = true;",
        "$DP_CONFIG['debug']['enable_debug_trace']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['page_log']['enabled'] = 'yes';",
        "$DP_CONFIG['debug']['page_log']['enabled']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['page_log'] = ['enabled' => true];",
        "$DP_CONFIG['debug']['page_log']['enabled']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_usersource_log'] = true;",
        "$DP_CONFIG['debug']['enable_usersource_log']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_profiler'] = true;",
        "$DP_CONFIG['debug']['enable_profiler']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_transaction_log'] = true;",
        "$DP_CONFIG['debug']['enable_transaction_log']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['debug']['log_delete_queries'] = true;",
        "$DP_CONFIG['debug']['log_delete_queries']"
    ),
    on!(
        V4,
        "config",
        "$DP_CONFIG['enable_display_errors'] = true;",
        "$DP_CONFIG['enable_display_errors']"
    ),
    on!(
        V4,
        "config",
        "ini_set('display_errors', '1');",
        "ini_set('display_errors')"
    ),
    on!(
        V4,
        "config",
        "@ini_set(\"display_errors\", 'On');",
        "ini_set('display_errors')"
    ),
    on!(
        V4,
        "config",
        "if (true) { $DP_CONFIG['enable_display_errors'] = true; }",
        "$DP_CONFIG['enable_display_errors']"
    ),
    on!(
        V5,
        "env",
        "$ENV_CONFIG['debug_mode'] = true;",
        "$ENV_CONFIG['debug_mode']"
    ),
    on!(
        V5,
        "env",
        "$ENV_CONFIG['environment'] = 'dev';",
        "$ENV_CONFIG['environment']"
    ),
    on!(
        V5,
        "env",
        "$ENV_CONFIG['environment'] = 'test';",
        "$ENV_CONFIG['environment']"
    ),
    on!(
        V5,
        "logs",
        "$LOGS_CONFIG['log_level'] = 'DEBUG';",
        "$LOGS_CONFIG['log_level']"
    ),
    on!(
        V5,
        "logs",
        "$LOGS_CONFIG['log_db_queries'] = true;",
        "$LOGS_CONFIG['log_db_queries']"
    ),
    on!(
        V5,
        "logs",
        "$LOGS_CONFIG['page_log']['enabled'] = true;",
        "$LOGS_CONFIG['page_log']['enabled']"
    ),
    on!(
        V5,
        "env",
        "ini_set('display_errors', true);",
        "ini_set('display_errors')"
    ),
    on!(
        Container,
        "config",
        "$CONFIG['env']['debug_mode'] = true;",
        "$CONFIG['env']['debug_mode']"
    ),
    on!(
        Container,
        "config",
        "$CONFIG['env']['environment'] = 'staging';",
        "$CONFIG['env']['environment']"
    ),
    on!(
        Container,
        "config",
        "$CONFIG['env']['app_environment'] = 'dev';",
        "$CONFIG['env']['app_environment']"
    ),
    on!(
        Container,
        "config",
        "$CONFIG['logs']['log_level'] = 'debug';",
        "$CONFIG['logs']['log_level']"
    ),
    on!(
        Container,
        "config",
        "$CONFIG['logs']['log_db_queries'] = 1;",
        "$CONFIG['logs']['log_db_queries']"
    ),
    off!(V4, "config", "// $DP_CONFIG['debug']['dev'] = true;"),
    off!(V4, "config", "# $DP_CONFIG['debug']['dev'] = true;"),
    off!(V4, "config", "/* $DP_CONFIG['debug']['dev'] = true; */"),
    off!(
        V4,
        "config",
        "$s = '$DP_CONFIG[\"debug\"][\"dev\"] = true;';"
    ),
    off!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_profiler'] = false;"
    ),
    off!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_profiler'] = '0';"
    ),
    off!(
        V4,
        "config",
        "$DP_CONFIG['debug']['enable_profiler'] = true; $DP_CONFIG['debug']['enable_profiler'] = false;"
    ),
    off!(
        V4,
        "config",
        "$DP_CONFIG['debug']['dev'] = true; unset($DP_CONFIG['debug']['dev']);"
    ),
    off!(
        V4,
        "config",
        "$DP_CONFIG['debug']['dev'] = true; $DP_CONFIG['debug'] = array();"
    ),
    off!(
        V4,
        "config",
        "if (false) { $DP_CONFIG['debug']['dev'] = true; }"
    ),
    off!(V4, "config", "ini_set('display_errors', 'Off');"),
    off!(
        V4,
        "config",
        "ini_set('display_errors', '1'); ini_set('display_errors', '0');"
    ),
    off!(
        V5,
        "env",
        "$ENV_CONFIG['debug_mode'] = true; $ENV_CONFIG['debug_mode'] = false;"
    ),
    off!(V5, "env", "// $ENV_CONFIG['environment'] = 'dev';"),
    off!(
        Container,
        "config",
        "$CONFIG['env']['environment'] = 'prod';"
    ),
];
