import { type Failure, failure } from '../base/failure.ts';
import { domainOfAor } from '../model/names.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { decideOutboundUser, decideSender } from '../policy/outbound-decision.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import type { NotifiedSubscription } from '../services/events/notify-port.ts';
import { presenceEvent } from '../services/presence/events.ts';
import type { DecisionParts } from './decision-parts.ts';
import { decideTenantCrossing } from './tenant-decision.ts';

/** Whether a NOTIFY may go to its watcher. */
export type NotifyVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'wait'; readonly until: Promise<SrvAnswer> };

const allowed: NotifyVerdict = { kind: 'allowed' };
const notify = { method: 'NOTIFY', event: presenceEvent, inDialog: true } as const;

/**
 * Whether policy still lets a user's state out of the organisation: a subscription that was permitted once is no permission for later
 * (D8). Decided as for a message of that user to the watcher; watchers inside need none.
 * `heard` is what DNS has answered where that was waited for.
 */
export function decideNotify(
  parts: DecisionParts,
  { user: { aor: presentity }, subscriber, isTerminated }: NotifiedSubscription,
  trace: DecisionTrace,
  heard?: SrvAnswer,
): NotifyVerdict {
  if (subscriber.kind === 'inside') return allowed;
  const user = parts.directory.find(presentity);
  // of a user who is no more, nothing but that is left to tell
  if (!user) return isTerminated ? allowed : { kind: 'refused', failure: failure('USER_UNKNOWN', { user: presentity }) };
  const configuration = parts.configuration.current;
  const tenant = configuration.tenants.get(user.tenant);
  if (!tenant) return { kind: 'refused', failure: failure('USER_UNKNOWN', { user: presentity }) };
  trace.reset();
  const from = { configuration, tenant, sender: user };
  const domainClass = parts.classifier.classify(configuration, tenant, domainOfAor(subscriber.aor), heard);
  if (domainClass.kind === 'PENDING') {
    const denied = decideSender(from, trace);
    return denied ? { kind: 'refused', failure: denied } : { kind: 'wait', until: domainClass.lookUp() };
  }
  const denied = decideOutboundUser(from, domainClass, notify, trace);
  if (denied) return { kind: 'refused', failure: denied };
  if (domainClass.kind !== 'TENANT') return allowed;
  const sender = { aor: presentity, domain: domainOfAor(presentity) };
  const asked = { isKnownSender: true, blockList: 'nowhere' } as const;
  const crossing = { to: domainClass, sender, recipient: subscriber.aor, request: notify, ...asked };
  const verdict = decideTenantCrossing(parts, crossing, trace);
  return verdict.kind === 'accepted' ? allowed : verdict;
}
