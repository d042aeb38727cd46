# Edits a web server's configuration where the lines that the audit saw still stand; does nothing where
# all is done already. The list on standard input: `@ LINE HOW`, `= what stands there`, `+ a new line`;
# HOW is after (the line), inside (at the end of the section), instead (of the line) or end (of the file).
edit_lines() { # file
  file=$(readlink -f -- "$1")
  cat >"$work/edits"
  awk -v edits="$work/edits" '
    function bare(s) { gsub(/^[ \t\r]+|[ \t\r]+$/, "", s); return s }
    function margin(s) { match(s, /^[ \t]*/); return substr(s, 1, RLENGTH) }
    function closing(at, depth, r) {
      for (r = at; r <= NR; r++) {
        if (bare(all[r]) ~ /^<\//) depth--
        else if (bare(all[r]) ~ /^</) depth++
        if (depth == 0) return r
      }
      return 0
    }
    # Whether the new lines of edit e stand from line r on.
    function stand(e, r, j) {
      for (j = 1; j <= count[e]; j++) if (bare(all[r + j - 1]) != bare(text[e, j])) return 0
      return 1
    }
    function done_at(e, r, c) {
      if (how[e] == "end" || how[e] == "instead") return stand(e, r)
      if (bare(all[r]) != old[e]) return 0
      if (how[e] == "after") return stand(e, r + 1)
      for (c = closing(r); r < c; r++) if (stand(e, r + 1)) return 1
      return 0
    }
    BEGIN {
      while ((getline line < edits) > 0) {
        mark = substr(line, 1, 1); rest = substr(line, 3)
        if (mark == "@") { n++; split(rest, part, " "); at[n] = part[1]; how[n] = part[2] }
        else if (mark == "=") old[n] = bare(rest)
        else { text[n, ++count[n]] = rest; key[n] = key[n] "\n" rest }
      }
    }
    { all[NR] = $0; if (/\r$/) cr = "\r" }
    END {
      for (e = 1; e <= n; e++) wanted[how[e] "\n" old[e] key[e]]++
      for (e = 1; e <= n; e++) {
        have = 0
        for (r = 1; r <= NR; r++) have += done_at(e, r)
        if (have < wanted[how[e] "\n" old[e] key[e]]) missing++
      }
      for (e = 1; missing && e <= n; e++) {
        if (how[e] == "end") { tail = e; continue }
        if (at[e] > NR || bare(all[at[e]]) != old[e]) exit 3
        if (how[e] == "after" && old[e] !~ /\{[ \t]*(#.*)?$/) exit 4
        if (how[e] == "after" && !done_at(e, at[e])) after[at[e]] = e
        if (how[e] == "inside" && !done_at(e, at[e])) {
          if (!(c = closing(at[e]))) exit 4
          before[c] = before[c] " " e
        }
        if (how[e] == "instead") instead[at[e]] = e
      }
      for (r = 1; r <= NR; r++) {
        many = split(before[r], list, " ")
        for (i = 1; i <= many; i++) put(list[i], inner(at[list[i]]))
        if (instead[r]) put(instead[r], margin(all[r])); else print all[r]
        if (after[r]) put(after[r], inner(r))
      }
      if (tail) put(tail, "")
    }
    # The margin of what stands in a block.
    function inner(r, own, next_, q) {
      own = margin(all[r])
      for (q = r + 1; q < NR && bare(all[q]) == ""; q++);
      next_ = margin(all[q])
      if (length(next_) > length(own) && substr(next_, 1, length(own)) == own) return next_
      return own (own ~ /\t$/ ? "\t" : "    ")
    }
    function put(e, space, j) {
      for (j = 1; j <= count[e]; j++) print (text[e, j] == "" ? "" : space text[e, j]) cr
    }
  ' "$file" >"$work/new" || {
    case $? in
      3) stop "$file has changed since it was audited: make the plan anew" ;;
      4) stop "$file: put the lines of this script in by hand, then run it again" ;;
      *) stop "$file cannot be edited" ;;
    esac
  }
  put "$work/new" "$file"
}
