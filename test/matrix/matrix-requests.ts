import { randomToken } from '../../src/base/random.ts';
import type { Result } from '../../src/base/result.ts';
import type { PresenceEndpoint } from '../../src/lab/presence-endpoint.ts';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import type { AvailabilityClass } from '../../src/services/presence/availability.ts';
import { told } from '../support/presence-client.ts';
import type { RequestKind } from './matrix-rows.ts';

const arrivalMs = 5_000;

/** A user with what the user's clients do: one talks, one publishes and watches. */
export interface Party {
  readonly address: string;
  readonly talk: TestEndpoint;
  readonly presence: PresenceEndpoint;
  /** The state that `presence` has published. */
  readonly shows: AvailabilityClass;
}

/** How a request was answered. */
export interface Answered {
  readonly callId: string;
  readonly status: number;
  readonly diagnostics: string | undefined;
}

/**
 * Sends a request of a kind from one to the other. Answered 200 it has to have had its whole effect on the other end, answered otherwise
 * none: it throws where that is not so.
 */
export const send: Readonly<Record<RequestKind, (from: Party, to: Party) => Promise<Answered>>> = {
  /** Delivered: the text has arrived, as from its sender. */
  async MESSAGE(from, to) {
    const text = `Hello from ${from.address} (${randomToken(6)})`;
    const callId = randomToken(8);
    const sent = answerOf(from, to, await from.talk.sendMessage(to.address, text, callId));
    const arrived = await to.talk.waitForMessage(text, sent.status === 200 ? arrivalMs : 0);
    requireEffect(from, to, sent.status, arrived?.from === from.address, `arrived as from ${arrived?.from ?? 'nobody'}`);
    return { callId, status: sent.status, diagnostics: sent.diagnostics };
  },

  /** Delivered: the first NOTIFY shows what the other one has published, and the subscription can be ended. */
  async SUBSCRIBE(from, to) {
    const { watch, answer } = answerOf(from, to, await from.presence.watch(to.address));
    const { callId, notifies } = watch;
    const outcome = { callId, status: answer.status, diagnostics: answer.get('ms-diagnostics') };
    if (answer.status !== 200) {
      requireEffect(from, to, answer.status, notifies.length > 0, `${notifies.length} NOTIFY requests`);
      return outcome;
    }
    await told(watch, to.shows, 0, arrivalMs);
    const [first] = notifies;
    const isRight = first?.from === to.address && first.shown === to.shows && first.state.startsWith('active');
    requireEffect(from, to, answer.status, isRight, `first told ${first?.shown} of ${first?.from}, ${first?.state}`);
    const end = answerOf(from, to, await watch.subscribe(0));
    const isOver = await watch.waitFor(({ state }) => state.startsWith('terminated'), arrivalMs);
    if (end.status !== 200 || !isOver) throw new Error(`${from.address} still watches ${to.address}: ${end.status}`);
    return outcome;
  },

  /** Delivered: both ends have the call with the ACK, and it is ended by a BYE of the one that was called. */
  async INVITE(from, to) {
    const { callId, final } = answerOf(from, to, await from.talk.call(to.address));
    const outcome = { callId, status: final.status, diagnostics: final.get('ms-diagnostics') };
    if (final.status !== 200) {
      requireEffect(from, to, final.status, to.talk.hasCall(callId), 'it rang');
      return outcome;
    }
    const isUp = await to.talk.waitForCall(callId, 'confirmed', arrivalMs);
    requireEffect(from, to, final.status, isUp, 'no ACK arrived');
    const end = answerOf(to, from, await to.talk.hangUp(callId));
    const isOver = await from.talk.waitForCall(callId, 'ended', arrivalMs);
    if (end.status !== 200 || !isOver)
      throw new Error(`the call from ${from.address} to ${to.address} is still up: ${end.status}`);
    return outcome;
  },
};

/** The value of an answer; no answer at all is no outcome. */
function answerOf<T>(from: Party, to: Party, answer: Result<T>): T {
  if (!answer.ok) throw new Error(`${from.address} to ${to.address}: ${answer.error.text}`);
  return answer.value;
}

function requireEffect(from: Party, to: Party, status: number, hasEffect: boolean, what: string): void {
  if (hasEffect !== (status === 200)) throw new Error(`${from.address} to ${to.address}: answered ${status}, ${what}`);
}
