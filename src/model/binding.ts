import type { Aor, TenantId } from './names.ts';

/** One endpoint of a user: key (aor, instance). Reached only over the flow that registered it (rfc5626). */
export interface Binding {
  readonly tenant: TenantId;
  readonly aor: Aor;
  /** `+sip.instance`, else epid, else the Contact URI: what tells one endpoint of a user from another. */
  readonly instance: string;
  readonly contactUri: string;
  /** Which of its flows the endpoint says this is (rfc5626 4.2). Told back to it and not stored. */
  readonly regId?: number;
  readonly callId: string;
  readonly cseq: number;
  /** q in thousandths, 0…1000. */
  readonly priority: number;
  /** Which node holds the connection, that node's start count, and the connection there. */
  readonly node: string;
  readonly incarnation: string;
  readonly flow: string;
  readonly userAgent: string;
  readonly registeredAtMs: number;
  readonly expiresAtMs: number;
}
