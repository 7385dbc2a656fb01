import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ClientFlows } from '../flow/client-flows.ts';
import type { Flow } from '../flow/flow.ts';
import type { Binding } from '../model/binding.ts';
import { uriOfAor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { refuseInside } from '../policy/refusal.ts';
import { answerRefusal } from '../routing/answer.ts';
import type { Branch } from '../routing/branch.ts';
import { type ForkBranch, planFork } from '../routing/fork.ts';
import { backwardResponse, forwardRequest } from '../routing/forward.ts';
import { type HeaderBorder, mayAssertIdentity, strippedFromAnswer, strippedFromRequest } from '../routing/header-ownership.ts';
import { type NoResponse, type RelayRules, relayToAll, relayToOne } from '../routing/relay.ts';
import type { RelayTable } from '../routing/relay-table.ts';
import type { AddressedParty } from '../routing/request-address.ts';
import { answered, refuse, type StepOutcome } from '../routing/step.ts';
import { readGruu } from '../services/registrar/gruu.ts';
import type { Registrar } from '../services/registrar/registrar.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { clientLimits } from '../sip/parse-limits.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { DecisionParts } from './decision-parts.ts';
import {
  type DialogParts,
  type DialogPath,
  flowToEnd,
  type NewDialogEnd,
  recordRoute,
  recordRouteOfNotify,
} from './dialog-route.ts';

/** What deliveries work with. */
export interface DeliveryParts extends DialogParts {
  readonly registrar: Registrar;
  readonly flows: Pick<ClientFlows, 'find'>;
  readonly layer: TransactionLayer<Flow>;
  /** INVITEs under way, for CANCEL. */
  readonly relays: RelayTable<Flow>;
}

/** A request to be delivered to a user of ours. */
export interface Delivery {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction<Flow>;
  readonly border: HeaderBorder;
  /** Set when a user of ours sent it. */
  readonly sender?: User;
  /** The sending end as the dialog's route will know it. */
  readonly from: NewDialogEnd;
  /** Inside a dialog its way in it: it goes to one end. */
  readonly dialog?: DialogPath;
  /** What the sender is told; as inside an organisation where nothing is said. */
  readonly answers?: DeliveryAnswers;
}

/** How answers reach the sender of a delivery. */
export interface DeliveryAnswers {
  /** An endpoint's answer as it goes back. */
  backward(response: SipResponse): OutgoingMessage;
  /** The answer where no endpoint gives one. */
  refused(why: Failure): OutgoingMessage;
}

/** The user of our own organisation that a request names. Fails with USER_UNKNOWN or RECIPIENT_SUSPENDED. */
export function recipientInside({ directory }: Pick<DecisionParts, 'directory'>, target: AddressedParty): Result<User> {
  const user = target.aor === undefined ? undefined : directory.find(target.aor);
  if (!user) return err(failure('USER_UNKNOWN', { user: target.aor ?? target.domain }));
  return user.enabled ? ok(user) : err(failure('RECIPIENT_SUSPENDED', { user: user.aor }));
}

/** What a request of our own user gets: whom we have authenticated (rfc3325 9.1), where that may be known (9.3). */
export function identityLines(border: HeaderBorder, request: SipRequest, sender: User): readonly HeaderLine[] | undefined {
  return mayAssertIdentity(border, request) ? assertionOf(sender) : undefined;
}

/** The line about each user, written once as long as nothing of the user changes: it stands in every request that is delivered. */
const assertions = new WeakMap<User, readonly HeaderLine[]>();

function assertionOf(sender: User): readonly HeaderLine[] {
  let lines = assertions.get(sender);
  if (!lines) assertions.set(sender, (lines = [['P-Asserted-Identity', `<${uriOfAor(sender.aor)}>`]]));
  return lines;
}

/**
 * Sends a request to every endpoint of a user over the flow that registered it (D15), or to the one that a GRUU names, and the best answer
 * back; inside a dialog to the one endpoint that is in it. Without an endpoint it is refused: nothing is stored for later, so nothing else
 * would be honest.
 */
export function deliver(parts: DeliveryParts, delivery: Delivery, user: User): StepOutcome {
  const { request, transaction, dialog } = delivery;
  const tooLarge = checkSize(request, user);
  if (tooLarge) return refuse(tooLarge);
  const found = dialog === undefined ? endpointBranches(parts, delivery, user) : ok(dialogBranch(parts, delivery, dialog));
  if (!found.ok) return refuse(found.error);
  const branches = found.value;
  const [first] = branches;
  // the same whether the endpoint is known to be gone or is found to be
  const gone = () => (dialog === undefined ? offline(user) : failure('DIALOG_UNKNOWN', { method: request.method }));
  if (!first) return refuse(gone());
  const isHeld = transaction.hold((branches.length - 1) * bytesOfCopy(request));
  if (!isHeld) return refuse(failure('SERVER_BUSY', { limit: branches.length }));
  const answers = delivery.answers ?? plainAnswers(parts, delivery);
  const rules: RelayRules = {
    backward: response => answers.backward(response),
    unanswered: why => answers.refused(why === 'transport-error' ? gone() : noAnswerOf(user, why)),
  };
  const relaying =
    branches.length === 1
      ? relayToOne(parts.layer, transaction, first, rules)
      : relayToAll(parts.layer, transaction, branches, rules);
  if (request.method === 'INVITE') parts.relays.set(transaction, relaying);
  return answered;
}

/** The limit of what we send to a client is the one it has for what it sends: a partner's server may send more (rfc3261 21.5.14). */
function checkSize({ body: { length } }: SipRequest, { aor }: User): Failure | undefined {
  const limit = clientLimits.bodyBytes;
  return length > limit ? failure('MESSAGE_TOO_LARGE_FOR_ENDPOINT', { user: aor, length, limit }) : undefined;
}

/** What each further branch of an INVITE keeps for its CANCEL and ACK. */
function bytesOfCopy({ method, head, body }: SipRequest): number {
  return method === 'INVITE' ? head.length + body.length : 0;
}

function noAnswerOf({ aor }: User, why: Exclude<NoResponse, 'transport-error'>): Failure {
  if (why === 'timeout') return failure('ENDPOINT_SILENT', { user: aor });
  return failure(why === 'foreign-response' ? 'RESPONSE_FOREIGN' : 'RESPONSE_TOO_LARGE', { who: aor });
}

function plainAnswers({ fqdn }: DeliveryParts, { request, border }: Delivery): DeliveryAnswers {
  const back = border === 'Edge → client' ? 'client → Edge' : border;
  return {
    backward: response => backwardResponse(response, strippedFromAnswer(back, response)),
    refused: why => answerRefusal(request, refuseInside(why), fqdn),
  };
}

/** A branch to each endpoint that can be reached. Fails as `planFork` where there are several. */
function endpointBranches(parts: DeliveryParts, delivery: Delivery, user: User): Result<Branch<Flow>[]> {
  const endpoints = reachable(parts, namedEndpoints(parts, delivery.request, user));
  const fork =
    endpoints.length > 1
      ? planFork(delivery.request, parts.clientSide, { user: user.aor, branches: endpoints.length })
      : ok(undefined);
  if (!fork.ok) return fork;
  const branches: Branch<Flow>[] = [];
  for (const [at, binding] of endpoints.entries()) {
    const inFork = fork.value?.[at];
    const branch = endpointBranch(parts, delivery, binding, inFork);
    if (!branch) continue;
    const overNewerFlow = () => {
      const now = parts.registrar.get(binding.aor, binding.instance);
      const isElsewhere = now && (now.flow !== binding.flow || now.contactUri !== binding.contactUri);
      return isElsewhere ? endpointBranch(parts, delivery, now, inFork) : undefined;
    };
    branches.push({ flow: branch.flow, request: branch.request, overNewerFlow });
  }
  return ok(branches);
}

/** Of several endpoints those whose flow is there: only they share in what a fork may do. */
function reachable({ flows }: DeliveryParts, bindings: readonly Binding[]): readonly Binding[] {
  return bindings.length > 1 ? bindings.filter(({ flow }) => flows.find(flow) !== undefined) : bindings;
}

function endpointBranch(
  parts: DeliveryParts,
  delivery: Delivery,
  binding: Binding,
  inFork: ForkBranch | undefined,
): Branch<Flow> | undefined {
  const { request, border, sender, from } = delivery;
  const flow = parts.flows.find(binding.flow);
  if (!flow) return undefined;
  const prepend = recordRoute(parts, request, from, binding);
  const change = {
    requestUri: binding.contactUri,
    remove: strippedFromRequest(border, request),
    append: sender && identityLines(border, request, sender),
    ...(prepend.length > 0 ? { prepend } : {}),
    ...inFork,
  };
  return { flow, request: forwardRequest(request, flow.side, change) };
}

/** All endpoints of a user, or the one that a GRUU in the Request-URI names (rfc5627 6.1). */
function namedEndpoints({ registrar }: DeliveryParts, request: SipRequest, { aor }: User): readonly Binding[] {
  const gruu = readGruu(request.requestUri);
  if (!gruu) return registrar.find(aor);
  const binding = registrar.get(aor, gruu.instance);
  return binding ? [binding] : [];
}

function dialogBranch(parts: DeliveryParts, delivery: Delivery, dialog: DialogPath): Branch<Flow>[] {
  const { end } = dialog;
  const { request, border, sender } = delivery;
  const gruu = readGruu(request.requestUri);
  // a client that has a GRUU gives it as its Contact; what reaches it bears the Contact it has registered (rfc5627 6.1)
  const requestUri = gruu?.aor === end.aor ? parts.registrar.get(end.aor, gruu.instance)?.contactUri : undefined;
  const append = sender && identityLines(border, request, sender);
  const prepend = recordRouteOfNotify(parts, request, dialog);
  const change = {
    remove: strippedFromRequest(border, request),
    prepend,
    append,
    ...(requestUri === undefined ? {} : { requestUri }),
  };
  const flowNow = () => flowToEnd(parts, end, requestUri ?? request.requestUri);
  const branchOver = (over: Flow): Branch<Flow> => ({ flow: over, request: forwardRequest(request, over.side, change) });
  const flow = flowNow();
  if (!flow) return [];
  const overNewerFlow = () => {
    const now = flowNow();
    return now && now !== flow ? branchOver(now) : undefined;
  };
  return [{ ...branchOver(flow), overNewerFlow }];
}

function offline({ aor }: User): Failure {
  return failure('USER_OFFLINE', { user: aor });
}
