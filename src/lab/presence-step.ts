import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import type { SipResponse } from '../sip/message.ts';
import type { PresenceEndpoint } from './presence-endpoint.ts';
import { arrivalMs, described, fail, pass, type StepVerdict } from './step-verdict.ts';

/** Clients that publish and watch. */
export interface PresenceParties {
  readonly presence: Readonly<Record<'alice' | 'bob', PresenceEndpoint>>;
  readonly clock: Clock;
}

type Party = keyof PresenceParties['presence'];

/** A step in which a user's client publishes that it is busy, and the watcher's client is told. Both sign in for it and out again. */
export function watches(watcher: Party, user: Party): (parties: PresenceParties) => Promise<StepVerdict> {
  return ({ presence, clock }) => watchBusy(presence[watcher], presence[user], clock);
}

async function watchBusy(watcher: PresenceEndpoint, user: PresenceEndpoint, clock: Clock): Promise<StepVerdict> {
  try {
    return (await signInBoth(watcher, user)) ?? (await watchAndEnd(watcher, user, clock));
  } finally {
    await Promise.all([watcher.signOut(), user.signOut()]);
  }
}

async function signInBoth(watcher: PresenceEndpoint, user: PresenceEndpoint): Promise<StepVerdict | undefined> {
  for (const endpoint of [watcher, user]) {
    const answer = await endpoint.signIn();
    if (!isOk(answer)) return fail(`${endpoint.address} signs in with 200.`, `The registrar said: ${said(answer)}.`);
  }
  return undefined;
}

async function watchAndEnd(watcher: PresenceEndpoint, user: PresenceEndpoint, clock: Clock): Promise<StepVerdict> {
  const expected = `${watcher.address} subscribes to ${user.address}, is told the state at once, then that it is busy, then that it is over.`;
  const subscribed = await watcher.watch(user.address);
  if (!subscribed.ok) return fail(expected, `SUBSCRIBE had no answer: ${described(subscribed)}.`);
  const { watch, answer } = subscribed.value;
  if (answer.status !== 200) return fail(expected, `SUBSCRIBE was answered ${said(ok(answer))}.`);
  const first = await watch.waitFor(({ shown }) => shown !== undefined, arrivalMs);
  if (first === undefined) return fail(expected, 'SUBSCRIBE was answered 200, but the state was not told.');
  const beginMs = clock.monotonic();
  const published = await user.publish('busy');
  if (!isOk(published)) return fail(expected, `PUBLISH was answered ${said(published)}.`);
  const busy = await watch.waitFor(({ shown }) => shown === 'busy', arrivalMs);
  if (busy === undefined) return fail(expected, `PUBLISH was answered 200, but nothing was told after "${first.shown}".`);
  const milliseconds = Math.round(clock.monotonic() - beginMs);
  if (busy.from !== user.address) return fail(expected, `It was told as if ${busy.from} were busy.`);
  const ended = await watch.subscribe(0);
  const last = await watch.waitFor(() => watch.isOver, arrivalMs);
  if (!isOk(ended) || last === undefined) return fail(expected, `The end was answered ${said(ended)} and not told.`);
  return pass(`${nameOf(watcher)}'s client was told: ${nameOf(user)} is busy, after ${milliseconds} ms`);
}

function said(answer: Result<SipResponse>): string {
  if (!answer.ok) return described(answer);
  const { status, reason } = answer.value;
  return described(ok({ status, reason, diagnostics: answer.value.get('ms-diagnostics'), milliseconds: 0 }));
}

function isOk(answer: Result<SipResponse>): boolean {
  return answer.ok && answer.value.status === 200;
}

function nameOf({ address }: PresenceEndpoint): string {
  return address.slice(0, address.indexOf('@'));
}
