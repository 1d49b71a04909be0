# pid1.sh FOLDER: become systemd, in namespaces of its own, on top of this
# system's files; started by 152-units.sh with unshare(1).  It runs FOLDER/go,
# and ends with it.
set -e
dir=$1
mount --make-rprivate /
mount -t tmpfs tmpfs "$dir/over"
mkdir "$dir/over/upper" "$dir/over/work"
mount -t overlay overlay "$dir/root" -o \
    "lowerdir=/,upperdir=$dir/over/upper,workdir=$dir/over/work"
cd "$dir/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
	touch dev/$node
	mount --bind /dev/$node dev/$node
done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mkdir -p ".$dir" usr/local/bin usr/local/libexec/sandferry \
    usr/local/lib/systemd
mount --bind "$dir/shared" ".$dir"
cp "$BIN/sandferry" usr/local/bin/
cp "$BIN/sandferry-worker" usr/local/libexec/sandferry/
cp -r "$dir/units/." usr/local/lib/systemd/
# nothing of this system starts but its journal
rm -rf etc/systemd/system/*.wants etc/fstab
for unit in systemd-sysctl systemd-modules-load systemd-update-utmp \
    systemd-remount-fs systemd-journal-flush; do
	ln -sf /dev/null etc/systemd/system/$unit.service
done
cat >etc/systemd/system/go.service <<END
[Unit]
Requires=systemd-journald.socket
After=systemd-journald.socket
DefaultDependencies=no
[Service]
Type=oneshot
TimeoutStartSec=280
StandardOutput=file:$dir/out
StandardError=file:$dir/err
ExecStart=/bin/sh $dir/go
ExecStopPost=/bin/systemctl --force exit 0
END
mkdir .before
pivot_root . .before
cd /
umount -l /.before
ip link set lo up
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=go.service --log-target=null </dev/null
