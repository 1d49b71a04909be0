# Goal: with `durable = yes' a folder of this machine has every file, and every
# folder whose names have changed, on disk before the record that rests on it is
# written; without, nothing waits.
. tests/scenario/lib.sh
command -v strace >/dev/null || skip 'no strace'
small_site
url=file://$htdocs

# traced DURABLE: what the worker did, one call a line
traced() {
	printf 'source = %s\ndurable = %s\n[production]\nurl = %s\n' \
	    "$site" "$1" "$url" >"$tmp/sandferry.ini"
	ferry access add -c "$tmp/sandferry.ini" --folder "$htdocs"
	strace -f -y -qq -o "$tmp/calls" \
	    -e trace=fsync,renameat2,unlinkat,mkdirat,pwrite64 \
	    "$FERRY" publish -c "$tmp/sandferry.ini" --json --no-input \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
	expect_exit 0
	same_tree "$site" "$htdocs"
	grep -F "$htdocs" "$tmp/calls" >"$tmp/theirs"
}

# before_record N FOLDER: synced behind the last change of a name in it, and
# before the N-th record from the end
before_record() {
	awk -v ledger="/.sandferry/ledger>" -v dir="<$2>" -v back="$1" '
	{ line[NR] = $0 }
	/pwrite64/ && index($0, ledger) { record[++n] = NR }
	END {
		end = record[n + 1 - back]
		for (i = 1; i < end; i++) {
			if (line[i] ~ /(renameat2|unlinkat|mkdirat)\(/ &&
			    index(line[i], dir))
				changed = i
			if (line[i] ~ /fsync\(/ && index(line[i], dir))
				synced = i
		}
		exit !(synced > 0 && synced > changed)
	}' "$tmp/theirs" || {
		cat "$tmp/theirs"
		fail "$2 was not on disk before the record"
	}
}

traced yes
find "$htdocs" -name .sandferry -prune -o -type d -print >"$tmp/folders"
while read -r folder; do
	before_record 1 "$folder"
done <"$tmp/folders"
before_record 2 "$htdocs/.sandferry/stage"
[ "$(grep -c 'fsync(.*/stage/' "$tmp/theirs")" -eq "$(summary sent)" ] ||
    fail 'not every file is on disk'

rm -r "$site/css"
echo '<p>More' >>"$site/index.html"
traced yes
before_record 1 "$htdocs"
before_record 1 "$htdocs/.sandferry/kept"

echo '<p>More' >>"$site/index.html"
traced no
! grep fsync "$tmp/theirs" || fail 'it waited for the disk'
