import { failure } from '../base/failure.ts';
import type { TenantConfiguration } from '../model/configuration.ts';
import { effectiveExternalAccessPolicy } from '../model/effective-policy.ts';
import { type Aor, domainOfAor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import { classifyWithoutDns } from '../policy/classify-domain.ts';
import { type DomainClass, failureOfClass, isRoutable, networkOf } from '../policy/domain-class.ts';
import {
  decideInboundPeer,
  decideInboundSource,
  decideInboundTenant,
  decideInboundUser,
  type InboundRequest,
} from '../policy/inbound-decision.ts';
import {
  decideDestination,
  decideOutboundEdge,
  decideRoute,
  decideSender,
  type OutboundSender,
} from '../policy/outbound-decision.ts';
import { traceStep } from '../policy/trace-steps.ts';
import { decideBlockList } from '../policy/user-block-list.ts';
import { verificationLevelOf, verificationOf } from '../policy/verification.ts';
import { CheckRun } from './check-run.ts';
import { type ExplainedDirection, type Explanation, ExplanationWriter } from './explanation.ts';
import type { ReadinessFacts } from './readiness-facts.ts';

/** What is explained: an instant message, the request everybody can send. */
const message = { method: 'MESSAGE', inDialog: false } as const;

/** Steps that no decision function takes, because they need somebody else's answer. */
const ownStep = {
  sender: 'sender',
  connection: 'connection to the partner',
  partner: 'decision of the partner',
  organisation: 'organisation',
};

/**
 * Why two people can or cannot talk, both ways: runs the decisions that real traffic runs and renders their traces. DNS and certificates
 * are looked at from the Edge. Works for any two addresses; what the partner decides about us cannot be seen from here, and it says so.
 */
export async function explain(sender: Aor, recipient: Aor, facts: ReadinessFacts): Promise<Explanation> {
  const directions = [await explainDirection(sender, recipient, facts), await explainDirection(recipient, sender, facts)];
  return { sender, recipient, directions };
}

async function explainDirection(from: Aor, to: Aor, facts: ReadinessFacts): Promise<ExplainedDirection> {
  const fromTenant = facts.configuration.tenantByDomain.get(domainOfAor(from));
  const toTenant = facts.configuration.tenantByDomain.get(domainOfAor(to));
  if (fromTenant && toTenant) {
    return fromTenant.id === toTenant.id
      ? explainLocal(from, to, facts)
      : explainBetweenTenants(from, to, fromTenant, toTenant, facts);
  }
  if (fromTenant) return explainOutbound(from, to, fromTenant, facts);
  if (toTenant) return explainInbound(from, to, toTenant, facts);
  const writer = new ExplanationWriter(from, to, 'foreign');
  writer.refuse(ownStep.organisation, 'edge', failure('NO_TRANSIT', { domain: domainOfAor(to) }));
  return writer.finish();
}

async function explainLocal(from: Aor, to: Aor, facts: ReadinessFacts): Promise<ExplainedDirection> {
  const writer = new ExplanationWriter(from, to, 'local');
  const sender = await findSender(writer, from, facts);
  if (!sender) return writer.finish();
  writer.pass(
    ownStep.organisation,
    'front end',
    `${domainOfAor(to)} belongs to the same organisation: no federation is involved.`,
  );
  const found = await facts.users.find(to);
  if (!found.ok) writer.unknown(traceStep.recipient, 'front end', found.error);
  else if (!found.value) writer.refuse(traceStep.recipient, 'front end', failure('USER_UNKNOWN', { user: to }));
  else if (!found.value.enabled) writer.refuse(traceStep.recipient, 'front end', failure('RECIPIENT_SUSPENDED', { user: to }));
  else {
    writer.pass(traceStep.recipient, 'front end', `${to} is an enabled user.`);
    const trace = new DecisionTrace();
    decideBlockList(found.value, { blockList: 'outside dialogs', sender: from }, trace);
    writer.trace('front end', trace);
  }
  return writer.finish();
}

async function explainOutbound(
  from: Aor,
  to: Aor,
  tenant: TenantConfiguration,
  facts: ReadinessFacts,
): Promise<ExplainedDirection> {
  const writer = new ExplanationWriter(from, to, 'outbound');
  const run = new CheckRun(facts, { tenant, domains: [], users: [] });
  const sender = await findSender(writer, from, facts);
  if (!sender) return writer.finish();
  const domainClass = await senderDecision(writer, sender, to, run);
  if (!domainClass) return writer.finish();
  const atEdge = new DecisionTrace();
  decideOutboundEdge(facts.configuration, domainOfAor(from), domainClass, message, atEdge);
  if (!writer.trace('edge', atEdge)) return writer.finish();
  if (await connects(writer, domainClass, run)) notVisible(writer, to, `lets ${to} receive from ${from}`);
  return writer.finish();
}

/** The Front End's outbound decision; the class it ends in, or undefined where it does not get that far. */
async function senderDecision(writer: ExplanationWriter, sender: User, to: Aor, run: CheckRun): Promise<DomainClass | undefined> {
  const from = { configuration: run.facts.configuration, tenant: run.targets.tenant, sender };
  const first = new DecisionTrace();
  decideSender(from, first);
  if (!writer.trace('front end', first)) return undefined;
  const domainClass = await run.classOf(domainOfAor(to));
  if (!domainClass.ok && !wayOut(writer, from)) return undefined;
  if (!domainClass.ok) {
    writer.unknown(traceStep.domainClass, 'edge', domainClass.error);
    return undefined;
  }
  const second = new DecisionTrace();
  decideDestination(from, domainClass.value, message, second);
  return writer.trace('front end', second) ? domainClass.value : undefined;
}

/** Without an Edge pool for federation nobody can ask DNS, and nothing could leave either, which says more; false where it is so. */
function wayOut(writer: ExplanationWriter, from: OutboundSender): boolean {
  const trace = new DecisionTrace();
  return decideRoute(from, trace) === undefined || writer.trace('front end', trace);
}

async function explainInbound(
  from: Aor,
  to: Aor,
  tenant: TenantConfiguration,
  facts: ReadinessFacts,
): Promise<ExplainedDirection> {
  const writer = new ExplanationWriter(from, to, 'inbound');
  const run = new CheckRun(facts, { tenant, domains: [], users: [] });
  notVisible(writer, from, `lets ${from} send to ${to}`);
  const request = { ...message, targetDomain: domainOfAor(to), fromDomain: domainOfAor(from), splitIntra: false };
  const source = new DecisionTrace();
  decideInboundSource(facts.configuration, { ...request, peerNames: [] }, source);
  if (!writer.trace('edge', source)) return writer.finish();
  if (run.federationEdge === undefined) {
    writer.refuse(traceStep.edge, 'edge', failure('FEDERATION_EDGE_MISSING'));
    return writer.finish();
  }
  const domainClass = await run.classOf(request.fromDomain);
  if (!domainClass.ok) {
    writer.unknown(traceStep.domainClass, 'edge', domainClass.error);
    return writer.finish();
  }
  if (await peerMayCome(writer, request, domainClass.value, run))
    await recipientDecision(writer, from, to, domainClass.value, run);
  return writer.finish();
}

/** The Edge's decision about the peer. Its certificate is the one it shows where our Edge connects to it: partners use the same for both. */
async function peerMayCome(
  writer: ExplanationWriter,
  request: Omit<InboundRequest, 'peerNames'>,
  domainClass: DomainClass,
  run: CheckRun,
): Promise<boolean> {
  const { configuration } = run.facts;
  const trace = new DecisionTrace();
  if (failureOfClass(domainClass) || !isRoutable(domainClass)) {
    decideInboundPeer(configuration, { ...request, peerNames: [] }, domainClass, trace);
    return writer.trace('edge', trace);
  }
  const answer = await askPeer(domainClass, run);
  if (!answer.ok || (answer.value.names.length === 0 && answer.value.failure)) {
    trace.pass(traceStep.domainClass, domainClass);
    writer.trace('edge', trace);
    const why = answer.ok ? answer.value.failure : answer.error;
    return writer.unknown(traceStep.peerName, 'edge', {
      text: `What certificate the server of ${domainClass.domain} has could not be seen: ${why?.text ?? 'no reason given'}`,
      fix: why?.fix ?? '',
    });
  }
  decideInboundPeer(configuration, { ...request, peerNames: answer.value.names }, domainClass, trace);
  return writer.trace('edge', trace);
}

async function explainBetweenTenants(
  from: Aor,
  to: Aor,
  fromTenant: TenantConfiguration,
  toTenant: TenantConfiguration,
  facts: ReadinessFacts,
): Promise<ExplainedDirection> {
  const writer = new ExplanationWriter(from, to, 'between tenants');
  const sender = await findSender(writer, from, facts);
  if (!sender) return writer.finish();
  const outbound = new CheckRun(facts, { tenant: fromTenant, domains: [], users: [] });
  if (!(await senderDecision(writer, sender, to, outbound))) return writer.finish();
  const domainClass = classifyWithoutDns(facts.configuration, toTenant, domainOfAor(from));
  if (domainClass.kind === 'NEEDS_SRV') throw new Error(`${domainOfAor(from)} belongs to a tenant and needs no look-up`);
  const trace = new DecisionTrace();
  writer.enterRecipientSide();
  decideInboundTenant(facts.configuration, toTenant, domainClass, message, trace);
  if (!writer.trace('front end', trace)) return writer.finish();
  const inbound = new CheckRun(facts, { tenant: toTenant, domains: [], users: [] });
  await recipientDecision(writer, from, to, domainClass, inbound);
  return writer.finish();
}

/** The Front End's decision for the recipient, on the assumption that the partner calls the sender verified, which is said. */
async function recipientDecision(
  writer: ExplanationWriter,
  from: Aor,
  to: Aor,
  domainClass: DomainClass,
  run: CheckRun,
): Promise<void> {
  const { configuration, users } = run.facts;
  const found = await users.find(to);
  if (!found.ok) {
    writer.unknown(traceStep.recipient, 'front end', found.error);
    return;
  }
  const trace = new DecisionTrace();
  decideInboundUser(
    configuration,
    {
      recipient: to,
      user: found.value,
      sender: from,
      senderDomain: domainOfAor(from),
      network: networkOf(domainClass),
      verification: verificationOf(configuration, run.targets.tenant, domainClass, 'verified'),
      isKnownSender: false,
      blockList: 'outside dialogs',
    },
    trace,
  );
  if (!writer.trace('front end', trace)) return;
  if (verificationLevelOf(configuration, run.targets.tenant, domainClass) === 'UseSourceVerification') {
    const text = `${domainOfAor(from)} has to mark its senders as verified: unmarked ones do not get through.`;
    writer.note(traceStep.acquaintance, 'front end', text);
  }
}

async function findSender(writer: ExplanationWriter, from: Aor, facts: ReadinessFacts): Promise<User | undefined> {
  const found = await facts.users.find(from);
  if (!found.ok) {
    writer.unknown(ownStep.sender, 'front end', found.error);
    return undefined;
  }
  const user = found.value;
  if (!user) {
    writer.refuse(ownStep.sender, 'front end', failure('USER_UNKNOWN', { user: from }));
    return undefined;
  }
  if (!user.enabled) {
    writer.refuse(ownStep.sender, 'front end', failure('USER_SUSPENDED', { user: from }));
    return undefined;
  }
  const { source } = effectiveExternalAccessPolicy(facts.configuration, user);
  writer.pass(ownStep.sender, 'front end', `${from} is an enabled user, governed by the external access policy ${source}.`);
  return user;
}

async function connects(writer: ExplanationWriter, domainClass: DomainClass, run: CheckRun): Promise<boolean> {
  if (!isRoutable(domainClass)) return true;
  const answer = await askPeer(domainClass, run);
  if (!answer.ok) return writer.unknown(ownStep.connection, 'edge', answer.error);
  const { outcome, names, failure: why } = answer.value;
  const host = `${domainClass.targets[0]?.host}:${domainClass.targets[0]?.port}`;
  if (outcome === 'verified') {
    return writer.pass(ownStep.connection, 'edge', `Our Edge reaches ${host}; its certificate holds ${names.join(', ')}.`);
  }
  const reason = why ?? failure('PEER_UNREACHABLE', { target: host, reason: 'no reason given' });
  return writer.refuse(ownStep.connection, 'edge', reason);
}

function askPeer(domainClass: Extract<DomainClass, { targets: unknown }>, run: CheckRun) {
  const target = domainClass.targets[0];
  if (!target) throw new Error(`${domainClass.domain} is routable but has no target`);
  return run.probe({ kind: 'peer-certificate', host: target.host, port: target.port, expected: [...domainClass.expected] });
}

function notVisible(writer: ExplanationWriter, partner: Aor, what: string): void {
  writer.note(
    ownStep.partner,
    'partner',
    `Whether ${domainOfAor(partner)} ${what} is not visible from here; only its own admin can see that.`,
  );
}
