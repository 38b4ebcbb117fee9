#!/bin/bash
# apart.sh begin|apart|root FOLDER HOUSE LIBRARIES: namespaces of our own, a root of our own, then systemd.
#   FOLDER: an empty one, for what is said; HOUSE: the repository; LIBRARIES: where its Python packages are.
set -eu
stage=$1 folder=$2 house=$3 libraries=$4
here=$house/tests/clinic_units
groups=$folder/groups root=$folder/memory/root

begin() {
    mkdir -p "$groups" "$folder/memory" "$folder/said"
    code=0
    unshare --mount --uts --ipc --net --propagation private bash "$here/apart.sh" apart "$folder" "$house" "$libraries" || code=$?
    # A control group outlives its namespace.
    unshare --mount --propagation private bash -c "mount -t cgroup2 none '$groups' && find '$groups/chevet-clinic-units' -depth -type d -exec rmdir {} +"
    exit "$code"
}

apart() {
    mount -t cgroup2 none "$groups"
    mkdir "$groups/chevet-clinic-units"
    echo $$ >"$groups/chevet-clinic-units/cgroup.procs"
    hostname chevet-clinic-units
    exec unshare --cgroup --pid --fork --kill-child bash "$here/apart.sh" root "$folder" "$house" "$libraries"
}

# Every unit that this machine starts is taken out of the copy but the journal and what makes its folders.
only_ours() {
    rm -rf "$root"/etc/systemd/system/*
    for wanted in "$root"/usr/lib/systemd/system/*.target.wants/*; do
        case ${wanted##*/} in systemd-journald* | systemd-tmpfiles-setup.service) ;; *) rm -f "$wanted" ;; esac
    done
    cat >"$root/etc/systemd/system/look.service" <<UNIT
[Unit]
After=basic.target
[Service]
Type=oneshot
TimeoutStartSec=1200
ExecStart=/usr/bin/python3 /opt/chevet/house/tests/clinic_units/look.py
ExecStopPost=/bin/kill -s RTMIN+4 1
StandardOutput=file:/opt/chevet/said/look
StandardError=file:/opt/chevet/said/look
UNIT
}

root() {
    ip link set lo up
    mount -t tmpfs -o mode=755 tmpfs "$folder/memory"
    mkdir "$folder/memory/upper" "$folder/memory/work" "$root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/memory/upper,workdir=$folder/memory/work" "$root"
    mount -t proc proc "$root/proc"
    mount --bind /proc/sys "$root/proc/sys"
    mount -o remount,bind,ro "$root/proc/sys"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t tmpfs tmpfs "$root/sys/fs"
    mkdir "$root/sys/fs/cgroup"
    mount -t cgroup2 none "$root/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mkdir -p "$root/opt/chevet/house" "$root/opt/chevet/libraries" "$root/opt/chevet/said" "$root/opt/chevet/bin"
    mount --bind "$house" "$root/opt/chevet/house"
    mount --bind "$libraries" "$root/opt/chevet/libraries"
    mount --bind "$folder/said" "$root/opt/chevet/said"
    echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
    only_ours
    cd "$root"
    mkdir old
    pivot_root . old
    umount -l /old
    exec env -i container=chevet PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=look.service \
        --show-status=no --log-target=console </dev/null >/opt/chevet/said/systemd 2>&1
}

"$stage"
