import { runFanoutLoad } from './generator/fanout-load.ts';
import type { LoadKind, LoadOrder, LoadOutcome } from './generator/load-order.ts';
import { runMessageLoad } from './generator/message-load.ts';
import { runSessionLoad } from './generator/session-load.ts';
import { runIdleLoad, runRegisterLoad, runSignInLoad } from './generator/sign-in-load.ts';

/** The load generator, a process of its own: takes an order as its only argument, prints the outcome as one line of JSON. */
const loads: Readonly<Record<LoadKind, (order: LoadOrder) => Promise<LoadOutcome>>> = {
  message: runMessageLoad,
  fanout: runFanoutLoad,
  signin: runSignInLoad,
  register: runRegisterLoad,
  session: runSessionLoad,
  idle: runIdleLoad,
};

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
try {
  const outcome = await loads[order.load](order);
  process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
} catch (thrown) {
  process.stderr.write(`${(thrown as Error).message}\n`, () => process.exit(1));
}
