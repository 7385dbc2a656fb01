import { z } from 'zod';
import { fqdnField, portField, sipDomainField } from '../model/field.ts';

/** What an Edge is asked to look at from where it stands. Sent from inside over the replication channel. */
export const ProbeJob = z.discriminatedUnion('kind', [
  /** The federation SRV record of a partner's domain. */
  z.object({ kind: z.literal('federation-srv'), domain: sipDomainField }),
  /** The federation SRV record of one of our own domains, and where its targets and our Edge's external name lead. */
  z.object({ kind: z.literal('own-srv'), domain: sipDomainField, edgeFqdn: fqdnField }),
  /** Whether the server at a host can be reached and proves one of the expected names. */
  z.object({
    kind: z.literal('peer-certificate'),
    host: fqdnField,
    port: portField,
    expected: z.array(fqdnField).min(1).max(16),
  }),
]);
export type ProbeJob = Readonly<z.infer<typeof ProbeJob>>;

const noRecords = z.object({ kind: z.enum(['nxdomain', 'nodata', 'servfail', 'timeout']), detail: z.string() });

/** What DNS answered to a look-up of SRV records, as the Edge saw it. */
export const ProbedSrv = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('found'),
    records: z.array(z.object({ target: z.string(), port: z.int(), priority: z.int(), weight: z.int() })).min(1),
  }),
  noRecords,
]);
export type ProbedSrv = Readonly<z.infer<typeof ProbedSrv>>;

/** The addresses of a host; empty where it has none, with the reason. */
export const ProbedHost = z.object({ host: z.string(), addresses: z.array(z.string()), problem: z.string().optional() });
export type ProbedHost = Readonly<z.infer<typeof ProbedHost>>;

/** Why a probe did not get to its end: a failure as the Edge made it. */
const ProbeFailure = z.object({ code: z.string(), text: z.string(), fix: z.string() });

/** What an Edge found. */
export const ProbeAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('federation-srv'), srv: ProbedSrv }),
  z.object({ kind: z.literal('own-srv'), srv: ProbedSrv, hosts: z.array(ProbedHost) }),
  z.object({
    kind: z.literal('peer-certificate'),
    /**
     * `verified`: path and name are good. `refused`: the peer showed a certificate that is not. `no-answer`: none was seen,
     * because there is no address, no connection or no TLS.
     */
    outcome: z.enum(['verified', 'refused', 'no-answer']),
    /** DNS names of the certificate, where its path was good. */
    names: z.array(z.string()),
    address: z.string().optional(),
    failure: ProbeFailure.optional(),
  }),
]);
export type ProbeAnswer = Readonly<z.infer<typeof ProbeAnswer>>;

/** The answer that belongs to a kind of job. */
export type AnswerTo<K extends ProbeJob['kind']> = Extract<ProbeAnswer, { kind: K }>;
