/**
 * What Hypha Micro runs inside the guest: busybox init, one start script, and the login-free shell on the serial port.
 * The per-machine part comes as a second cpio segment under /hypha (see docs/formats/machine-dir.md).
 */
export const init = `#!/bin/busybox sh
# First program of Hypha Micro: links for busybox, the basic mounts, then busybox init.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
/bin/busybox --install -s 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /run /tmp /var/log /var/run
mount -t devpts devpts /dev/pts
echo 'Hypha Micro starts.' > /dev/console
exec /sbin/init
`;

export const inittab = (tty: string): string => `::sysinit:/etc/init.d/rcS
${tty}::respawn:-/bin/sh
::ctrlaltdel:/sbin/reboot
::shutdown:/etc/init.d/rcK
`;

export const rcS = (tty: string): string => `#!/bin/sh
# Start script of Hypha Micro. /hypha/env is written by the agent (docs/formats/machine-dir.md).
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
HOST=micro
[ -r /hypha/env ] && . /hypha/env
hostname "$HOST"
echo "127.0.0.1 localhost $HOST" > /etc/hosts
while read -r module; do insmod "/lib/modules/$module" 2>/dev/null; done < /lib/modules/order

# The disk (named by its serial number) holds ext4, made at the first start and grown when the disk has grown.
for block in /sys/block/vd*; do
  [ -r "$block/serial" ] && [ "$(cat "$block/serial")" = data ] || continue
  disk=/dev/\${block##*/}
  # Only a disk that begins with zeros is formatted: a damaged file system is left for its owner to look at.
  if [ "$(dd if="$disk" bs=64k count=1 2>/dev/null | tr -d '\\0' | wc -c)" = 0 ]; then
    echo "Formatting the disk" > /dev/${tty}
    /usr/sbin/mke2fs -q -t ext4 -L data "$disk"
  fi
  mkdir -p /data
  mount -t ext4 "$disk" /data && /usr/sbin/resize2fs "$disk" > /dev/null 2>&1
done

ip link set lo up
interface() { # mac -> name
  for net in /sys/class/net/*; do
    [ "$(cat "$net/address")" = "$1" ] && echo "\${net##*/}" && return
  done
}
if [ -n "$MAC" ]; then
  dev=$(interface "$MAC")
  ip addr add "$ADDRESS" dev "$dev"
  ip link set "$dev" up
fi
if [ -n "$INTERNET_MAC" ]; then
  dev=$(interface "$INTERNET_MAC")
  ip addr add "$INTERNET_ADDRESS" dev "$dev"
  ip link set "$dev" up
  ip route add default via "$GATEWAY"
  echo "nameserver $DNS" > /etc/resolv.conf
fi
if [ -n "$MESH_MAC" ]; then
  dev=$(interface "$MESH_MAC")
  # Nobody else can have the address, so no second is spent on asking. It is set before the switch advertises it.
  echo 0 > "/proc/sys/net/ipv6/conf/$dev/accept_dad"
  ip -6 addr add "$MESH_ADDRESS/128" dev "$dev"
  ip link set "$dev" mtu "$MESH_MTU"
  ip link set "$dev" up
  ip -6 route add 400::/7 via "$MESH_ROUTER" dev "$dev" onlink
fi

mkdir -p /root/.ssh /etc/dropbear
chmod 700 /root /root/.ssh
[ -r /hypha/authorized_keys ] && cp /hypha/authorized_keys /root/.ssh/authorized_keys && chmod 600 /root/.ssh/authorized_keys
if [ -r /hypha/host_key ]; then
  dropbear -s -r /hypha/host_key 2>/var/log/dropbear.log
fi
acpid 2>/dev/null

# User data: at the first start only. Without a disk nothing is kept, so every start is the first.
done_mark=/run/user-data.done
[ -d /data ] && done_mark=/data/.user-data.done
if [ -s /hypha/user-data ] && [ ! -e "$done_mark" ]; then
  ( sh /hypha/user-data > /var/log/user-data.log 2>&1
    code=$?
    echo "$code" > "$done_mark"
    echo "user-data ended with code $code" > /dev/${tty} ) &
fi
`;

export const rcK = `#!/bin/sh
sync
umount /data 2>/dev/null
`;

/** The prompt is the fact the agent waits for: \`NAME:~# \`. */
export const profile = `export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root USER=root TERM=\${TERM:-xterm}
export PS1='\\h:\\w# '
umask 022
# A serial port has no size; without one the shell asks the terminal with an escape sequence at every prompt.
stty cols 80 rows 24 2>/dev/null
cd
`;

export const motd = `Hypha Micro. /data is the disk, when the machine has one; everything else lives in memory.
`;
