import { z } from 'zod';

/** What one check found about one target. A check that could not run is `unknown`, never `pass`. */
export const Finding = z.object({
  /** Number of the check in the readiness list, such as `FED-03`. */
  id: z.string(),
  /** What was checked: the deployment, a tenant, a domain, a host or a user. */
  target: z.string(),
  status: z.enum(['pass', 'warn', 'fail', 'skipped', 'unknown']),
  /** ISO 8601, UTC. */
  measuredAt: z.string(),
  /** Where it was looked from: names in DNS often differ between inside and outside. */
  from: z.enum(['store', 'fe', 'edge', 'outside']),
  /** What was seen, as plain values. */
  evidence: z.record(z.string(), z.unknown()),
  message: z.string(),
  /** What to do; empty where nothing has to be done. */
  fix: z.string(),
  /** A command that does it, as it can be typed. */
  fixCommand: z.string().optional(),
});
export type Finding = Readonly<z.infer<typeof Finding>>;

/** What a check says; the run adds id, target and time. */
export interface Verdict {
  readonly status: Finding['status'];
  readonly from: Finding['from'];
  readonly message: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly fix?: string;
  readonly fixCommand?: string;
}

/** Makes the finding of a check from its verdict. `nowMs`: milliseconds since 1970. */
export function finding(id: string, target: string, nowMs: number, verdict: Verdict): Finding {
  return {
    id,
    target,
    status: verdict.status,
    measuredAt: new Date(nowMs).toISOString(),
    from: verdict.from,
    evidence: { ...verdict.evidence },
    message: verdict.message,
    fix: verdict.fix ?? '',
    ...(verdict.fixCommand === undefined ? {} : { fixCommand: verdict.fixCommand }),
  };
}
