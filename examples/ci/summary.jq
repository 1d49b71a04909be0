# What `sandferry publish --json' said, as Markdown for people:
#   jq -rsf summary.jq publish.ndjson
def name: .path // (.path_b64 + " (base64)") | "`" + gsub("`"; "'") + "`";

map(select(.type == "step")) as $steps
| map(select(.type == "warning")) as $warnings
| (map(select(.type == "summary")) | last) as $sum
| if $sum == null then "### sandferry did not get as far as to a summary"
  else
    (if $sum.code == 0 then "### Published" else "### Not published" end)
        + (if $sum.target == "" then "" else ": \($sum.target)" end),
    "",
    (if $sum.code == 0 then empty
     else "**\($sum.text)** (exit status \($sum.code), `\($sum.outcome)`)",
         "", $sum.hint, "" end),
    "\($sum.added) new, \($sum.changed) changed, \($sum.removed) removed, "
        + "\($sum.unchanged) as they were; \($sum.bytes_sent) bytes in "
        + "\($sum.seconds) seconds.",
    "",
    ($warnings[] | "- warning: " + .text),
    ($steps[:100][] | "- " + name + ": " + .reason),
    (if ($steps | length) > 100
     then "- and \(($steps | length) - 100) more" else empty end)
  end
