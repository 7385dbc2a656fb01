import { type Transition, type TransportKind, transition } from './machine.ts';

/** rfc3261 17.2.1, figure 7, with the Accepted state of rfc6026 7.1. */
export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

/**
 * `request`: the INVITE came again. `provisional`, `success` (2xx), `failure` (3xx–6xx): the transaction user answers.
 * `trying-due`: it has said nothing yet. `abandoned`: it never said anything final.
 */
export type InviteServerInput =
  | 'request'
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'trying-due'
  | 'timer-g'
  | 'timer-h'
  | 'timer-i'
  | 'timer-l'
  | 'abandoned'
  | 'transport-error';

/** `pass-ack`: the ACK belongs to a 2xx and goes to the transaction user. `timed-out`: no ACK ever came. */
export type InviteServerEffect =
  | 'send'
  | 'send-trying'
  | 'resend'
  | 'pass-ack'
  | 'start-g'
  | 'restart-g'
  | 'stop-g'
  | 'start-h'
  | 'start-i'
  | 'start-l'
  | 'timed-out'
  | 'end';

type Step = Transition<InviteServerState, InviteServerEffect>;

const stayProceeding: Step = transition('proceeding');
const proceed: Step = transition('proceeding', 'send');
const sayTrying: Step = transition('proceeding', 'send-trying');
const repeatProvisional: Step = transition('proceeding', 'resend');
const accept: Step = transition('accepted', 'send', 'start-l');
const complete: Step = transition('completed', 'send', 'start-h');
const completeUnreliable: Step = transition('completed', 'send', 'start-h', 'start-g');
const stayAccepted: Step = transition('accepted');
const sendAnother: Step = transition('accepted', 'send');
const passAck: Step = transition('accepted', 'pass-ack');
const stayCompleted: Step = transition('completed');
const repeatFinal: Step = transition('completed', 'resend');
const repeatFinalOnTime: Step = transition('completed', 'resend', 'restart-g');
const confirm: Step = transition('confirmed', 'stop-g', 'start-i');
const stayConfirmed: Step = transition('confirmed');
const noAck: Step = transition('terminated', 'timed-out', 'end');
const end: Step = transition('terminated', 'end');
const stayTerminated: Step = transition('terminated');

/** One step of the INVITE server transaction. Over a reliable transport Timer G never runs and Timer I is zero. */
export function stepInviteServer(state: InviteServerState, input: InviteServerInput, transport: TransportKind): Step {
  switch (state) {
    case 'proceeding':
      return proceeding(input, transport);
    case 'accepted':
      return accepted(input);
    case 'completed':
      return completed(input, transport);
    case 'confirmed':
      return confirmed(input);
    case 'terminated':
      return stayTerminated;
  }
}

function proceeding(input: InviteServerInput, transport: TransportKind): Step {
  switch (input) {
    case 'request':
      return transport === 'reliable' ? stayProceeding : repeatProvisional;
    case 'provisional':
      return proceed;
    case 'success':
      return accept;
    case 'failure':
      return transport === 'reliable' ? complete : completeUnreliable;
    case 'trying-due':
      return sayTrying;
    case 'abandoned':
    case 'transport-error':
      return end;
    default:
      return stayProceeding;
  }
}

/** rfc6026 7.1: the transaction stays to absorb the INVITE and lets the transaction user send its 2xx again, or another fork's. */
function accepted(input: InviteServerInput): Step {
  switch (input) {
    case 'success':
      return sendAnother;
    case 'ack':
      return passAck;
    case 'timer-l':
      return end;
    default:
      return stayAccepted;
  }
}

function completed(input: InviteServerInput, transport: TransportKind): Step {
  switch (input) {
    case 'request':
      return transport === 'reliable' ? stayCompleted : repeatFinal;
    case 'ack':
      return transport === 'reliable' ? end : confirm;
    case 'timer-g':
      return repeatFinalOnTime;
    case 'timer-h':
      return noAck;
    case 'transport-error':
      return end;
    default:
      return stayCompleted;
  }
}

function confirmed(input: InviteServerInput): Step {
  switch (input) {
    case 'timer-i':
    case 'transport-error':
      return end;
    default:
      return stayConfirmed;
  }
}
