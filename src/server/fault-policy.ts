import type { Clock } from '../base/clock.ts';
import type { ServerLog } from '../observe/server-log.ts';

/** Time for what is under way when a fault ends the process, milliseconds. */
const drainMs = 5_000;
/** BSD's EX_SOFTWARE: the service manager starts a server again that ends with it. */
const faultExitCode = 70;

/**
 * What this process does with faults of ours, the one place for all of them.
 *
 * Whoever calls something for somebody else has a boundary: each request and its step, each connection, timer and listener, each check of
 * readiness, each call between workers. A fault there is logged, its own case is answered or ended, and everything else goes on. So it is with
 * a job that nobody waits for (an unhandled rejection): that job is over, and no other. A fault that came past all boundaries may have left
 * anything half done: it is logged, what is under way gets 5 seconds, and the process ends with exit code 70. A second one ends it at once.
 */
export class FaultPolicy {
  readonly #log: ServerLog;
  readonly #clock: Clock;
  readonly #exit: (code: number) => void;
  #drain: () => Promise<void> = async () => {};
  #isEnding = false;
  readonly #onUncaught = (fault: unknown) => this.uncaught(fault);
  readonly #onUnawaited = (fault: unknown) => this.caught('a job of its own', fault);

  /** `exit` ends the process. */
  constructor(log: ServerLog, clock: Clock, exit: (code: number) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#exit = exit;
  }

  /** The policy of this very process. */
  static ofProcess(log: ServerLog, clock: Clock): FaultPolicy {
    const policy = new FaultPolicy(log, clock, code => process.exit(code));
    process.on('uncaughtException', policy.#onUncaught);
    process.on('unhandledRejection', policy.#onUnawaited);
    return policy;
  }

  /** Leaves the faults of this process to whoever comes next. */
  release(): void {
    process.off('uncaughtException', this.#onUncaught);
    process.off('unhandledRejection', this.#onUnawaited);
  }

  /** Sets what finishes and closes what is under way; until then there is nothing to finish. */
  drainWith(drain: () => Promise<void>): void {
    this.#drain = drain;
  }

  /** A fault that a boundary has caught: `where` in a few words. */
  caught(where: string, fault: unknown): void {
    this.#log.fault(where, fault);
  }

  /** A fault that came past all boundaries. */
  uncaught(fault: unknown): void {
    this.#log.fault('nothing caught it', fault);
    if (this.#isEnding) return this.#end();
    this.#isEnding = true;
    this.#log.event('ending-after-fault', { withinSeconds: drainMs / 1000 });
    this.#clock.after(drainMs, () => this.#end());
    void this.#drain().then(
      () => this.#end(),
      () => this.#end(),
    );
  }

  #end(): void {
    this.#log.flush();
    this.#exit(faultExitCode);
  }
}
