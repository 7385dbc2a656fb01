import type { LoadOrder, LoadOutcome } from './load-order.ts';
import { inParallel, LoadUser, pause } from './load-user.ts';
import { MeasuredWindow } from './measured-window.ts';

const signInWidth = 16;
const registrationSeconds = 600;
const settleSeconds = 3;
const namedFailures = 3;

/** A new TLS connection, REGISTER, 401, REGISTER with digest, 200; then the connection is closed and the next user comes. */
export async function runSignInLoad(order: LoadOrder): Promise<LoadOutcome> {
  let next = 0;
  let tls = '';
  return runLoops(order, async window => {
    const user = new LoadUser(order.firstUser + (next++ % order.userCount), order.sites[0]);
    const sinceMs = performance.now();
    try {
      await user.signIn();
      window.count(sinceMs);
      tls ||= user.connection.tls;
    } finally {
      user.connection.close();
    }
    return tls;
  });
}

/** A user who has signed in refreshes its registration over the same connection, with digest. */
export async function runRegisterLoad(order: LoadOrder): Promise<LoadOutcome> {
  const users = Array.from({ length: order.connections }, (_, i) => new LoadUser(order.firstUser + i, order.sites[0]));
  await inParallel(users, signInWidth, user => user.prepare());
  const outcome = await runLoops(order, async (window, loop) => {
    const user = users[loop] as LoadUser;
    const sinceMs = performance.now();
    await user.register(registrationSeconds);
    window.count(sinceMs);
    return user.connection.tls;
  });
  await inParallel(users, signInWidth, user => user.register(0));
  for (const user of users) user.connection.close();
  return outcome;
}

/** Users sign in and stay: what each adds to the server's memory. */
export async function runIdleLoad(order: LoadOrder): Promise<LoadOutcome> {
  const window = new MeasuredWindow(order);
  const users = Array.from({ length: order.connections }, (_, i) => new LoadUser(order.firstUser + i, order.sites[0]));
  const kilobytesBefore = window.readPss();
  window.open();
  await inParallel(users, signInWidth, async user => {
    const sinceMs = performance.now();
    await user.prepare();
    window.count(sinceMs);
    user.onLost = () => {
      window.failed++;
    };
  });
  window.close();
  await pause(settleSeconds);
  const pssKilobytesPerConnection = (window.readPss() - kilobytesBefore) / users.length;
  const tls = users[0]?.connection.tls ?? '';
  for (const user of users) user.connection.close();
  return { ...window.outcome(tls), pssKilobytesPerConnection };
}

/** Runs one unit after the other in as many loops as there are connections; a unit that throws has failed. */
async function runLoops(
  { connections, warmSeconds, seconds, ...order }: LoadOrder,
  unit: (window: MeasuredWindow, loop: number) => Promise<string>,
): Promise<LoadOutcome> {
  const window = new MeasuredWindow({ ...order, connections, warmSeconds, seconds });
  const state = { isStopping: false };
  let tls = '';
  const loops = Array.from({ length: connections }, async (_, loop) => {
    while (!state.isStopping) {
      try {
        tls = await unit(window, loop);
      } catch (thrown) {
        if (window.failed++ < namedFailures) process.stderr.write(`${(thrown as Error).message}\n`);
        // a server that refuses at once is not to be run down
        await pause(0.1);
      }
    }
  });
  await pause(warmSeconds);
  window.open();
  await pause(seconds);
  window.close();
  state.isStopping = true;
  await Promise.all(loops);
  return window.outcome(tls);
}
