import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { fqdnField } from '../model/field.ts';
import type { Fqdn } from '../model/names.ts';
import { canonicalJson } from './canonical-json.ts';
import { readVerifyKeys } from './snapshot-signature.ts';

/** What an Edge has to know before the first push: whom to believe and who may talk to it. Nothing in it is secret (D27). */
export interface EnrolmentBundle {
  /** FQDN of the Edge computer it was made for. */
  readonly recipient: Fqdn;
  readonly internalCaPem: string;
  /** Public keys snapshots are signed with: one, or two while they are rolled. */
  readonly verifyKeysPem: readonly string[];
  /** Names of the Front Ends that may talk: the pool and its computers. */
  readonly internalNames: readonly Fqdn[];
  /** Nothing of an earlier epoch is taken. */
  readonly epoch: number;
  /** The Edge's internal certificate and its intermediates, when the Front End's CA issued it; otherwise the admin brings one. */
  readonly certificateChainPem: string | null;
  /** The bundle is for one enrolment: refused after this time, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

const pem = z.string().regex(/^-----BEGIN [A-Z ]+-----/, 'expected PEM');
const bundleSchema = z.object({
  recipient: fqdnField,
  internalCaPem: pem,
  verifyKeysPem: z.array(pem).min(1).max(2),
  internalNames: z.array(fqdnField).min(1),
  epoch: z.int().min(1),
  certificateChainPem: pem.nullable(),
  expiresAtMs: z.number(),
});
const fileSchema = z.object({
  kind: z.literal('parley edge enrolment'),
  format: z.literal(1),
  bundle: bundleSchema,
  checksum: z.string(),
});

/** The bundle as the text of a JSON file, with a checksum against a damaged copy; the way it travels must be trusted, as with any first contact. */
export function createEnrolmentBundle(bundle: EnrolmentBundle): string {
  return `${JSON.stringify({ kind: 'parley edge enrolment', format: 1, bundle, checksum: checksumOf(bundle) }, null, 2)}\n`;
}

/** Reads a bundle on the Edge computer `fqdn`; `source` names the file. Fails with ENROLMENT_BUNDLE_UNREADABLE. */
export function readEnrolmentBundle(text: string, source: string, fqdn: string, nowMs: number): Result<EnrolmentBundle> {
  const refuse = (reason: string) => err(failure('ENROLMENT_BUNDLE_UNREADABLE', { source, reason }));
  const json = parseJson(text);
  if (json === undefined) return refuse('it is not JSON');
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    return refuse(field === '' || field === 'kind' ? 'it is no enrolment bundle' : `its field ${field} is not as expected`);
  }
  const { bundle, checksum } = parsed.data;
  if (!sameText(checksum, checksumOf(bundle))) return refuse('the checksum does not fit: the file was changed or damaged');
  if (bundle.recipient !== fqdn) return refuse(`it was made for ${bundle.recipient}, this is ${fqdn}`);
  if (bundle.expiresAtMs < nowMs) return refuse(`it expired at ${new Date(bundle.expiresAtMs).toISOString()}`);
  try {
    readVerifyKeys(bundle.verifyKeysPem);
  } catch (cause) {
    return refuse(`a signing key in it cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return ok(bundle);
}

function checksumOf(bundle: EnrolmentBundle): string {
  return createHash('sha256').update(canonicalJson(bundle)).digest('hex');
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
