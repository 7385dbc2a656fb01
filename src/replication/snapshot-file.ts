import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';

const fullName = 'snapshot';
const deltaName = /^delta-\d{6}$/;

/** What a state folder holds: the last full snapshot as received, and the deltas after it in order. */
export interface StoredSnapshots {
  readonly full: string;
  readonly deltas: readonly string[];
}

/**
 * Replaces everything by a full snapshot. Written beside, flushed, renamed, folder flushed: after a crash at any point there is the
 * old state or the new one. Deltas left over do not fit the new parent and are ignored by the reader.
 */
export async function installFull(folder: string, envelope: string): Promise<void> {
  makeFolder(folder);
  await install(folder, fullName, envelope);
  for (const name of await listDeltas(folder)) await rm(join(folder, name));
}

/** Adds the delta that follows `count` others. */
export async function installDelta(folder: string, count: number, envelope: string): Promise<void> {
  await install(folder, `delta-${String(count).padStart(6, '0')}`, envelope);
}

/** Reads what is there; undefined when nothing was installed yet. Throws what the file system threw. */
export async function readStored(folder: string): Promise<StoredSnapshots | undefined> {
  let full: string;
  try {
    full = await readFile(join(folder, fullName), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const deltas: string[] = [];
  for (const name of await listDeltas(folder)) deltas.push(await readFile(join(folder, name), 'utf8'));
  return { full, deltas };
}

async function listDeltas(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => deltaName.test(name)).sort();
}

async function install(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `${name}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, name));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
