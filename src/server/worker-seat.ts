import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import type { WorkerPlace } from '../workers/worker-mesh.ts';

/** What one of several workers is. */
export interface WorkerSeat {
  readonly place: WorkerPlace;
  /** Whose bindings it writes: another one after each start. */
  readonly incarnation: string;
}

/** A path of a Unix socket has at most 107 bytes; ours ends in `/15.sock`. */
const maxFolderBytes = 99;

/** The folder of the workers' sockets, for this account alone: in the data folder, or where its path is too long for a socket a temporary one. */
export function workerFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'workers');
  if (Buffer.byteLength(folder) > maxFolderBytes) return mkdtempSync(join(tmpdir(), 'parley-workers-'));
  makeFolder(folder);
  chmodSync(folder, 0o700);
  return folder;
}
