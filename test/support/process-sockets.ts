import { readdirSync, readlinkSync } from 'node:fs';

/**
 * How many sockets a process holds. Connections are counted at their server: a kernel whose queue was full for a moment lets the other side
 * believe in one that the server never got.
 */
export function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter(fd => isSocket(`${folder}/${fd}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    // closed since the folder was read
    return false;
  }
}
