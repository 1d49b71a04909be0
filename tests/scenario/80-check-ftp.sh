# Goal: check says the same of FTP servers: what each of three can and cannot
# do, its TLS, how many connections it allows, what is remembered of it; and
# which of all that it could not try.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
. tests/scenario/check_items.sh
small_site

check() {
	items "$ftp_root" "$ftp_port" send "$@"
}

# ---- A server that can do everything ----

ftp_start pure-ftpd explicit
ftp_url
check
expect_exit 0
sed '/^ok \(sandbox\|walls\|libraries\) /d' "$tmp/said" >"$tmp/stable"
diff - "$tmp/stable" <<END || fail 'other lines than these'
ok site file none is read: ftp://ferryman@localhost:PORT/www
ok source TMP/site can be read
ok keyring not asked: nobody said --keyring
ok grant none is needed: by password
ok connect localhost PORT answers, at 127.0.0.1
ok certificate TLS SHA256:... until DAY: an authority vouches for it
ok secret from --password-fd
ok login as ferryman, by password
ok software Welcome to Pure-FTPd [privsep] [TLS]
ok features EPSV, MLST, SIZE, REST, MFMT, UTF8
ok free space the server does not say
ok names in UTF-8, as the server says
ok remembered nothing yet
ok connections 8 at once; more were not tried
ok folder /www is not there yet: publishing makes it
ok write a file in .sandferry, which is made for it
ok encryption TLS 1.2; data connections resume its session
ok passive by EPSV
ok read the same bytes come back
ok append what is added to a file comes at its end
ok resume a large file that was cut off goes on there
ok replace a new file takes the old one's place in one step
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

# ... and what stands in the way to it
trusted=
check
expect_exit 11
expect_match '^FAIL certificate no authority vouches for' "$tmp/said"
expect_rest secret skip '(needs certificate)'
trusted="--cacert $ftp_ca"
ask check --url "$url"
expect_exit 13
expect_match '^  FAIL  secret '
ftp_stop

# ---- TLS 1.3, a certificate that soon ends, renaming that replaces nothing ----

openssl req -x509 -key "$tmp/ftp.key" -days 5 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost' -out "$ftp_ca" 2>/dev/null
ftp_start proftpd tls13
ftp_url
published
mkdir "$live/.sandferry/lock"
echo 'her@desk 1 2026-01-01T00:00:00Z 0' >"$live/.sandferry/lock/owner"
check --connections 1
expect_exit 0
rm -r "$live/.sandferry/lock"
expect_match '^warn lock her@desk is publishing' "$tmp/said"
expect_match '^warn certificate ends in [45] days; an authority' "$tmp/said"
expect_match '^ok encryption TLS 1.3; data connections ' "$tmp/said"
expect_match '^ok remembered .*SITE CHMOD' "$tmp/said"
expect_said 'ok connections 1 at once; more were not tried' \
    'warn replace not in one step: the old file is put aside first' \
    'ok side folder .sandferry is there, for nobody else (0700)'
expect_match '^ok ledger publish 1, .*: 6 files$' "$tmp/said"
ftp_stop

# ---- No TLS, two connections ----

ftp_start vsftpd plain max_per_ip=2
ftp_url
check --connections 4
expect_exit 0
expect_match '^warn certificate NONE: everybody on the way can' "$tmp/said"
expect_match '^warn connections 2 at once; one more: .*the server takes' \
    "$tmp/said"
expect_said 'skip encryption (needs TLS)' \
    'ok features EPSV, SIZE, REST; not MLST, MFMT, UTF8' \
    'ok mode can be set; the server does not show it' \
    'ok time a file is as old as its upload'
expect_text 'The site wants 4: the server lets you have 2 connections.'
password='wrong horse' check
expect_exit 10
expect_match '^FAIL login the server refused the password' "$tmp/said"
expect_rest software skip '(needs login)'
trusted=
check
expect_exit 15
expect_match '^FAIL certificate .*the server refuses to encrypt' "$tmp/said"
ftp_stop

# ---- Little else than FTP itself ----

start_ftp_peer 'EPSV * say 500 What?' 'MFMT * say 500 What?' \
    'APPE * say 502 No' 'RNTO * keep'
check --connections 1
expect_exit 0
expect_match '^warn append is refused: ' "$tmp/said"
expect_said 'ok passive by PASV' \
    'warn resume a large file that was cut off begins anew' \
    'ok time a file is as old as its upload' \
    'warn replace not in one step: the old file is put aside first'
ftp_rules 'STOR * say 550 Permission denied.'
check --connections 1
expect_exit 30
expect_match '^FAIL write cannot write .sandferry/check-.*: permission' \
    "$tmp/said"
expect_said 'skip read (needs write)' 'skip remove (needs write)'
