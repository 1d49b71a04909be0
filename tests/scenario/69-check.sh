# Goal: check says of each thing that a publish needs whether it is there, what
# to do about what is not, and which others it could therefore not try; nothing
# of it stays on the server.
. tests/scenario/lib.sh
. tests/scenario/check_items.sh
small_site
ln -s /usr/share/doc "$site/doc" # nobody reads the source for it
start_proxy
trust

check() {
	items "$htdocs" "$port" ferry "$@"
}

# ---- Before the first publish, and after it ----

check --key "$key"
expect_exit 0
cp "$tmp/said" "$tmp/every"
sed '/^ok \(sandbox\|walls\|libraries\|software\|free space\) /d' \
    "$tmp/said" >"$tmp/stable"
diff - "$tmp/stable" <<END || fail 'other lines than these'
ok site file none is read: sftp://$user@127.0.0.1:PORTTMP/htdocs
ok source TMP/site can be read
ok keyring not asked: nobody said --keyring
ok grant TMP/key is named for this run
ok connect 127.0.0.1 PORT answers
ok host key ssh-ed25519 SHA256:...: TMP/home/.local/share/sandferry/known_hosts:1 has it
ok key ssh-ed25519 SHA256:..., without a passphrase
ok secret none was needed
ok login as $user, by key
ok extensions posix-rename, hardlink, fsync, copy-data, statvfs, limits, lsetstat
ok compression off: not worth while on this line
ok remembered nothing yet
ok connections one does it all: nothing waits for an answer
ok folder TMP/htdocs is there
ok write a file in .sandferry, which is made for it
ok read the same bytes come back
ok replace a new file takes the old one's place in one step
ok hard links yes: publishes can be undone
ok mode the one that is asked for is kept
ok time the one that is asked for is kept
ok clock agrees with ours
ok case About.html and about.html are two files
ok remove the file is gone again
skip site-url is not set
skip visitors (needs site-url)
ok side folder is not there yet: publishing makes it
ok stage empty
ok kept empty
ok lock nobody is publishing
ok ledger none: nothing was published there yet
END
expect_match '^Publishing will work: [0-9]+ ok'

# a root without parents is made, tried, and taken away
(url=$url/not/yet/there && check --key "$key" && expect_exit 0 &&
    expect_said 'ok folder TMP/htdocs/not/yet/there is not there yet: publishing makes it') || exit

rm "$site/doc"
published
check --key "$key"
expect_exit 0
expect_said 'ok side folder .sandferry is there, for nobody else (0700)' \
    'ok lock nobody is publishing'
expect_match '^ok ledger publish 1, .*: 6 files$' "$tmp/said"

# ---- Servers that can do less ----

rules 'strip posix-rename@openssh.com' 'strip statvfs@openssh.com' \
    'strip hardlink@openssh.com' 'strip limits@openssh.com'
check --key "$key"
expect_exit 0
expect_said \
    'ok extensions fsync, copy-data, lsetstat; not posix-rename, hardlink, statvfs, limits' \
    'ok hard links no: old versions are copied, for undo' \
    'ok free space the server does not say' \
    'warn replace not in one step: the old file is put aside first'
expect_text '  Publishing works, but a visitor may miss a page for a moment'
# links are offered, and the disk has none
rules 'status hardlink 1 4 Refused.'
check --key "$key"
expect_exit 0
expect_said 'ok hard links refused: old versions are copied, for undo'
rules 'status hardlink 1 4 Refused.' 'strip copy-data'
check --key "$key"
expect_exit 0
expect_said 'warn hard links refused: publishes cannot be undone'
# its clock stands still, and it does not tell case apart
cat >"$tmp/fold" <<'END'
cd "$1" && for file in check-*; do
	ln "$file" "$(echo "$file" | tr a-z A-Z)"
done
END
ours=$htdocs/.sandferry
rules "run LSTAT:/check- 1 touch -d 2020-01-01 $ours/check-*" \
    "run LSTAT:/CHECK- 1 sh $tmp/fold $ours" "run REMOVE 2 rm $ours/CHECK-*"
check --key "$key" -q
expect_exit 0
expect_match '^warn clock [0-9]* s behind ours$' "$tmp/said"
expect_said 'warn case About.html and about.html are one file'
[ "$(grep -c '' "$tmp/said")" -eq 2 ] || fail 'quiet says other than warnings'

