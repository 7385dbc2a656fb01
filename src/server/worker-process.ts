import { systemClock } from '../base/clock.ts';
import { FailureError } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { ServerLog } from '../observe/server-log.ts';
import { StoreChannel } from '../store/channel-store.ts';
import { FaultPolicy } from './fault-policy.ts';
import type { FrontEndAssembly } from './front-end-assembly.ts';
import { openFrontEndListeners } from './front-end-listeners.ts';
import { readFrontEndState } from './front-end-state.ts';
import { Closers } from './running-server.ts';
import { assembleFrontEnd } from './start-front-end.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

// A further worker of a Front End: forked by the first one, which has the store, and never without it.

const closers = new Closers();
const channel = new StoreChannel(question => tell({ kind: 'store', question }));
let assembly: FrontEndAssembly | undefined;

// Ctrl-C reaches all processes of a terminal; the first worker stops the others in order
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit(0));
process.on('message', (message: ToWorker) => void receive(message));

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function receive(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'start':
      return start(message);
    case 'store':
      return channel.take(message.answer);
    case 'hint':
      return channel.hint(message.hint);
    case 'apply':
      return apply(message);
    case 'read-metrics':
      return tell({ kind: 'metrics', id: message.id, readings: assembly?.metrics.read() ?? [] });
    case 'stop':
      await closers.closeAll();
      process.exit(0);
  }
}

async function start({ configuration, seat, awaited }: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  const log = new ServerLog(`${configuration.name}#${seat.place.slot}`, configuration.log.level, systemClock);
  const state = await readFrontEndState(channel.store, systemClock, closers);
  const assembled = await assembleFrontEnd({ configuration, clock: systemClock, log, closers, state, seat, awaited });
  if (!assembled.ok) return refuse(assembled);
  assembly = assembled.value;
  const listeners = await openFrontEndListeners(assembly);
  if (!listeners.ok) return refuse(listeners);
  const { farewell } = assembly;
  closers.add(() => farewell());
  // a fault before this ends the process as it is, and the first worker is told
  FaultPolicy.ofProcess(log, systemClock).drainWith(() => closers.closeAll());
  tell({ kind: 'serving' });
}

async function refuse(result: Extract<Result<unknown>, { ok: false }>): Promise<void> {
  tell({ kind: 'refused', failure: { ...result.error, cause: undefined } });
  await closers.closeAll();
  process.disconnect();
}

async function apply({ id, configuration, users }: Extract<ToWorker, { kind: 'apply' }>): Promise<void> {
  try {
    if (configuration) await assembly?.source.refresh();
    if (users.length > 0) await assembly?.directory.refresh(users);
  } catch (error) {
    // the store is away: this worker follows when it is back, as the first one does
    if (!(error instanceof FailureError)) throw error;
  }
  tell({ kind: 'applied', id });
}
