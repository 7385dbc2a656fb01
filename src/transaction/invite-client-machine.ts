import { type Transition, type TransportKind, transition } from './machine.ts';

/**
 * rfc3261 17.1.1, figure 5, with the Accepted state of rfc6026 7.2. The two `-cancelled` states remember that the
 * transaction user gave up: CANCEL may only be sent after a provisional response (rfc3261 9.1).
 */
export type InviteClientState =
  | 'calling'
  | 'calling-cancelled'
  | 'proceeding'
  | 'proceeding-cancelled'
  | 'accepted'
  | 'completed'
  | 'terminated';

/**
 * `trying` (100), `provisional` (101–199), `success` (2xx), `failure` (3xx–6xx): a response arrived.
 * `cancel`: the transaction user gives up. `give-up`: the cancelled INVITE got no final response.
 */
export type InviteClientInput =
  | 'trying'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'cancel'
  | 'timer-a'
  | 'timer-b'
  | 'timer-c'
  | 'timer-d'
  | 'timer-m'
  | 'give-up'
  | 'transport-error';

/** `start-c` to `start-give-up` each replace the one long timer that is running. */
export type InviteClientEffect =
  | 'pass'
  | 'send-ack'
  | 'send-cancel'
  | 'resend'
  | 'restart-a'
  | 'stop-a'
  | 'start-c'
  | 'start-d'
  | 'start-m'
  | 'start-give-up'
  | 'timed-out'
  | 'transport-failed'
  | 'end';

type Step = Transition<InviteClientState, InviteClientEffect>;

const proceed: Step = transition('proceeding', 'stop-a', 'start-c', 'pass');
const proceedAndCancel: Step = transition('proceeding-cancelled', 'stop-a', 'send-cancel', 'start-give-up', 'pass');
const passTrying: Step = transition('proceeding', 'pass');
const passAfterCancel: Step = transition('proceeding-cancelled', 'pass');
const cancelNow: Step = transition('proceeding-cancelled', 'send-cancel', 'start-give-up');
const cancelLater: Step = transition('calling-cancelled');
const accept: Step = transition('accepted', 'stop-a', 'start-m', 'pass');
const passAnother: Step = transition('accepted', 'pass');
const complete: Step = transition('completed', 'stop-a', 'send-ack', 'start-d', 'pass');
const completeAndEnd: Step = transition('terminated', 'send-ack', 'end', 'pass');
const ackAgain: Step = transition('completed', 'send-ack');
const resend = {
  calling: stay('calling', 'resend', 'restart-a'),
  'calling-cancelled': stay('calling-cancelled', 'resend', 'restart-a'),
};
const timeOut: Step = transition('terminated', 'end', 'timed-out');
const fail: Step = transition('terminated', 'end', 'transport-failed');
const end: Step = transition('terminated', 'end');
const unmoved = {
  calling: stay('calling'),
  'calling-cancelled': stay('calling-cancelled'),
  proceeding: stay('proceeding'),
  'proceeding-cancelled': stay('proceeding-cancelled'),
  accepted: stay('accepted'),
  completed: stay('completed'),
  terminated: stay('terminated'),
};

function stay(state: InviteClientState, ...effects: InviteClientEffect[]): Step {
  return transition(state, ...effects);
}

/** One step of the INVITE client transaction. Over a reliable transport Timer A never runs and Timer D is zero. */
export function stepInviteClient(state: InviteClientState, input: InviteClientInput, transport: TransportKind): Step {
  switch (state) {
    case 'calling':
    case 'calling-cancelled':
      return calling(state, input, transport);
    case 'proceeding':
    case 'proceeding-cancelled':
      return proceeding(state, input, transport);
    case 'accepted':
      return accepted(input);
    case 'completed':
      return completed(input);
    case 'terminated':
      return unmoved.terminated;
  }
}

function calling(state: 'calling' | 'calling-cancelled', input: InviteClientInput, transport: TransportKind): Step {
  switch (input) {
    case 'trying':
    case 'provisional':
      return state === 'calling' ? proceed : proceedAndCancel;
    case 'cancel':
      return cancelLater;
    case 'timer-a':
      return resend[state];
    case 'timer-b':
      return timeOut;
    default:
      return finished(state, input, transport);
  }
}

function proceeding(state: 'proceeding' | 'proceeding-cancelled', input: InviteClientInput, transport: TransportKind): Step {
  const cancelled = state === 'proceeding-cancelled';
  switch (input) {
    case 'trying':
      return cancelled ? passAfterCancel : passTrying;
    case 'provisional':
      // rfc3261 16.7: 101–199 start Timer C again, 100 does not.
      return cancelled ? passAfterCancel : proceed;
    case 'cancel':
    case 'timer-c':
      // rfc3261 16.8: when Timer C fires after a provisional response, the proxy has to send CANCEL.
      return cancelled ? unmoved[state] : cancelNow;
    case 'give-up':
      return timeOut;
    default:
      return finished(state, input, transport);
  }
}

/** What ends Calling and Proceeding alike: a final response or a broken transport. */
function finished(
  state: 'calling' | 'calling-cancelled' | 'proceeding' | 'proceeding-cancelled',
  input: InviteClientInput,
  transport: TransportKind,
): Step {
  switch (input) {
    case 'success':
      return accept;
    case 'failure':
      return transport === 'reliable' ? completeAndEnd : complete;
    case 'transport-error':
      return fail;
    default:
      return unmoved[state];
  }
}

function accepted(input: InviteClientInput): Step {
  switch (input) {
    case 'success':
      return passAnother;
    case 'timer-m':
      return end;
    default:
      return unmoved.accepted;
  }
}

function completed(input: InviteClientInput): Step {
  switch (input) {
    case 'failure':
      return ackAgain;
    case 'timer-d':
    case 'transport-error':
      // The transaction user has its final response: that the ACK cannot be repeated is no news to it.
      return end;
    default:
      return unmoved.completed;
  }
}
