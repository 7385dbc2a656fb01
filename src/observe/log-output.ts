import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';

/** Where the lines of a log go. */
export interface LogOutput {
  /** Takes as many bytes as it can at once, and says how many; throws what the system throws, `EAGAIN` where there is no room now. Never waits. */
  write(bytes: Uint8Array): number;
}

/** A file descriptor as an output that never waits: a reader that does not read, or a terminal that was halted, gives `EAGAIN`. */
export function descriptorOutput(descriptor: number): LogOutput {
  const { fd, keep } = withoutWaiting(descriptor);
  return {
    write(bytes) {
      // its number may be that of another file by now
      if (keep?.destroyed) throw Object.assign(new Error('the output is closed'), { code: 'EPIPE' });
      return writeSync(fd, bytes);
    },
  };
}

/**
 * The same open end as one on which no write waits. Whether writes wait belongs to what was opened, which other processes may share: so pipes and
 * terminals are opened once more for ourselves. Where that cannot be, as with the socket of a journal, libuv sets it for all who share it.
 */
function withoutWaiting(descriptor: number): { readonly fd: number; readonly keep?: Socket } {
  const kind = fstatSync(descriptor);
  if (kind.isFIFO() || isatty(descriptor)) {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      return { fd: openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY) };
    } catch {
      // a pipe that another account made, or no /proc
    }
  }
  if (!kind.isFIFO() && !kind.isSocket()) return { fd: descriptor };
  const keep = new Socket({ fd: descriptor, readable: false, writable: true });
  // nothing is written through it
  keep.on('error', () => {});
  return { fd: descriptor, keep };
}
