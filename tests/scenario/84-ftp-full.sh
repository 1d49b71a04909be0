# Goal: a full disk on a real FTP server, whatever it calls that (451, 452,
# 552): the run ends with the server's own words, nothing is live, what was sent
# is taken back, and with room again the same command publishes.
. tests/scenario/lib.sh
. tests/scenario/ftp.sh
. tests/scenario/ftp_client.sh
small_site
big_file "$site/large.bin" 4000
mount -t tmpfs -o size=2m,mode=755 none "$ftp_root" 2>/dev/null ||
    skip 'nothing can be mounted'
mounted=$ftp_root

for server in vsftpd proftpd pure-ftpd; do
	new_machine
	find "$ftp_root" -mindepth 1 -delete
	chown 54321:54321 "$ftp_root"
	mount -o remount,size=2m "$ftp_root"
	ftp_start $server explicit
	ftp_url
	publish --connections 2
	expect_exit 31
	expect_words
	expect_match '(45[12]|552|[Nn]o space|[Ff]ailure writing|[Qq]uota|[Ff]ull)'
	[ "$(ls "$live" | wc -l)" -eq 0 ] || fail "$server: something is live"
	[ -z "$(ls "$live/.sandferry/stage")" ] ||
	    fail "$server: it still keeps the disk full"
	mount -o remount,size=20m "$ftp_root"
	published
	same_tree "$site" "$live"
	ftp_stop
done
