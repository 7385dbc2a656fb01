/**
 * Runs something on behalf of somebody who has nothing to do with its outcome: a listener, a timer, the end of a connection. A fault in it does not
 * reach the caller, and is not lost: `onFault` is told.
 */
export function guarded(action: () => void, onFault: FaultTaker = surfaceFault): void {
  try {
    action();
  } catch (fault) {
    onFault(fault);
  }
}

/** Whoever is told of a fault that a boundary has caught. */
export type FaultTaker = (fault: unknown) => void;

/**
 * Hands a fault of ours that a boundary has caught to the fault policy of the process, as a rejection that nobody waits for: a server logs and
 * counts it and goes on, a test fails, a command ends with it.
 */
export function surfaceFault(fault: unknown): void {
  void Promise.reject(fault);
}
