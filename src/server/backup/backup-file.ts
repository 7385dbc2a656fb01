import { closeSync, createReadStream, createWriteStream, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { pipeline as chain, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { FailureError, failure } from '../../base/failure.ts';
import { fileProblem, makingProblem } from '../../base/file-problem.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { damaged } from '../../store/backup/backup-format.ts';

/** Far above what 400 rows need; what has no end of line is no backup. */
const maxLineLength = 64 * 1024 * 1024;

/**
 * Writes lines into a compressed file that its owner alone may read; it is there as a whole or not at all.
 * Fails with FILE_NOT_WRITTEN, or as the lines do.
 */
export async function writeBackupFile(path: string, lines: AsyncIterable<string>): Promise<Result<void>> {
  const fresh = `${path}.new`;
  try {
    rmSync(fresh, { force: true });
    await pipeline(Readable.from(ended(lines)), createGzip(), createWriteStream(fresh, { mode: 0o600, flush: true }));
    renameSync(fresh, path);
    return ok(undefined);
  } catch (cause) {
    rmSync(fresh, { force: true });
    if (cause instanceof FailureError) return err(cause.failure);
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    return err(failure('FILE_NOT_WRITTEN', { path, reason: makingProblem(cause) }, cause));
  }
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** The lines of a backup file, compressed or not; throws FailureError with BACKUP_DAMAGED or FILE_NOT_READ. */
export async function* backupFileLines(path: string): AsyncGenerator<string> {
  try {
    const isCompressed = startsCompressed(path);
    const bytes = createReadStream(path, { highWaterMark: 1024 * 1024 });
    // what breaks the pipe is met by whoever reads its end
    yield* linesOf(isCompressed ? chain(bytes, createGunzip(), () => undefined) : bytes, path);
  } catch (cause) {
    if (cause instanceof FailureError) throw cause;
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE') throw damaged(path, 'it ends early or was changed');
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw damaged(path, 'it is no text');
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new FailureError(failure('FILE_NOT_READ', { path, reason: fileProblem(cause) }, cause));
  }
}

/** Text cut at its line feeds; a last line without one counts too. Throws FailureError with BACKUP_DAMAGED where a line does not end. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > maxLineLength) throw damaged(file, 'it is no text of lines');
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function startsCompressed(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(file, start, 0, 2, 0) === 2 && start.readUInt16BE() === 0x1f8b;
  } finally {
    closeSync(file);
  }
}
