/** Where the guest reports that all its services listen. */
export const READY_PORT = 8000;

/**
 * What the guest runs once: its route to us, a web server whose CGI runs what is posted to it, an echo service, 4 MiB to fetch; then it
 * calls home. Everything is busybox.
 * @param home our address as text
 */
export const guestScript = (home: string): string => `
dev=$(ls /sys/class/net | grep -v lo | head -n 1)
ip link set "$dev" mtu 1400
ip -6 route add 400::/7 via fe80::1 dev "$dev" onlink
mkdir -p /www/cgi-bin
printf '#!/bin/sh\\nprintf "Content-type: text/plain\\\\r\\\\n\\\\r\\\\n"\\nhead -c "$CONTENT_LENGTH" > /tmp/run.$$\\nsh /tmp/run.$$ 2>&1\\nrm /tmp/run.$$\\n' > /www/cgi-bin/run
printf '#!/bin/sh\\nprintf "Content-type: text/plain\\\\r\\\\n\\\\r\\\\n"\\nhead -c "$CONTENT_LENGTH" | sha256sum\\n' > /www/cgi-bin/sum
chmod 755 /www/cgi-bin/run /www/cgi-bin/sum
dd if=/dev/urandom of=/www/blob bs=65536 count=64 2>/dev/null
sha256sum < /www/blob > /www/blob.sum
httpd -p '[::]:80' -h /www
( while :; do nc -l -p 7 -e cat; done ) > /dev/null 2>&1 &
# Until its address has proved unique, the guest would speak from ::1.
while ip -6 addr show dev "$dev" | grep -q tentative; do usleep 100000; done
until wget -q -O /dev/null 'http://[${home}]:${READY_PORT}/ready'; do usleep 100000; done
`;
