import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** The kernel's code for a listening socket. */
const LISTENING = '0A';

/** Local addresses of the TCP sockets that these processes listen on, from the system's own tables. */
export function openListeners(processes: readonly number[]): string[] {
  const addresses = new Set<string>();
  for (const pid of processes) {
    const inodes = socketInodes(pid);
    for (const table of ['tcp', 'tcp6']) {
      const lines = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1);
      for (const line of lines) {
        const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
        if (state !== LISTENING || !inodes.has(inode)) continue;
        const hex = local.split(':')[0] ?? '';
        const isIpv4 = hex.length === 8;
        addresses.add(isIpv4 ? [...Buffer.from(hex, 'hex')].reverse().join('.') : `ipv6 ${hex}`);
      }
    }
  }
  return [...addresses];
}

function socketInodes(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(path.join(folder, name));
    } catch {
      return '';
    }
  });
  return new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '').filter((inode) => inode !== ''));
}
