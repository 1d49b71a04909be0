# Goal: passive FTP only, and to the server's address only: PORT and EPRT never
# go over the wire, an address in a PASV reply is nobody's business, an EPSV
# that leads nowhere is followed by PASV.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer

# once WANTED [RULE...]: publish afresh; the wire has seen this command.  What
# is only slow is not silent: $patience is short where somebody is.
patience=30
once() {
	wanted=$1
	shift
	ftp_rules "$@"
	rm -rf "$live" "$HOME/.local"
	: >"$ftp_log"
	published --connect-timeout $patience --stall-timeout $patience \
	    --connections 1
	same_tree "$site" "$live"
	grep -q "^$wanted" "$ftp_log" || fail "no $wanted"
	! grep -q '^ELSEWHERE' "$ftp_log" || fail 'it went elsewhere'
}

once EPSV
! grep -q '^PASV' "$ftp_log" || fail 'PASV without need'
once PASV 'EPSV * say 500 What?'
once PASV 'EPSV * say 500 What?' 'PASV * elsewhere'
once PASV 'EPSV * dead'
patience=2
once PASV 'EPSV * hole'
# and one that is never answered costs a wait, once
once PASV 'EPSV * stall'
[ "$(grep -c '^EPSV' "$ftp_log")" -eq 1 ] || fail 'EPSV is tried again'
printf '<h1>Later</h1>\n' >"$site/index.html"
: >"$ftp_log"
published
same_tree "$site" "$live"
! grep -q '^EPSV' "$ftp_log" || fail 'EPSV is tried by the next run'

# neither of them: there is no third way
ftp_rules 'EPSV * say 500 What?' 'PASV * say 500 What?'
rm -rf "$live" "$HOME/.local"
publish
[ "$rc" -ne 0 ] || fail 'it was published'
expect_words
