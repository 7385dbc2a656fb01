import { accessSync, constants, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Clock, sleep } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
import { makeFolder } from '../base/make-folder.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LabOrganisation, labOrganisations } from './deployment-plan.ts';

/** Raised when a folder of this version cannot be used by the version before. */
const format = 1;
/** The servers of a lab that was killed end by themselves; this long is waited for them, milliseconds. */
const leftoversMs = 5_000;

const port = z.int().min(1).max(65_535);
const organisationPorts = z.object({
  tls: port,
  tcp: port,
  trunk: port,
  api: port,
  federation: port,
  inside: port,
  replication: port,
  /** 0: any; the folder was made before there was this port. */
  wss: z.int().min(0).max(65_535).default(0),
  metrics: z.int().min(0).max(65_535).default(0),
});

const LabState = z.object({
  format: z.int(),
  /** Ports of the last start, to be used again where they are free. */
  ports: z.object({ dns: port, contoso: organisationPorts, lynconline: organisationPorts }).optional(),
  /** Tokens of the management APIs. */
  tokens: z.object({ contoso: z.string(), lynconline: z.string() }),
  /** Organisations whose objects were all made once: what an admin changed later is left alone. */
  provisioned: z.array(z.string()).default([]),
  /** There where the organisations keep their state in PostgreSQL: part of the names of their schemas. */
  storeId: z
    .string()
    .regex(/^[0-9a-f]+$/)
    .optional(),
});
export type LabState = Readonly<z.infer<typeof LabState>>;

const LabRun = z.object({ pid: z.int(), servers: z.array(z.int()).default([]) });

/** The folder that holds all of a lab. */
export class LabFolder {
  readonly path: string;
  /** Made by us for this run: nobody asked to keep it. */
  readonly temporary: boolean;
  #state: LabState;

  constructor(path: string, temporary: boolean, state: LabState) {
    this.path = path;
    this.temporary = temporary;
    this.#state = state;
  }

  get state(): LabState {
    return this.#state;
  }

  /** The file that programs read which drive the lab. */
  get labFile(): string {
    return join(this.path, 'lab.json');
  }

  /** The folder of the lab's CA. */
  get authorityFolder(): string {
    return join(this.path, 'ca');
  }

  /** What the scenario changed and has not put back yet. */
  get undoFile(): string {
    return join(this.path, 'scenario-undo.json');
  }

  /** The folder of one server. */
  serverFolder(organisation: LabOrganisation, role: 'frontend' | 'edge'): string {
    return join(this.path, organisation.name, role);
  }

  /** Writes changed state to disk. */
  update(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change };
    writePrivate(join(this.path, 'lab-state.json'), this.#state);
  }

  /** Notes which processes use the folder. */
  claim(pid: number, servers: readonly number[]): void {
    writePrivate(runFile(this.path), { pid, servers });
  }

  /** Gives the folder free; a temporary one is removed unless something in it is worth a look. */
  release(keep: boolean): void {
    rmSync(runFile(this.path), { force: true });
    if (this.temporary && !keep) rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * Opens the folder of a lab, making it if need be; without a path a new one under the system's folder for temporary files.
 * Fails with LAB_FOLDER_UNUSABLE, LAB_FOLDER_NEWER or LAB_FOLDER_IN_USE.
 */
export async function openLabFolder(path: string | undefined, clock: Clock): Promise<Result<LabFolder>> {
  const made = prepareFolder(path);
  if (!made.ok) return made;
  const folder = made.value;
  const state = readState(folder);
  if (!state.ok) return state;
  const running = await runningLab(folder, clock);
  if (running !== undefined) return err(failure('LAB_FOLDER_IN_USE', { folder, pid: running }));
  const lab = new LabFolder(folder, path === undefined, state.value);
  lab.update({});
  lab.claim(process.pid, []);
  return ok(lab);
}

/** Makes the folder if need be; its absolute path. Fails with LAB_FOLDER_UNUSABLE. */
export function prepareFolder(path: string | undefined): Result<string> {
  try {
    const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'parley-lab-')) : resolve(path);
    makeFolder(folder, 0o777);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    return err(failure('LAB_FOLDER_UNUSABLE', { folder: path ?? tmpdir(), reason: reasonOf(cause) }, cause));
  }
}

function readState(folder: string): Result<LabState> {
  const file = join(folder, 'lab-state.json');
  if (!existsSync(file)) {
    const tokens = Object.fromEntries(labOrganisations.map(organisation => [organisation.name, randomToken(24)]));
    return ok({ format, tokens: tokens as LabState['tokens'], provisioned: [] });
  }
  try {
    const raw: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const found = z.object({ format: z.int() }).parse(raw).format;
    if (found > format) return err(failure('LAB_FOLDER_NEWER', { folder, found, known: format }));
    return ok(LabState.parse(raw));
  } catch (cause) {
    return err(failure('LAB_FOLDER_UNUSABLE', { folder, reason: `${file} is damaged` }, cause));
  }
}

/** The process that holds the folder, if it still runs. */
async function runningLab(folder: string, clock: Clock): Promise<number | undefined> {
  const file = runFile(folder);
  if (!existsSync(file)) return undefined;
  const run = LabRun.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!run.success) return undefined;
  const { pid, servers } = run.data;
  if (pid !== process.pid && isOurs(pid)) return pid;
  const untilMs = clock.monotonic() + leftoversMs;
  for (;;) {
    const left = servers.find(isOurs);
    if (left === undefined || clock.monotonic() > untilMs) return left;
    await sleep(clock, 50);
  }
}

/** Whether a process of that id runs and is one of this program: ids are given out again. */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.ts');
  } catch {
    return false;
  }
}

function runFile(folder: string): string {
  return join(folder, 'lab-run.json');
}

/** Writes JSON that only the owner may read; the file appears complete or not at all. */
export function writePrivate(file: string, value: unknown): void {
  const draft = `${file}.${randomToken(4)}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** What the system says about a file or folder, in words. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such place';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'it may not be written to';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return message;
  }
}
