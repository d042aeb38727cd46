//! The constants of PHP itself that configuration reads.
//!
//! It refuses those that depend on the machine or the PHP version.

use super::value::Value;

/// What is known of a constant of PHP itself.
pub(super) enum Constant {
    Known(Value),
    /// It exists, its value depends on the machine.
    Exists,
    Perhaps,
    None,
}

pub(super) fn constant(name: &str) -> Constant {
    let number = |number: i64| Constant::Known(Value::Int(number));
    match name {
        "PHP_EOL" => Constant::Known(Value::text("\n")),
        "DIRECTORY_SEPARATOR" => Constant::Known(Value::text("/")),
        "PATH_SEPARATOR" => Constant::Known(Value::text(":")),
        "PHP_INT_MAX" => number(i64::MAX),
        "PHP_INT_MIN" => number(i64::MIN),
        "PHP_INT_SIZE" => number(8),
        "NAN" => Constant::Known(Value::Float(f64::NAN)),
        "INF" => Constant::Known(Value::Float(f64::INFINITY)),
        "M_PI" => Constant::Known(Value::Float(std::f64::consts::PI)),
        "E_ERROR" => number(1),
        "E_WARNING" => number(2),
        "E_PARSE" => number(4),
        "E_NOTICE" => number(8),
        "E_CORE_ERROR" => number(16),
        "E_CORE_WARNING" => number(32),
        "E_COMPILE_ERROR" => number(64),
        "E_COMPILE_WARNING" => number(128),
        "E_USER_ERROR" => number(256),
        "E_USER_WARNING" => number(512),
        "E_USER_NOTICE" => number(1024),
        "E_STRICT" => number(2048),
        "E_RECOVERABLE_ERROR" => number(4096),
        "E_DEPRECATED" => number(8192),
        "E_USER_DEPRECATED" => number(16384),
        "LOCK_SH" | "COUNT_RECURSIVE" | "SORT_NUMERIC" => number(1),
        "LOCK_EX" | "SORT_STRING" => number(2),
        "COUNT_NORMAL" | "SORT_REGULAR" => number(0),
        "JSON_THROW_ON_ERROR" => number(4_194_304),
        "E_ALL" => Constant::Exists,
        _ if name.starts_with("PHP_") => machine(name),
        _ if [
            "MYSQLI_", "CURL", "LDAP_", "OPENSSL_", "FILTER_", "INTL_", "LOG_", "STD",
        ]
        .iter()
        .any(|p| name.starts_with(p)) =>
        {
            Constant::Perhaps
        }
        _ => Constant::None,
    }
}

fn machine(name: &str) -> Constant {
    match name {
        "PHP_VERSION"
        | "PHP_OS"
        | "PHP_OS_FAMILY"
        | "PHP_SAPI"
        | "PHP_VERSION_ID"
        | "PHP_MAJOR_VERSION"
        | "PHP_MINOR_VERSION"
        | "PHP_RELEASE_VERSION"
        | "PHP_BINARY"
        | "PHP_BINDIR"
        | "PHP_PREFIX"
        | "PHP_MAXPATHLEN"
        | "PHP_EXTRA_VERSION"
        | "PHP_DEBUG"
        | "PHP_ZTS"
        | "PHP_LIBDIR"
        | "PHP_DATADIR" => Constant::Exists,
        _ => Constant::Perhaps,
    }
}

/// Class constants that database options are written with, as PDO has them with mysqlnd.
pub(super) fn of_class(class: &str, name: &str) -> Option<i64> {
    if !class.eq_ignore_ascii_case("PDO") {
        return None;
    }
    Some(match name {
        "ATTR_TIMEOUT" => 2,
        "ATTR_ERRMODE" => 3,
        "ATTR_PERSISTENT" => 12,
        "ATTR_DEFAULT_FETCH_MODE" => 19,
        "ATTR_EMULATE_PREPARES" => 20,
        "ERRMODE_SILENT" => 0,
        "ERRMODE_WARNING" => 1,
        "ERRMODE_EXCEPTION" | "FETCH_ASSOC" => 2,
        "MYSQL_ATTR_USE_BUFFERED_QUERY" => 1000,
        "MYSQL_ATTR_LOCAL_INFILE" => 1001,
        "MYSQL_ATTR_INIT_COMMAND" => 1002,
        "MYSQL_ATTR_COMPRESS" => 1003,
        "MYSQL_ATTR_FOUND_ROWS" => 1005,
        "MYSQL_ATTR_SSL_KEY" => 1007,
        "MYSQL_ATTR_SSL_CERT" => 1008,
        "MYSQL_ATTR_SSL_CA" => 1009,
        "MYSQL_ATTR_SSL_CAPATH" => 1010,
        "MYSQL_ATTR_SSL_CIPHER" => 1011,
        "MYSQL_ATTR_MULTI_STATEMENTS" => 1013,
        "MYSQL_ATTR_SSL_VERIFY_SERVER_CERT" => 1014,
        _ => return None,
    })
}
