# Goal: an update that is killed at any system call of the hub, the worker or
# the server, or cut off behind any byte, is whole and finished by the next run;
# a few points of each kind here, all of them by `make sweep`.
# Long: many points.
exec sh tests/sweep/run sftp-hub-before:420 sftp-worker-after:400 \
    sftp-server-before:610 sftp-cut-up:1500 vsftpd-hub-after:930 \
    vsftpd-worker-before:1500 vsftpd-server-before:2500
