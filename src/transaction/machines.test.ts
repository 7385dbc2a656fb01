import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepInviteClient } from './invite-client-machine.ts';
import { stepInviteServer } from './invite-server-machine.ts';
import type { Transition, TransportKind } from './machine.ts';
import { stepNonInviteClient } from './non-invite-client-machine.ts';
import { stepNonInviteServer } from './non-invite-server-machine.ts';

type AnyStep = (state: never, input: never, transport: TransportKind) => Transition<string, string>;

/**
 * `state input -> next effect effect …`, one line per transition that does anything; a leading `r:` or `u:` limits it to
 * reliable or unreliable transports. Every pair that is not listed must leave the state alone and do nothing.
 */
function checkTable(name: string, step: AnyStep, states: string[], inputs: string[], lines: string): void {
  const expected = new Map<string, string>();
  for (const line of lines.trim().split('\n')) {
    const [from = '', to = ''] = line.trim().split(' -> ');
    const transports = from.startsWith('r:') ? ['reliable'] : from.startsWith('u:') ? ['unreliable'] : ['reliable', 'unreliable'];
    for (const transport of transports) expected.set(`${transport} ${from.replace(/^[ru]:/, '')}`, to.trim());
  }
  test(name, () => {
    const actual = new Map<string, string>();
    for (const transport of ['reliable', 'unreliable'] as const) {
      for (const state of states) {
        for (const input of inputs) {
          const next = step(state as never, input as never, transport);
          const key = `${transport} ${state} ${input}`;
          if (next.state !== state || next.effects.length > 0) actual.set(key, [next.state, ...next.effects].join(' '));
          else if (expected.get(key) === state) expected.delete(key);
        }
      }
    }
    assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected));
  });
}

// rfc3261 figure 8.
checkTable(
  'non-INVITE server',
  stepNonInviteServer,
  ['trying', 'proceeding', 'completed', 'terminated'],
  ['request', 'provisional', 'final', 'timer-j', 'abandoned', 'transport-error'],
  `
  trying provisional -> proceeding send
  r:trying final -> terminated send end
  u:trying final -> completed send start-j
  trying abandoned -> terminated end
  trying transport-error -> terminated end
  u:proceeding request -> proceeding resend
  proceeding provisional -> proceeding send
  r:proceeding final -> terminated send end
  u:proceeding final -> completed send start-j
  proceeding abandoned -> terminated end
  proceeding transport-error -> terminated end
  completed request -> completed resend
  completed timer-j -> terminated end
  completed transport-error -> terminated end
  `,
);

// rfc3261 figure 7, rfc6026 7.1.
checkTable(
  'INVITE server',
  stepInviteServer,
  ['proceeding', 'accepted', 'completed', 'confirmed', 'terminated'],
  [
    'request',
    'ack',
    'provisional',
    'success',
    'failure',
    'trying-due',
    'timer-g',
    'timer-h',
    'timer-i',
    'timer-l',
    'abandoned',
    'transport-error',
  ],
  `
  u:proceeding request -> proceeding resend
  proceeding provisional -> proceeding send
  proceeding success -> accepted send start-l
  r:proceeding failure -> completed send start-h
  u:proceeding failure -> completed send start-h start-g
  proceeding trying-due -> proceeding send-trying
  proceeding abandoned -> terminated end
  proceeding transport-error -> terminated end
  accepted ack -> accepted pass-ack
  accepted success -> accepted send
  accepted timer-l -> terminated end
  u:completed request -> completed resend
  r:completed ack -> terminated end
  u:completed ack -> confirmed stop-g start-i
  completed timer-g -> completed resend restart-g
  completed timer-h -> terminated timed-out end
  completed transport-error -> terminated end
  confirmed timer-i -> terminated end
  confirmed transport-error -> terminated end
  `,
);

// rfc3261 figure 6.
checkTable(
  'non-INVITE client',
  stepNonInviteClient,
  ['trying', 'proceeding', 'completed', 'terminated'],
  ['provisional', 'final', 'timer-e', 'timer-f', 'timer-k', 'transport-error'],
  `
  trying provisional -> proceeding pass
  r:trying final -> terminated end pass
  u:trying final -> completed stop-e start-k pass
  trying timer-e -> trying resend restart-e
  trying timer-f -> terminated end timed-out
  trying transport-error -> terminated end transport-failed
  proceeding provisional -> proceeding pass
  r:proceeding final -> terminated end pass
  u:proceeding final -> completed stop-e start-k pass
  proceeding timer-e -> proceeding resend restart-e-slow
  proceeding timer-f -> terminated end timed-out
  proceeding transport-error -> terminated end transport-failed
  completed timer-k -> terminated end
  completed transport-error -> terminated end
  `,
);

// rfc3261 figure 5 with 9.1 and 16.8, rfc6026 7.2.
checkTable(
  'INVITE client',
  stepInviteClient,
  ['calling', 'calling-cancelled', 'proceeding', 'proceeding-cancelled', 'accepted', 'completed', 'terminated'],
  [
    'trying',
    'provisional',
    'success',
    'failure',
    'cancel',
    'timer-a',
    'timer-b',
    'timer-c',
    'timer-d',
    'timer-m',
    'give-up',
    'transport-error',
  ],
  `
  calling trying -> proceeding stop-a start-c pass
  calling provisional -> proceeding stop-a start-c pass
  calling success -> accepted stop-a start-m pass
  r:calling failure -> terminated send-ack end pass
  u:calling failure -> completed stop-a send-ack start-d pass
  calling cancel -> calling-cancelled
  calling timer-a -> calling resend restart-a
  calling timer-b -> terminated end timed-out
  calling transport-error -> terminated end transport-failed
  calling-cancelled trying -> proceeding-cancelled stop-a send-cancel start-give-up pass
  calling-cancelled provisional -> proceeding-cancelled stop-a send-cancel start-give-up pass
  calling-cancelled success -> accepted stop-a start-m pass
  r:calling-cancelled failure -> terminated send-ack end pass
  u:calling-cancelled failure -> completed stop-a send-ack start-d pass
  calling-cancelled cancel -> calling-cancelled
  calling-cancelled timer-a -> calling-cancelled resend restart-a
  calling-cancelled timer-b -> terminated end timed-out
  calling-cancelled transport-error -> terminated end transport-failed
  proceeding trying -> proceeding pass
  proceeding provisional -> proceeding stop-a start-c pass
  proceeding success -> accepted stop-a start-m pass
  r:proceeding failure -> terminated send-ack end pass
  u:proceeding failure -> completed stop-a send-ack start-d pass
  proceeding cancel -> proceeding-cancelled send-cancel start-give-up
  proceeding timer-c -> proceeding-cancelled send-cancel start-give-up
  proceeding give-up -> terminated end timed-out
  proceeding transport-error -> terminated end transport-failed
  proceeding-cancelled trying -> proceeding-cancelled pass
  proceeding-cancelled provisional -> proceeding-cancelled pass
  proceeding-cancelled success -> accepted stop-a start-m pass
  r:proceeding-cancelled failure -> terminated send-ack end pass
  u:proceeding-cancelled failure -> completed stop-a send-ack start-d pass
  proceeding-cancelled give-up -> terminated end timed-out
  proceeding-cancelled transport-error -> terminated end transport-failed
  accepted success -> accepted pass
  accepted timer-m -> terminated end
  completed failure -> completed send-ack
  completed timer-d -> terminated end
  completed transport-error -> terminated end
  `,
);
