# Goal: an update that is killed at any system call of the hub, the worker or
# the server, or cut off behind any byte, is whole and finished by the next run;
# a few points of each kind here, all of them by `make sweep`.
SWEEP_STEP=230 sh tests/sweep/run sftp-hub-before sftp-worker-before \
    vsftpd-hub-before vsftpd-worker-before
rc=$?
[ $rc -eq 0 ] || exit $rc
SWEEP_STEP=700 sh tests/sweep/run sftp-server-after vsftpd-server-after \
    sftp-cut-up
