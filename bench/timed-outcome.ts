/** What was measured by the clock. */
export interface TimedOutcome {
  readonly seconds: number;
  /** CPU time of the server meanwhile. */
  readonly cpuSeconds: number;
  readonly pssMegabytes: number;
}
