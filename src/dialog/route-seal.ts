import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;
const separator = '\n';

/** A key for route tokens: 32 bytes and the byte that names it. */
export interface RouteKey {
  readonly id: number;
  readonly key: Uint8Array;
}

interface SealKey {
  readonly id: number;
  readonly key: KeyObject;
}

/**
 * Seals what a server wants to find again in the Route of later requests (D29): nobody else can read or make it. Two keys may be
 * valid at a time, so that they can be replaced; the first seals.
 */
export class RouteSeal {
  readonly #keys: readonly [SealKey, ...SealKey[]];

  constructor([first, ...others]: readonly [RouteKey, ...RouteKey[]]) {
    // COMPAT node 24: told a key as bytes, each cipher throws and catches two errors inside
    const keyOf = ({ id, key }: RouteKey): SealKey => ({ id, key: createSecretKey(key) });
    this.#keys = [keyOf(first), ...others.map(keyOf)];
  }

  /** The fields as a token fit for the user part of a URI. */
  seal(fields: readonly string[]): string {
    const { id, key } = this.#keys[0];
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const body = Buffer.concat([cipher.update(fields.map(escapeField).join(separator), 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(id), nonce, body, cipher.getAuthTag()]).toString('base64url');
  }

  /** The fields of a token of ours; undefined for anything else. */
  open(token: string): readonly string[] | undefined {
    const box = Buffer.from(token, 'base64url');
    const key = this.#keys.find(candidate => candidate.id === box[0])?.key;
    if (!key || box.length < 1 + nonceBytes + tagBytes) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(1, 1 + nonceBytes));
    decipher.setAuthTag(box.subarray(box.length - tagBytes));
    try {
      const body = decipher.update(box.subarray(1 + nonceBytes, box.length - tagBytes));
      return Buffer.concat([body, decipher.final()]).toString('utf8').split(separator).map(unescapeField);
    } catch {
      // forged or damaged: the same as no token
      return undefined;
    }
  }
}

/** Escapes in a URI can bring a line feed into an address: it must not make two fields of one. */
function escapeField(field: string): string {
  return /[%\n]/.test(field) ? field.replaceAll('%', '%25').replaceAll(separator, '%0A') : field;
}

function unescapeField(field: string): string {
  return field.includes('%') ? field.replaceAll('%0A', separator).replaceAll('%25', '%') : field;
}
