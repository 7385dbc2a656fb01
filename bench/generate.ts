import type { LoadKind, LoadOrder, LoadOutcome } from './generator/load-order.ts';
import { runMessageLoad } from './generator/message-load.ts';

/** The load generator, a process of its own: takes an order as its only argument, prints the outcome as one line of JSON. */
const loads: Partial<Record<LoadKind, (order: LoadOrder) => Promise<LoadOutcome>>> = {
  message: runMessageLoad,
};

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
const run = loads[order.load];
if (run === undefined) throw new Error(`no such load: ${order.load}`);
const outcome = await run(order);
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
