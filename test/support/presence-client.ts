import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Result } from '../../src/base/result.ts';
import { createPeerPathVerifier } from '../../src/certificates/peer-path.ts';
import { parseTrustStore } from '../../src/certificates/trust-store.ts';
import { PresenceEndpoint } from '../../src/lab/presence-endpoint.ts';
import type { PresenceWatch, ReceivedNotify, WatchOptions } from '../../src/lab/presence-watch.ts';
import type { SipResponse } from '../../src/sip/message.ts';
import { type LabFrontEnd, labLogin } from './lab-login.ts';
import type { LabUnderTest } from './lab-under-test.ts';

/** No NOTIFY takes longer inside or across the federation. */
const notifyMs = 10_000;

/** A client of a user of the lab that publishes and watches, signed in; it is closed with the test. */
export async function presenceClient(t: TestContext, lab: LabUnderTest, address: string): Promise<PresenceEndpoint> {
  const endpoint = presenceEndpoint(lab, address);
  t.after(() => endpoint.close());
  assert.equal(statusOf(await endpoint.signIn()), 200);
  return endpoint;
}

/** The same, not yet signed in. */
export function presenceEndpoint(lab: LabUnderTest, address: string): PresenceEndpoint {
  const { frontEnd } = lab.organisation(address.endsWith('@contoso.test') ? 'contoso' : 'lynconline');
  return presenceEndpointAt(frontEnd, lab.file.ca, address);
}

/** The same at a Front End whose certificate is from the CA in a file. */
export function presenceEndpointAt(frontEnd: LabFrontEnd, ca: string, address: string): PresenceEndpoint {
  const trust = parseTrustStore(readFileSync(ca, 'utf8'), ca);
  assert.ok(trust.ok);
  return new PresenceEndpoint(labLogin(frontEnd, createPeerPathVerifier(trust.value, systemClock), address));
}

/** A subscription that is accepted. */
export async function watching(endpoint: PresenceEndpoint, presentity: string, options?: WatchOptions): Promise<PresenceWatch> {
  const { watch, answer } = await tryToWatch(endpoint, presentity, options);
  assert.equal(answer.status, 200, `${presentity}: ${answer.status} ${answer.get('ms-diagnostics')}`);
  return watch;
}

/** A subscription whatever becomes of it. */
export async function tryToWatch(endpoint: PresenceEndpoint, presentity: string, options?: WatchOptions) {
  const watched = await endpoint.watch(presentity, options);
  if (!watched.ok) throw new Error(watched.error.text);
  return watched.value;
}

/** The next NOTIFY, from the `start`th on, that shows the user in this state. */
export function told(watch: PresenceWatch, shown: string, start = 0, timeoutMs = notifyMs): Promise<ReceivedNotify> {
  return notified(watch, `that shows ${shown}`, notify => notify.shown === shown, start, timeoutMs);
}

/** The NOTIFY that ends the subscription. */
export function ended(watch: PresenceWatch, reason: string, timeoutMs = notifyMs): Promise<ReceivedNotify> {
  const fits = ({ state }: ReceivedNotify) => state.startsWith('terminated') && state.includes(`reason=${reason}`);
  return notified(watch, `that ends it (${reason})`, fits, 0, timeoutMs);
}

/** The next NOTIFY, from the `start`th on, that fits. */
export async function notified(
  watch: PresenceWatch,
  what: string,
  fits: (notify: ReceivedNotify) => boolean,
  start = 0,
  timeoutMs = notifyMs,
): Promise<ReceivedNotify> {
  const found = await watch.waitFor(fits, timeoutMs, start);
  if (found !== undefined) return found;
  const seen = watch.notifies.map(({ state, shown }) => `${state} ${shown ?? ''}`).join('; ');
  throw new Error(`no NOTIFY ${what} within ${timeoutMs} ms; there were: ${seen || 'none'}`);
}

/** The status of an answer; throws where none came. */
export function statusOf(answer: Result<SipResponse>): number {
  if (!answer.ok) throw new Error(answer.error.text);
  return answer.value.status;
}
