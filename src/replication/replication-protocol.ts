import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import { parseJson } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { VerifiedPeer } from '../wire/peer-verifier.ts';

/** Checks the certificates of a TLS peer: path, dates, purpose. Node's own verdict is not asked for on either side. */
export type VerifyPeerSocket = (socket: TLSSocket) => Result<Pick<VerifiedPeer, 'names'>>;

/** Certificate and key of one side, PEM. */
export interface ReplicationIdentity {
  readonly chainPem: string;
  readonly keyPem: string;
}

const version = z.object({ epoch: z.number(), number: z.number() });

const replicaStatusSchema = z.object({
  fqdn: z.string(),
  /** What runs; null before the first snapshot. */
  installed: z.object({ version, hash: z.string(), appliedAtMs: z.number(), createdAtMs: z.number() }).nullable(),
  lastRefusal: z.object({ code: z.string(), text: z.string(), atMs: z.number(), version: version.optional() }).nullable(),
  uptimeSeconds: z.number(),
  pid: z.number(),
  productVersion: z.string(),
});

/** What `GET /v1/status` and an accepted `POST /v1/snapshot` answer. */
export type ReplicaReport = Readonly<z.infer<typeof replicaStatusSchema>>;

const refusalSchema = z.object({
  failure: z.object({ code: z.string(), text: z.string() }),
});

/** What a refused request answers. */
export type ReplicaRefusal = Readonly<z.infer<typeof refusalSchema>>;

/** Reads a report; undefined when it is none. */
export function readReport(text: string): ReplicaReport | undefined {
  return readAs(replicaStatusSchema, text);
}

/** Reads a refusal; undefined when it is none. */
export function readRefusal(text: string): ReplicaRefusal | undefined {
  return readAs(refusalSchema, text);
}

function readAs<T>(schema: z.ZodType<T>, text: string): T | undefined {
  return schema.safeParse(parseJson(text)).data;
}
