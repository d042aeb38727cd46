# Sets a key of an ini file: on the last line that sets it, else at the start of its section.
set_ini() { # file, section (empty: the first), key, value
  file=$(readlink -f -- "$1")
  section=$2 key=$3 value=$4 awk '
    function bare(s) { gsub(/^[ \t\r]+|[ \t\r]+$/, "", s); return s }
    function same(s) { gsub(/_/, "-", s); return s }
    BEGIN { section = ENVIRON["section"]; key = ENVIRON["key"]; entry = key " = " ENVIRON["value"]; here = section == "" }
    {
      all[NR] = $0; line = bare($0)
      if (line ~ /^\[/) {
        title = line; sub(/^\[[ \t]*/, "", title); sub(/[ \t]*\].*$/, "", title)
        here = section == "" ? title !~ /^(HOST|PATH)=/ : title == section
        if (here && !head) head = NR
      } else if (here && line !~ /^[;#]/) {
        name = line; sub(/[ \t]*=.*$/, "", name)
        if (same(name) == same(key)) last = NR
      }
    }
    END {
      if (!last && !head && section == "") print entry
      for (r = 1; r <= NR; r++) {
        line = bare(all[r]); sub(/[ \t]*=[ \t]*/, " = ", line)
        if (r == last && line != entry) { match(all[r], /^[ \t]*/); print substr(all[r], 1, RLENGTH) entry }
        else print all[r]
        if (!last && r == head) print entry
      }
      if (!last && !head && section != "") print "[" section "]\n" entry
    }
  ' "$file" >"$work/new" || stop "$file cannot be edited"
  put "$work/new" "$file"
}
