import { type Transition, type TransportKind, transition } from './machine.ts';

/** rfc3261 17.2.2, figure 8. */
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';

/**
 * `request`: a retransmission arrived. `provisional`, `final`: the transaction user answers. `abandoned`: it never did.
 */
export type NonInviteServerInput = 'request' | 'provisional' | 'final' | 'timer-j' | 'abandoned' | 'transport-error';

/** `send`: the answer just given; `resend`: the last one sent; `end`: forget the transaction. */
export type NonInviteServerEffect = 'send' | 'resend' | 'start-j' | 'end';

type Step = Transition<NonInviteServerState, NonInviteServerEffect>;

const stayTrying: Step = transition('trying');
const stayProceeding: Step = transition('proceeding');
const proceed: Step = transition('proceeding', 'send');
const repeatProvisional: Step = transition('proceeding', 'resend');
const complete: Step = transition('completed', 'send', 'start-j');
const completeAndEnd: Step = transition('terminated', 'send', 'end');
const stayCompleted: Step = transition('completed');
const repeatFinal: Step = transition('completed', 'resend');
const end: Step = transition('terminated', 'end');
const stayTerminated: Step = transition('terminated');

/** One step of the non-INVITE server transaction. Over a reliable transport Timer J is zero, and nothing is ever retransmitted. */
export function stepNonInviteServer(state: NonInviteServerState, input: NonInviteServerInput, transport: TransportKind): Step {
  switch (state) {
    case 'trying':
      return trying(input, transport);
    case 'proceeding':
      return proceeding(input, transport);
    case 'completed':
      return completed(input);
    case 'terminated':
      return stayTerminated;
  }
}

function trying(input: NonInviteServerInput, transport: TransportKind): Step {
  switch (input) {
    case 'provisional':
      return proceed;
    case 'final':
      return transport === 'reliable' ? completeAndEnd : complete;
    case 'transport-error':
    case 'abandoned':
      return end;
    case 'request':
    case 'timer-j':
      return stayTrying;
  }
}

function proceeding(input: NonInviteServerInput, transport: TransportKind): Step {
  switch (input) {
    case 'request':
      return transport === 'reliable' ? stayProceeding : repeatProvisional;
    case 'provisional':
      return proceed;
    case 'final':
      return transport === 'reliable' ? completeAndEnd : complete;
    case 'transport-error':
    case 'abandoned':
      return end;
    case 'timer-j':
      return stayProceeding;
  }
}

function completed(input: NonInviteServerInput): Step {
  switch (input) {
    case 'request':
      return repeatFinal;
    case 'timer-j':
    case 'transport-error':
      return end;
    case 'provisional':
    case 'final':
    case 'abandoned':
      return stayCompleted;
  }
}
