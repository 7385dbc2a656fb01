import { type Failure, failure } from '../../base/failure.ts';

/** Primary result codes of SQLite that say something about the disk or the file and not about our statement. */
const environmentCodes: ReadonlySet<number> = new Set([
  3, // PERM
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  22, // NOLFS
  26, // NOTADB
]);

/** SQLite's primary result code of an error it threw; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** STORE_UNAVAILABLE when the error comes from the disk or the file `path`; undefined when it is a fault of ours. */
export function storeUnavailable(error: unknown, path: string): Failure | undefined {
  const code = sqliteCode(error);
  if (code === undefined || !environmentCodes.has(code)) return undefined;
  const problem = code === 13 ? 'no space is left on the disk' : (error as Error).message;
  return failure('STORE_UNAVAILABLE', { reason: `${path}: ${problem}` });
}

/** Why a database could not be opened; undefined when it is a fault of ours. */
export function openFailure(path: string, error: unknown): Failure | undefined {
  const reason = error instanceof Error ? error.message : String(error);
  switch (sqliteCode(error)) {
    case 11:
    case 26:
      return failure('DATABASE_CORRUPT', { path, reason });
    case 5:
    case 6:
      return failure('DATABASE_IN_USE', { path });
    case 3:
    case 8:
    case 14:
      return failure('DATA_FOLDER_NOT_WRITABLE', { path, reason });
    default:
      return storeUnavailable(error, path);
  }
}
