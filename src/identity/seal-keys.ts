import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { bufferOf } from '../base/bytes.ts';
import { failure } from '../base/failure.ts';
import { fileProblem, makingProblem } from '../base/file-problem.ts';
import { parseJson } from '../base/json.ts';
import { makeFolder } from '../base/make-folder.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';

const KeyFile = z.object({ active: z.string(), keys: z.record(z.string(), z.string()) });

/** Ciphertext and the id of the key it needs. */
export interface SealedBox {
  readonly keyId: string;
  readonly box: Uint8Array;
}

const nonceBytes = 12;
const tagBytes = 16;

/**
 * The keys that seal secrets at rest (AES-256-GCM). They live in a file beside the data and never in the database, so that a copy
 * of the database alone gives no password away; several keys may be valid so that the active one can be replaced (D4).
 */
export class SealKeys {
  readonly #active: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  private constructor(active: string, keys: ReadonlyMap<string, KeyObject>) {
    this.#active = active;
    this.#keys = keys;
  }

  /** Opens the key file, making one with a first key when there is none or an empty one. Fails with FILE_NOT_WRITTEN or SEAL_KEYS_UNREADABLE. */
  static open(path: string): Result<SealKeys> {
    try {
      if (!existsSync(path) || statSync(path).size === 0) writeNewKeyFile(path);
    } catch (cause) {
      return err(failure('FILE_NOT_WRITTEN', { path, reason: makingProblem(cause) }, cause));
    }
    try {
      const file = KeyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
      // COMPAT node 24: told a key as bytes, each cipher throws and catches two errors inside
      const keys = new Map(Object.entries(file.keys).map(([id, key]) => [id, createSecretKey(key, 'base64')]));
      const active = keys.get(file.active);
      if (active?.symmetricKeySize !== 32)
        return err(failure('SEAL_KEYS_UNREADABLE', { path, detail: 'the active key is missing or not 32 bytes' }));
      return ok(new SealKeys(file.active, keys));
    } catch (cause) {
      return err(
        failure(
          'SEAL_KEYS_UNREADABLE',
          { path, detail: cause instanceof SyntaxError ? 'it is no JSON' : fileProblem(cause) },
          cause,
        ),
      );
    }
  }

  /** Seals bytes for one owner; `context` (the owner's id) is authenticated, so a box moved to another row does not open. */
  seal(clear: Uint8Array, context: string): SealedBox {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.#active) as KeyObject, nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(clear), cipher.final()]);
    return { keyId: this.#active, box: Buffer.concat([nonce, body, cipher.getAuthTag()]) };
  }

  /** Opens a box sealed for `context`. Fails with SEAL_BROKEN when the key is unknown or the box was changed. */
  unseal(sealed: SealedBox, context: string): Result<Uint8Array> {
    const key = this.#keys.get(sealed.keyId);
    const box = bufferOf(sealed.box);
    if (!key || box.length < nonceBytes + tagBytes) return err(failure('SEAL_BROKEN', { keyId: sealed.keyId }));
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(box.subarray(box.length - tagBytes));
      return ok(Buffer.concat([decipher.update(box.subarray(nonceBytes, box.length - tagBytes)), decipher.final()]));
    } catch (cause) {
      return err(failure('SEAL_BROKEN', { keyId: sealed.keyId }, cause));
    }
  }
}

/** The ids of the keys in the text of a key file; none when it is no such file. */
export function sealKeyIds(text: string): ReadonlySet<string> {
  try {
    return new Set(Object.keys(KeyFile.parse(JSON.parse(text)).keys));
  } catch {
    return new Set();
  }
}

/** Keys for another purpose, each derived from one in the text of a key file (rfc5869); undefined when it is no such file. */
export function derivedSealKeys(
  text: string,
  purpose: string,
): { readonly active: string; readonly keys: ReadonlyMap<string, Uint8Array> } | undefined {
  const file = KeyFile.safeParse(parseJson(text));
  if (!file.success) return undefined;
  const derive = (key: string) => new Uint8Array(hkdfSync('sha256', Buffer.from(key, 'base64'), '', purpose, 32));
  return {
    active: file.data.active,
    keys: new Map(Object.entries(file.data.keys).map(([id, key]) => [id, derive(key)])),
  };
}

function writeNewKeyFile(path: string): void {
  makeFolder(dirname(path));
  const id = randomToken(4);
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify({ active: id, keys: { [id]: randomBytes(32).toString('base64') } }), {
    mode: 0o600,
    flush: true,
  });
  renameSync(temporary, path);
}
