import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FailureError, failure } from '../../base/failure.ts';
import { isKnownSchema, newestSchema } from '../migrations/migrate.ts';
import type { BackupStore } from '../store.ts';
import { TableRows } from './table-rows.ts';

/** Raised when an older program could not restore what this one writes. 2: sealed. */
const format = 2;

/** The first line of a backup: what it is of. */
export const BackupHeader = z.object({
  backup: z.literal('parley'),
  format: z.int(),
  /** Version of the program that made it. */
  product: z.string(),
  /** The newest migration of its rows. */
  schema: z.string(),
  server: z.string(),
  madeAt: z.iso.datetime(),
  epoch: z.int().min(0),
  revision: z.int().min(0),
  /** Id of the key that signs snapshots: Edges believe no other. */
  snapshotKey: z.string(),
});
export type BackupHeader = Readonly<z.infer<typeof BackupHeader>>;

/** What a server says of itself in a backup. */
export type BackupOrigin = Pick<BackupHeader, 'product' | 'server' | 'madeAt' | 'snapshotKey'>;

/** Secrets under a passphrase; what they are is known to whoever sealed them. */
export const SealedSecrets = z.object({ salt: z.string(), box: z.string() });
export type SealedSecrets = Readonly<z.infer<typeof SealedSecrets>>;

/** What proves that nobody changed the lines before it; whoever sealed them knows how. `key`: which key of the server, or the salt of the passphrase. */
export const BackupSeal = z.object({ by: z.enum(['server', 'passphrase']), key: z.string(), mac: z.string() });
export type BackupSeal = Readonly<z.infer<typeof BackupSeal>>;

const HeaderLine = z.object({ header: BackupHeader });
const SecretsLine = z.object({ secrets: SealedSecrets });
const SealLine = z.object({ seal: BackupSeal });
const EndLine = z.object({ end: z.object({ sha256: z.string() }) });

/** One line of a backup that was found in order. `sumBefore`: SHA-256 of all lines before it. */
export type BackupLine = { readonly text: string } & (
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'rows'; readonly rows: TableRows }
  | { readonly kind: 'secrets'; readonly secrets: SealedSecrets; readonly sumBefore: string }
  | { readonly kind: 'seal'; readonly seal: BackupSeal; readonly sumBefore: string }
);

/** Adds up lines as they are written or read. */
export class BackupSum {
  readonly #hash = createHash('sha256');

  /** Takes a line, without its line feed, and gives it back. */
  add(text: string): string {
    this.#hash.update(text).update('\n');
    return text;
  }

  /** A seal as a line. */
  sealLine(seal: BackupSeal): string {
    return this.add(JSON.stringify({ seal }));
  }

  /** SHA-256 of all lines so far, hexadecimal. */
  soFar(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The last line: without it, or with another sum, a backup is not whole. */
  endLine(): string {
    return JSON.stringify({ end: { sha256: this.soFar() } });
  }
}

/**
 * A whole backup of a store, as lines without their line feeds and without secrets; throws FailureError when the store cannot be read.
 * `sealOf` seals what has the given sum.
 */
export async function* backupLines(
  store: BackupStore,
  origin: BackupOrigin,
  sealOf: (sum: string) => BackupSeal | undefined = () => undefined,
): AsyncGenerator<string> {
  const sum = new BackupSum();
  const { schema, epoch, revision, pieces } = await store.readBackupState();
  const header: BackupHeader = { backup: 'parley', format, ...origin, schema, epoch, revision };
  yield sum.add(JSON.stringify({ header }));
  for (const piece of pieces) yield sum.add(piece);
  for (let after = 0; after < revision; ) {
    const history = await store.readBackupHistory(after, revision);
    for (const piece of history.pieces) yield sum.add(piece);
    after = history.last;
  }
  const seal = sealOf(sum.soFar());
  if (seal) yield sum.sealLine(seal);
  yield sum.endLine();
}

/**
 * Reads the lines of a backup. Throws FailureError: BACKUP_DAMAGED when something is missing, changed or no backup at all, and
 * BACKUP_NEWER when this program cannot know what it means. Whoever has come to the end has read a whole one.
 */
export async function* readBackup(lines: AsyncIterable<string>, file: string): AsyncGenerator<BackupLine> {
  const sum = new BackupSum();
  let place: 'start' | 'rows' | 'sealed' | 'end' = 'start';
  let number = 0;
  for await (const text of lines) {
    number++;
    if (place === 'end') throw damaged(file, 'something follows its end');
    const value = parse(text, file, number);
    if (place === 'start') {
      yield { kind: 'header', header: readHeader(value, file), text };
      place = 'rows';
      sum.add(text);
      continue;
    }
    const end = EndLine.safeParse(value);
    if (end.success) {
      if (end.data.end.sha256 !== sum.soFar()) throw damaged(file, 'its content was changed');
      place = 'end';
      continue;
    }
    const secrets = SecretsLine.safeParse(value);
    const seal = SealLine.safeParse(value);
    const rows = TableRows.safeParse(value);
    // what stands behind a seal would be believed for its sake
    if (rows.success && place === 'sealed') throw damaged(file, 'rows follow its seal');
    if (!rows.success) place = 'sealed';
    if (seal.success) yield { kind: 'seal', seal: seal.data.seal, sumBefore: sum.soFar(), text };
    else if (secrets.success) yield { kind: 'secrets', secrets: secrets.data.secrets, sumBefore: sum.soFar(), text };
    else if (rows.success) yield { kind: 'rows', rows: rows.data, text };
    else throw damaged(file, `line ${number} is not understood`);
    sum.add(text);
  }
  if (place !== 'end') throw damaged(file, number === 0 ? 'it is empty' : 'its end is missing');
}

function readHeader(value: unknown, file: string): BackupHeader {
  const said = z
    .object({ header: z.object({ backup: z.literal('parley'), format: z.int(), product: z.string() }) })
    .safeParse(value);
  if (!said.success) throw damaged(file, 'it does not begin as a backup does');
  const { product } = said.data.header;
  if (said.data.header.format > format) throw newer(file, product, `format ${said.data.header.format}`, `format ${format}`);
  const header = HeaderLine.safeParse(value);
  if (!header.success) throw damaged(file, 'its first line is not understood');
  const { schema } = header.data.header;
  if (!isKnownSchema(schema)) throw newer(file, product, `schema ${schema}`, `schema ${newestSchema}`);
  return header.data.header;
}

function parse(text: string, file: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(file, number === 1 ? 'it does not begin as a backup does' : `line ${number} is not whole`);
  }
}

function newer(file: string, product: string, found: string, known: string): FailureError {
  return new FailureError(failure('BACKUP_NEWER', { file, product, found, known }));
}

/** Says what is wrong with a backup file. */
export function damaged(file: string, reason: string): FailureError {
  return new FailureError(failure('BACKUP_DAMAGED', { file, reason }));
}
