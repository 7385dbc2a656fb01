import { type Transition, type TransportKind, transition } from './machine.ts';

/** rfc3261 17.1.2, figure 6. */
export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';

/** `provisional`, `final`: a response arrived. */
export type NonInviteClientInput = 'provisional' | 'final' | 'timer-e' | 'timer-f' | 'timer-k' | 'transport-error';

/** `pass`: the response goes to the transaction user. `restart-e` doubles the interval up to T2, `restart-e-slow` takes T2 at once. */
export type NonInviteClientEffect =
  | 'pass'
  | 'resend'
  | 'restart-e'
  | 'restart-e-slow'
  | 'stop-e'
  | 'start-k'
  | 'timed-out'
  | 'transport-failed'
  | 'end';

type Step = Transition<NonInviteClientState, NonInviteClientEffect>;

const stayTrying: Step = transition('trying');
const resend: Step = transition('trying', 'resend', 'restart-e');
const passProvisional: Step = transition('proceeding', 'pass');
const stayProceeding: Step = transition('proceeding');
const resendSlowly: Step = transition('proceeding', 'resend', 'restart-e-slow');
const complete: Step = transition('completed', 'stop-e', 'start-k', 'pass');
const completeAndEnd: Step = transition('terminated', 'end', 'pass');
const stayCompleted: Step = transition('completed');
const timeOut: Step = transition('terminated', 'end', 'timed-out');
const fail: Step = transition('terminated', 'end', 'transport-failed');
const end: Step = transition('terminated', 'end');
const stayTerminated: Step = transition('terminated');

/** One step of the non-INVITE client transaction. Over a reliable transport Timer E never runs and Timer K is zero. */
export function stepNonInviteClient(state: NonInviteClientState, input: NonInviteClientInput, transport: TransportKind): Step {
  switch (state) {
    case 'trying':
    case 'proceeding':
      return waiting(state, input, transport);
    case 'completed':
      return completed(input);
    case 'terminated':
      return stayTerminated;
  }
}

/** Trying and Proceeding differ only in how fast Timer E repeats the request. */
function waiting(state: 'trying' | 'proceeding', input: NonInviteClientInput, transport: TransportKind): Step {
  switch (input) {
    case 'provisional':
      return passProvisional;
    case 'final':
      return transport === 'reliable' ? completeAndEnd : complete;
    case 'timer-e':
      return state === 'trying' ? resend : resendSlowly;
    case 'timer-f':
      return timeOut;
    case 'transport-error':
      return fail;
    case 'timer-k':
      return state === 'trying' ? stayTrying : stayProceeding;
  }
}

function completed(input: NonInviteClientInput): Step {
  switch (input) {
    case 'timer-k':
    case 'transport-error':
      return end;
    default:
      return stayCompleted;
  }
}
