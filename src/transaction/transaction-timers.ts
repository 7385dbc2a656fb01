/** The times of rfc3261 17 table 4, in milliseconds. Each timer is named by its letter there. */
export interface TransactionTimers {
  /** Round-trip estimate: the first retransmission interval. */
  readonly t1Ms: number;
  /** Longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number;
  /** How long a message may stay in the network. */
  readonly t4Ms: number;
  /** Timers B, F, H, J, L and M: 64 × T1. */
  readonly timeoutMs: number;
  /** Timer C of a proxy: more than three minutes (rfc3261 16.6). */
  readonly cMs: number;
  /** Timer D: at least 32 seconds over an unreliable transport. */
  readonly dMs: number;
  /** When 100 is sent for an INVITE nothing was said about yet (rfc3261 17.2.1), over an unreliable transport. */
  readonly tryingMs: number;
  /** When a request other than INVITE that was never answered is given up: later than Timer F, after which nobody waits (rfc4320 4.2). */
  readonly abandonedMs: number;
  /** When an INVITE that was never answered finally is given up: longer than any branch of it can live. */
  readonly abandonedInviteMs: number;
}

/** The values of the standard; the last two are our own. */
export const standardTimers: TransactionTimers = {
  t1Ms: 500,
  t2Ms: 4_000,
  t4Ms: 5_000,
  timeoutMs: 32_000,
  cMs: 190_000,
  dMs: 32_000,
  tryingMs: 200,
  abandonedMs: 40_000,
  abandonedInviteMs: 300_000,
};
