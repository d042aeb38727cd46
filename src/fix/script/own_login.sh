# Gives the product's account a random password, at the server and in the configuration. Once for this
# plan; the password is shown nowhere.
own_login() { # account as SQL, file, name's line, name's setting, name, password's line, its setting
  mark=/var/lib/deskguard/scripts/$plan-login
  [ ! -e "$mark" ] || return 0
  would give "$1" a new password, there and in "$2" && return 0
  # Everything that the file may object to comes before the server hears of it.
  target=$(readlink -f -- "$2")
  password=$(openssl rand -hex 24)
  cat >"$work/grants"
  cp -- "$target" "$work/login.php"
  [ -z "$4" ] || set_setting "$work/login.php" "$3" "$4" "$5"
  set_setting "$work/login.php" "$6" "$7" "'$password'"
  {
    printf 'CREATE USER IF NOT EXISTS %s;\n' "$1"
    printf "ALTER USER %s IDENTIFIED BY '%s';\n" "$1" "$password"
    cat -- "$work/grants"
  } >"$work/login.sql"
  sql <"$work/login.sql"
  put "$work/login.php" "$target"
  install -d -m 0700 -o root -g root -- "${mark%/*}"
  : >"$mark"
}