# cut off in the middle: the rest is not tried, and its file goes with a later
rules 'cut READ 1 0'
ferry check --url "$url" --key "$key" --json
expect_exit 21
[ "$(grep -c '"type":"check"' "$tmp/out")" -eq \
    "$(grep -c '' "$tmp/every")" ] || fail 'not one event for each item'
expect_text '{"v":1,"type":"check","group":"A file there","check":"write","state":"ok","found":"a file in .sandferry"}'
expect_text '"check":"source","state":"skip","found":"(none is named)"'
expect_match '"check":"read","state":"fail",.*"hint":".*","id":"connection_lost","code":21}$'
expect_text '"check":"replace","state":"skip","found":"(needs the connection)"'
expect_text '"check":"ledger","state":"skip","found":"(needs the connection)"'
[ "$(summary outcome)" = connection_lost ] || fail "$(summary outcome)"
rules
left=$(ls "$htdocs/.sandferry"/check-*)
check --key "$key"
[ -e "$left" ] || fail 'it may be of a check that still runs'
touch -d '2 hours ago' "$left"
names=$(ls "$htdocs/.sandferry" | grep -v check-)
ferry check --url "$url" --key "$key"
[ "$(ls "$htdocs/.sandferry")" = "$names" ] || fail "$left is still there"

# stopped in the middle: nothing stays either
cat >"$tmp/known" <<END
#!/bin/sh
echo \$\$ >$tmp/pid
exec $FERRY "\$@"
END
chmod 755 "$tmp/known"
rules "run WRITE 1 kill -TERM \$(cat $tmp/pid)"
names=$(find "$htdocs" | sort)
real=$FERRY
FERRY=$tmp/known
ferry check --url "$url" --key "$key"
FERRY=$real
expect_exit 143
[ "$names" = "$(find "$htdocs" | sort)" ] || fail 'something stays there'
expect_no_match '^Publishing will'
rules

# ---- What fails, and what is then not tried ----

check
expect_exit 14
expect_said "FAIL grant no key is granted to sftp://$user@127.0.0.1:PORTTMP/htdocs"
expect_match '^ok host key ' "$tmp/said"
expect_rest key skip '(needs grant)'
expect_match '^Publishing will not work yet: .*1 failed'

make_key "$tmp/sealed" ed25519 '' secret
make_key "$tmp/other" ed25519
check --key "$tmp/sealed"
expect_exit 13
expect_said 'ok key ssh-ed25519 SHA256:..., with a passphrase'
expect_match '^FAIL secret a passphrase is needed' "$tmp/said"
expect_rest login skip '(needs secret)'
check --key "$tmp/other"
expect_exit 10
expect_match '^FAIL login the server refused this key' "$tmp/said"
expect_rest software skip '(needs login)'
check --key "$key" --known-hosts "$tmp/nobody"
expect_exit 11
expect_match '^FAIL host key .* is not known' "$tmp/said"
expect_rest key skip '(needs host key)'

# somebody else publishes; one is unfinished
printf 'her@desk 1 2026-01-01T00:00:00Z 0\n' >"$htdocs/.sandferry/lock"
check --key "$key" --source "$tmp/nothing"
expect_exit 41
expect_match '^FAIL source there is no folder' "$tmp/said"
expect_match '^ok ledger publish 1' "$tmp/said"
expect_match '^warn lock her@desk is publishing' "$tmp/said"
rm "$htdocs/.sandferry/lock"
printf 'more\n' >>"$site/index.html"
rules 'cut posix-rename 1 0'
publish
expect_exit 21
rules
touch -d '1 hour ago' "$htdocs/.sandferry/lock"
big_file "$htdocs/.sandferry/stage/left" 1234
check --key "$key"
expect_exit 0
expect_match '^warn ledger publish 2, .*, did not end$' "$tmp/said"
expect_match "^ok lock left by $user@[^ ]* 60 minutes ago" "$tmp/said"
expect_match '^ok stage 1 file, 1.3 MB: ' "$tmp/said"
stop_sshd

# read-only; and nobody there at all
subsystem="$SFTP_SERVER -R"
start_sshd
chmod 755 "$htdocs/.sandferry"
check --key "$key"
expect_exit 30
expect_match '^FAIL write cannot write .sandferry/check-.*: permission denied' \
    "$tmp/said"
expect_said 'warn side folder .sandferry is open to others (0755)' \
    'skip read (needs write)' 'skip remove (needs write)'
stop_sshd
check --key "$key"
expect_exit 20
expect_match '^FAIL connect cannot connect' "$tmp/said"
expect_rest 'host key' skip '(needs connect)'
