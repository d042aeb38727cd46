# Sets a setting of a PHP file, or takes it out of effect. Only a line that is one whole statement, or
# one plain element of an array, is touched; nothing is done where it is as it should be.
set_setting() { # file, line (0: it stands nowhere), setting, value (empty: out of effect)
  file=$(readlink -f -- "$1")
  setting=$3 value=$4 awk -v at="$2" '
    function bare(s) { gsub(/^[ \t\r]+|[ \t\r]+$/, "", s); return s }
    function plain(s) { gsub(/"/, "\047", s); gsub(/[ \t\r]/, "", s); return s }
    function begins(s, with) { return substr(s, 1, length(with)) == with }
    BEGIN {
      name = ENVIRON["setting"]; value = ENVIRON["value"]
      if (begins(name, "$")) { left = name " = "; right = ";" }
      else { left = "define(\047" name "\047, "; right = ");" }
      last = name; sub(/^.*\[/, "", last); sub(/\]$/, "", last)
      for (i = 1; i <= length(last); i++) {
        c = substr(last, i, 1)
        if (c !~ /[A-Za-z0-9_.\047"-]/) odd = 1
        element = element (c ~ /[\047"]/ ? "[\047\"]" : "[" c "]")
      }
      element = element "[ \t]*=>[ \t]*(\047[^\047\\\\]*\047|\"[^\"$\\\\]*\"|[A-Za-z0-9_.]+)"
    }
    # A line that is one whole statement which sets it.
    function whole(s, pieces) {
      return begins(plain(s), plain(left)) && split(s, pieces, ";") == 2 && pieces[2] ~ /^[ \t\r]*((\/\/|#).*)?$/ && s !~ /\?>/
    }
    function slashed(s) { match(s, /^[ \t]*/); return substr(s, 1, RLENGTH) "// " substr(s, RLENGTH + 1) }
    { all[NR] = $0 }
    END {
      for (r = 1; r <= NR; r++) if (value != "" && begins(plain(all[r]), plain(left value right))) done = 1
      if (value != "" && index(plain(all[at]), plain(last "=>" value))) done = 1
      if (value == "" && index(plain(all[at]), plain("/*" last "=>"))) done = 1
      if (at == 0 && !done) {
        for (end = NR; end > 1 && bare(all[end]) == ""; end--);
        if (bare(all[end]) == "?>") all[end] = left value right "\n" all[end]
        else all[NR] = all[NR] "\n" left value right
      }
      line = all[at]; text = plain(line)
      if (at > 0 && !done && !index(text, plain(last))) exit 3
      if (at > 0 && !done && text !~ /^(\/\/|#|\/\*)/) {
        match(line, /^[ \t]*/); space = substr(line, 1, RLENGTH)
        if (whole(line)) all[at] = value == "" ? slashed(line) : space left value right
        else if (name ~ /\]$/ && !odd && match(line, element)) {
          before = substr(line, 1, RSTART - 1); part = substr(line, RSTART, RLENGTH); after = substr(line, RSTART + RLENGTH)
          if (match(after, element) || after !~ /^[ \t\r]*([],)]|$)/ || part ~ /\*\//) exit 4
          if (value != "") part = last " => " value
          else { if (sub(/^[ \t]*,/, "", after)) part = part ","; part = "/* " part " */" }
          all[at] = before part after
        } else exit 4
      }
      # What goes out of effect goes on every line, so that no older one comes back into it.
      for (r = 1; value == "" && r <= NR; r++) if (whole(all[r])) all[r] = slashed(all[r])
      for (r = 1; r <= NR; r++) print all[r]
    }
  ' "$file" >"$work/new" || {
    case $? in
      3) stop "${shown:-$file} has changed since it was audited: make the plan anew" ;;
      4) stop "${shown:-$file}, line $2: change $3 there by hand, then run this again" ;;
      *) stop "${shown:-$file} cannot be edited" ;;
    esac
  }
  if command -v php >/dev/null && ! php -l "$work/new" >/dev/null 2>&1; then
    stop "${shown:-$file}, line $2: change $3 there by hand, then run this again"
  fi
  put "$work/new" "$file"
}
