# Takes a line of a crontab out of effect, or has it run as another account.
edit_cron() { # file, line, account (empty: out of effect)
  file=$(readlink -f -- "$1")
  user=$3 awk -v at="$2" '
    NR == at {
      line = $0; found = 1
      if (line !~ /^[ \t]*#/) {
        if (line !~ /^[ \t]*[0-9*@-][^ \t]*[ \t]/) exit 3
        if (ENVIRON["user"] == "") { match(line, /^[ \t]*/); line = substr(line, 1, RLENGTH) "# " substr(line, RLENGTH + 1) }
        else {
          fields = line ~ /^[ \t]*@/ ? 1 : 5; before = ""
          for (i = 1; i <= fields; i++) {
            match(line, /^[ \t]*[^ \t]+[ \t]+/)
            before = before substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
          }
          match(line, /^[^ \t]+/)
          line = before ENVIRON["user"] substr(line, RLENGTH + 1)
        }
      }
      print line
      next
    }
    { print }
    END { if (!found) exit 3 }
  ' "$file" >"$work/new" || stop "$file, line $2 starts no task: it has changed since it was audited"
  put "$work/new" "$file"
}
