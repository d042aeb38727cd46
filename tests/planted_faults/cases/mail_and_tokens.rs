//! Back doors, fixed tokens and mail that goes where it should not.

use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5};

const LOGIN: &str = "config/no-login-override";
const TOKEN: &str = "config/no-static-tokens";
const MAIL: &str = "config/mail-not-diverted";

/// One line in the configuration file of an id; the evidence names the setting, the file and the line.
macro_rules! on {
    ($check:ident, $kind:ident, $id:literal, $line:literal, $setting:literal) => {
        fails(
            $line,
            $kind,
            $check,
            &[concat!($setting, " is on: "), "{config}:{line}"],
            |it| it.config($id, $line),
        )
        .hides(&["open sesame"])
    };
}

macro_rules! off {
    ($check:ident, $kind:ident, $id:literal, $line:literal) => {
        passes($line, $kind, $check, |it| it.config($id, $line))
    };
}

pub(super) const CASES: &[Case] = &[
    on!(
        LOGIN,
        V4,
        "config",
        "define('DP_OVERRIDE_USER_PASS', '1:open sesame');",
        "DP_OVERRIDE_USER_PASS"
    ),
    on!(
        LOGIN,
        V4,
        "config",
        "defined('DP_OVERRIDE_USER_PASS') || define('DP_OVERRIDE_USER_PASS', '*:open sesame');",
        "DP_OVERRIDE_USER_PASS"
    ),
    on!(
        LOGIN,
        V4,
        "config",
        "const DP_OVERRIDE_USER_PASS = '1:open sesame';",
        "DP_OVERRIDE_USER_PASS"
    ),
    on!(
        LOGIN,
        V5,
        "settings",
        "define('DP_BYPASS_TOKEN_AUTH', 'open sesame');",
        "DP_BYPASS_TOKEN_AUTH"
    ),
    on!(
        LOGIN,
        V5,
        "settings",
        "$SETTINGS['api_auth.master_key'] = 'open sesame';",
        "$SETTINGS['api_auth.master_key']"
    ),
    on!(
        LOGIN,
        V5,
        "settings",
        "$SETTINGS['enable_test_user_context_header'] = true;",
        "$SETTINGS['enable_test_user_context_header']"
    ),
    on!(
        LOGIN,
        Container,
        "config",
        "$CONFIG['settings']['api_auth.master_key'] = 'open sesame';",
        "$CONFIG['settings']['api_auth.master_key']"
    ),
    on!(
        LOGIN,
        Container,
        "config",
        "$CONFIG['settings']['enable_test_user_context_header'] = true;",
        "$CONFIG['settings']['enable_test_user_context_header']"
    ),
    on!(
        LOGIN,
        Container,
        "config",
        "$CONFIG['app_settings']['enable_test_support'] = true;",
        "$CONFIG['app_settings']['enable_test_support']"
    ),
    off!(
        LOGIN,
        V4,
        "config",
        "// define('DP_OVERRIDE_USER_PASS', '1:open sesame');"
    ),
    off!(LOGIN, V4, "config", "define('DP_OVERRIDE_USER_PASS', '');"),
    off!(
        LOGIN,
        V5,
        "settings",
        "# $SETTINGS['api_auth.master_key'] = 'open sesame';"
    ),
    off!(
        LOGIN,
        Container,
        "config",
        "$CONFIG['app_settings']['enable_test_support'] = false;"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "define('DP_SAVEMAIL_AUTH', 'open sesame');",
        "DP_SAVEMAIL_AUTH"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "define('DP_CHATSTATUS_AUTH', 'open sesame');",
        "DP_CHATSTATUS_AUTH"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "define('DP_APC_STATS_INFO_AUTH', 'open sesame');",
        "DP_APC_STATS_INFO_AUTH"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "define('DPC_SAVE_FAILED_MAIL_AUTH', 'open sesame');",
        "DPC_SAVE_FAILED_MAIL_AUTH"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "$DP_CONFIG['phpinfo_auth'] = 'open sesame';",
        "$DP_CONFIG['phpinfo_auth']"
    ),
    on!(
        TOKEN,
        V4,
        "config",
        "$DP_CONFIG['sys_licinfo'] = true;",
        "$DP_CONFIG['sys_licinfo']"
    ),
    on!(
        TOKEN,
        V5,
        "env",
        "define('DP_CHATSTATUS_AUTH', 'open sesame');",
        "DP_CHATSTATUS_AUTH"
    ),
    on!(
        TOKEN,
        Container,
        "config",
        "define('DP_SAVEMAIL_AUTH', 'open sesame');",
        "DP_SAVEMAIL_AUTH"
    ),
    off!(
        TOKEN,
        V4,
        "config",
        "/* define('DP_SAVEMAIL_AUTH', 'open sesame'); */"
    ),
    off!(TOKEN, V4, "config", "$DP_CONFIG['sys_licinfo'] = false;"),
    on!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['debug']['mail']['save_to_file'] = true;",
        "$DP_CONFIG['debug']['mail']['save_to_file']"
    ),
    on!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['debug']['mail']['save_to_file_info'] = 1;",
        "$DP_CONFIG['debug']['mail']['save_to_file_info']"
    ),
    on!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['debug']['mail']['force_to'] = 'me@example.com';",
        "$DP_CONFIG['debug']['mail']['force_to']"
    ),
    on!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['debug']['mail']['disable_send'] = true;",
        "$DP_CONFIG['debug']['mail']['disable_send']"
    ),
    on!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['SETTINGS']['core.bcc_all_emails'] = 'me@example.com';",
        "$DP_CONFIG['SETTINGS']['core.bcc_all_emails']"
    ),
    on!(
        MAIL,
        V4,
        "config",
        "define('DP_EMAIL_TRANSPORT_FACTORY', 'mine');",
        "DP_EMAIL_TRANSPORT_FACTORY"
    ),
    on!(
        MAIL,
        V5,
        "settings",
        "$SETTINGS['core.bcc_all_emails'] = 'me@example.com';",
        "$SETTINGS['core.bcc_all_emails']"
    ),
    on!(
        MAIL,
        V5,
        "settings",
        "$SETTINGS['disable_outgoing_email'] = true;",
        "$SETTINGS['disable_outgoing_email']"
    ),
    on!(
        MAIL,
        Container,
        "config",
        "$CONFIG['settings']['core.bcc_all_emails'] = 'me@example.com';",
        "$CONFIG['settings']['core.bcc_all_emails']"
    ),
    on!(
        MAIL,
        Container,
        "config",
        "$CONFIG['settings']['disable_outgoing_email'] = true;",
        "$CONFIG['settings']['disable_outgoing_email']"
    ),
    off!(
        MAIL,
        V4,
        "config",
        "$DP_CONFIG['debug']['mail']['force_to'] = '';"
    ),
    off!(
        MAIL,
        V4,
        "config",
        "#$DP_CONFIG['debug']['mail']['save_to_file'] = true;"
    ),
    off!(
        MAIL,
        V5,
        "settings",
        "// $SETTINGS['disable_outgoing_email'] = true;"
    ),
];
