/** The line for `~/.ssh/known_hosts`: `[host]:port` when the port is not 22 (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function knownHostsLine(ssh: { host: string; port: number }, hostKey: string): string {
  const where = ssh.port === 22 ? ssh.host : `[${ssh.host}]:${ssh.port}`;
  const [kind = '', key = ''] = hostKey.split(' ');
  return `${where} ${kind} ${key}`;
}
