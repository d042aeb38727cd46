//! The shell functions that a plan's script carries, each only where the script calls it. They read as
//! a sysadmin would write them; refuse (stop the script) whatever is not as it is expected.

/// A function and those that it calls.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) needs: &'static [&'static str],
    pub(super) text: &'static str,
}

/// In the order in which they stand in a script.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "stop",
        needs: &[],
        text: r#"# Ends the script, and says why.
stop() {
  printf 'Stopped: %s\n' "$*" >&2
  exit 1
}
"#,
    },
    Function {
        name: "would",
        needs: &[],
        text: r#"# In a dry run, says what would be done.
would() {
  [ -n "$dry" ] || return 1
  printf 'would %s\n' "$*"
}
"#,
    },
    Function {
        name: "run",
        needs: &["would"],
        text: r#"# Runs a command, or says that it would.
run() {
  would run "$*" && return 0
  "$@"
}
"#,
    },
    Function {
        name: "make_account",
        needs: &["run"],
        text: r#"# Makes a system account that nobody can log in to.
make_account() { # name
  id -u -- "$1" >/dev/null 2>&1 && return 0
  run useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin -- "$1"
}
"#,
    },
    Function {
        name: "put_away",
        needs: &["run"],
        text: r#"# Moves an entry into a directory of root's; where its name is taken there, it gets a number.
put_away() { # entry, directory
  [ -e "$1" ] || [ -L "$1" ] || return 0
  name=${1##*/} place=$2/${1##*/} number=1
  while [ -e "$place" ] || [ -L "$place" ]; do
    number=$((number + 1))
    [ "${#name}" -lt 250 ] || name=${name%??????}
    place=$2/$name.$number
  done
  run install -d -m 0700 -o root -g root -- "$2"
  run mv -n -T -- "$1" "$place"
}
"#,
    },
    Function {
        name: "remove_link",
        needs: &["run"],
        text: r#"# Removes a symbolic link; what it leads to stays.
remove_link() { # link
  [ -L "$1" ] || return 0
  run rm -- "$1"
}
"#,
    },
    Function {
        name: "move_tree",
        needs: &["run", "stop"],
        text: r#"# Moves a directory to a place that is not there yet.
move_tree() { # directory, place
  if [ ! -e "$1" ] && [ -d "$2" ]; then return 0; fi
  if [ -e "$2" ] || [ -L "$2" ]; then
    stop "$2 is there already, and nothing is moved over it: look what it holds, and move it away"
  fi
  run mv -n -T -- "$1" "$2"
}
"#,
    },
    Function {
        name: "put",
        needs: &["would"],
        text: r#"# Puts a new text in the place of a file's, which keeps its owner, mode and ACL.
put() { # new text, file
  cmp -s -- "$1" "$2" && return 0
  would edit "$2" && return 0
  new=$(mktemp -- "${2%/*}/.deskguard.XXXXXX")
  cp -a -- "$2" "$new"
  cat -- "$1" >"$new"
  mv -T -- "$new" "$2"
}
"#,
    },
    Function {
        name: "write_file",
        needs: &["would"],
        text: r#"# Writes a file of root's with what is on standard input.
write_file() { # file, mode
  cat >"$work/new"
  if cmp -s -- "$work/new" "$1" && [ "$(stat -c %a:%u -- "$1")" = "${2#0}:0" ]; then return 0; fi
  would write "$1" && return 0
  install -T -m "$2" -o root -g root -- "$work/new" "$1"
}
"#,
    },
    Function {
        name: "edit_lines",
        needs: &["put", "stop"],
        text: include_str!("edit_lines.sh"),
    },
    Function {
        name: "set_setting",
        needs: &["put", "stop"],
        text: include_str!("set_setting.sh"),
    },
    Function {
        name: "set_ini",
        needs: &["put", "stop"],
        text: include_str!("set_ini.sh"),
    },
    Function {
        name: "edit_cron",
        needs: &["put", "stop"],
        text: include_str!("edit_cron.sh"),
    },
    Function {
        name: "sql",
        needs: &[],
        text: r#"# Speaks to the database server as its administrator; set MYSQL to say how, for example to
# MYSQL='mariadb --defaults-extra-file=/root/admin.cnf'.
sql() {
  # shellcheck disable=SC2086
  ${MYSQL:-"$(command -v mariadb || command -v mysql)"} --batch --skip-column-names
}
"#,
    },
    Function {
        name: "database",
        needs: &["sql", "would"],
        text: r#"# Sends the statements on standard input, if a query says that something is left to do.
database() { # query; none: always
  cat >"$work/sql"
  if [ -n "$1" ] && [ "$(printf '%s;\n' "$1" | sql)" = 0 ]; then return 0; fi
  would send to the database: "$(cat -- "$work/sql")" && return 0
  sql <"$work/sql"
}
"#,
    },
    Function {
        name: "random_setting",
        needs: &["database"],
        text: r#"# The same with a random text in @random, which is shown nowhere.
random_setting() { # query, length
  {
    printf "SET @random = '%s';\n" "$(openssl rand -hex 32 | cut -c "1-$2")"
    cat
  } >"$work/random"
  if [ -n "$dry" ]; then printf 'a random text\n' >"$work/random"; fi
  database "$1" <"$work/random"
}
"#,
    },
    Function {
        name: "own_login",
        needs: &["set_setting", "sql", "stop", "would"],
        text: include_str!("own_login.sh"),
    },
    Function {
        name: "reload_service",
        needs: &["run"],
        text: r#"reload_service() { # name, reload or restart
  if [ -d /run/systemd/system ]; then
    run systemctl "$2" "$1"
  else
    run service "$1" "$2"
  fi
}
"#,
    },
    Function {
        name: "reload_php_fpm",
        needs: &["reload_service", "run"],
        text: r#"# Every PHP-FPM that runs as a service tests its configuration and takes it up.
reload_php_fpm() {
  for program in /usr/sbin/php-fpm*; do
    [ -x "$program" ] || continue
    version=${program##*/php-fpm}
    if [ -d /run/systemd/system ]; then
      systemctl --quiet is-active "php$version-fpm" || continue
    else
      service "php$version-fpm" status >/dev/null 2>&1 || continue
    fi
    run "$program" -t
    reload_service "php$version-fpm" reload
  done
}
"#,
    },
    Function {
        name: "restart_database",
        needs: &["run", "sql", "stop"],
        text: r#"# Starts the database server anew, if its options were written after it started, and waits for it.
restart_database() { # service: a whole name is systemd's
  now=$(date +%s)
  started=$((now - $(printf "SHOW GLOBAL STATUS LIKE 'Uptime'" | sql | cut -f 2)))
  if [ -e "${options-}" ] && [ "$(stat -c %Y -- "$options")" -lt "$started" ]; then return 0; fi
  case $1 in
    *.service) run systemctl restart "$1" ;;
    *) run service "$1" restart ;;
  esac
  [ -z "$dry" ] || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if printf 'SELECT 1' | sql >/dev/null 2>&1; then return 0; fi
    sleep 3
  done
  stop "the database server does not answer: look into its error log, and whether ${options-} is to blame"
}
"#,
    },
];
