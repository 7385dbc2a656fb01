import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';

/** The key a Front End signs snapshots with (Ed25519). The key id is derived from the public key, so it cannot be chosen. */
export interface SnapshotSigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** A public key an Edge accepts; while keys are rolled there are two (D27). */
export interface SnapshotVerifyKey {
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

/** A snapshot whose signature is good. */
export interface OpenedSnapshot {
  readonly text: string;
  /** SHA-256 of the signed text, hexadecimal: what the next delta names as its parent. */
  readonly hash: string;
}

/** What is signed besides the hash, so that a signature can never be taken for one on something else. */
const purpose = 'parley snapshot 1';
/** Two keys are valid at a time. */
const maxVerifyKeys = 2;

/** Makes a signing key; returns its private key as PEM for the secrets folder. */
export function createSnapshotKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Reads a signing key made by `createSnapshotKeyPem`; throws on anything else, for it is our own file. */
export function readSigningKey(privateKeyPem: string): SnapshotSigningKey {
  const privateKey = createPrivateKey(privateKeyPem);
  return { keyId: keyIdOf(createPublicKey(privateKey)), privateKey };
}

/** The public half as PEM, for the enrolment bundle. */
export function verifyKeyPem(key: SnapshotSigningKey): string {
  return createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** Reads the keys an Edge was enrolled with: one, or two while keys are rolled. Throws on what is no Ed25519 key. */
export function readVerifyKeys(pems: readonly string[]): SnapshotVerifyKey[] {
  if (pems.length < 1 || pems.length > maxVerifyKeys) throw new Error(`expected one or two keys, got ${pems.length}`);
  return pems.map(pem => {
    const publicKey = createPublicKey(pem);
    if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key');
    return { keyId: keyIdOf(publicKey), publicKey };
  });
}

/** SHA-256 of a snapshot's text. */
export function snapshotHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Signs the text; recipient, version, parent, time and content are all in it. The result is one line of signature, then the text. */
export function sealSnapshot(text: string, key: SnapshotSigningKey): { readonly envelope: string; readonly hash: string } {
  const hash = snapshotHash(text);
  const signature = sign(null, signedBytes(hash), key.privateKey).toString('base64');
  return { envelope: `${JSON.stringify({ keyId: key.keyId, signature })}\n${text}`, hash };
}

/** Checks the signature and gives the text. Fails with SNAPSHOT_SIGNATURE_BAD. */
export function openSnapshot(envelope: string, keys: readonly SnapshotVerifyKey[], recipient: string): Result<OpenedSnapshot> {
  const refuse = (reason: string) => err(failure('SNAPSHOT_SIGNATURE_BAD', { recipient, reason }));
  const end = envelope.indexOf('\n');
  const head = end < 0 ? undefined : readHead(envelope.slice(0, end));
  if (!head) return refuse('there is no signature');
  const key = keys.find(candidate => candidate.keyId === head.keyId);
  if (!key) return refuse(`key ${head.keyId.slice(0, 32)} is not known here`);
  const text = envelope.slice(end + 1);
  const hash = snapshotHash(text);
  if (!verify(null, signedBytes(hash), key.publicKey, Buffer.from(head.signature, 'base64'))) {
    return refuse('the signature does not fit the content');
  }
  return ok({ text, hash });
}

function readHead(line: string): { readonly keyId: string; readonly signature: string } | undefined {
  if (line.length > 1_000) return undefined;
  const head = parseJson(line);
  if (typeof head !== 'object' || head === null || !('keyId' in head) || !('signature' in head)) return undefined;
  const { keyId, signature } = head;
  return typeof keyId === 'string' && typeof signature === 'string' ? { keyId, signature } : undefined;
}

function signedBytes(hash: string): Buffer {
  return Buffer.from(`${purpose}\n${hash}`);
}

function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}
