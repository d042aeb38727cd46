# Gives the product's account a random password, at the server and in the configuration. Once for this
# plan; the password is shown nowhere. Where the server refuses, both keep what they have.
own_login() { # account as SQL, file, name's line, name's setting, name, password's line, its setting
  mark=/var/lib/deskguard/scripts/$plan-login
  [ ! -e "$mark" ] || return 0
  would give "$1" a new password, there and in "$2" && return 0
  cat >"$work/grants"
  # An account that gets rights is a new one, and nobody else's; one that has them stays.
  if printf 'SHOW CREATE USER %s;\n' "$1" | sql >"$work/was" 2>/dev/null; then
    [ ! -s "$work/grants" ] || stop "$1 is there already: if it is the helpdesk's, name it in $2 by hand"
    sed -e 's/^CREATE USER/ALTER USER/' -e 's/$/;/' "$work/was" >"$work/back"
    how=ALTER
  else
    [ -s "$work/grants" ] || stop "$1 is not there"
    printf 'DROP USER IF EXISTS %s;\n' "$1" >"$work/back"
    how=CREATE
  fi
  # Everything that the file may object to comes before the server hears of it.
  target=$(readlink -f -- "$2")
  password=$(openssl rand -hex 24)
  cp -- "$target" "$work/login.php"
  shown=$target
  [ -z "$4" ] || set_setting "$work/login.php" "$3" "$4" "$5"
  set_setting "$work/login.php" "$6" "$7" "'$password'"
  shown=
  login=$(mktemp -- "${target%/*}/.deskguard.XXXXXX")
  cp -a -- "$target" "$login"
  cat -- "$work/login.php" >"$login"
  install -d -m 0700 -o root -g root -- "${mark%/*}"
  {
    printf "%s USER %s IDENTIFIED BY '%s';\n" "$how" "$1" "$password"
    cat -- "$work/grants"
  } >"$work/login.sql"
  if sql <"$work/login.sql" && mv -T -- "$login" "$target"; then
    : >"$mark"
    return 0
  fi
  rm -f -- "$login"
  sql <"$work/back" || printf 'The account %s is to be looked at: it may be half changed.\n' "$1" >&2
  stop "$1 got no new password, and $2 is as it was"
}
