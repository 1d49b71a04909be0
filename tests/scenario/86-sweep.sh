# Goal: an update that is killed at any system call of the hub, the worker or
# the server, or cut off behind any byte, is whole and finished by the next run;
# a few points of each kind here, all of them by `make sweep`.
# Long: many points.
exec sh tests/sweep/run sftp-hub-before:260 sftp-worker-after:240 \
    sftp-server-before:370 sftp-cut-up:900 vsftpd-hub-after:560 \
    vsftpd-worker-before:900 vsftpd-server-before:1500
