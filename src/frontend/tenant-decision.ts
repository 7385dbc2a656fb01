import { type Failure, failure } from '../base/failure.ts';
import type { Aor, SipDomain } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import type { TenantClass } from '../policy/domain-class.ts';
import { decideInboundTenant, decideInboundUser } from '../policy/inbound-decision.ts';
import type { FederatedRequest } from '../policy/method-permission.ts';
import type { BlockListScope } from '../policy/user-block-list.ts';
import { verificationOf } from '../policy/verification.ts';
import type { DecisionParts } from './decision-parts.ts';

/** A request from a user of one tenant to another tenant of the deployment. */
export interface TenantCrossing {
  readonly to: TenantClass;
  readonly sender: { readonly aor: Aor; readonly domain: SipDomain };
  /** Absent where the address has no user part. */
  readonly recipient: Aor | undefined;
  readonly request: FederatedRequest;
  /** Whether the recipient has made the dialog that it belongs to. */
  readonly isKnownSender: boolean;
  readonly blockList: BlockListScope;
}

/** What the recipient's side says to it. */
export type TenantVerdict =
  | { readonly kind: 'accepted'; readonly recipient: User }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** The recipient's inbound decision between two tenants of one deployment, with nothing believed that a partner would not be (D16). */
export function decideTenantCrossing(
  parts: DecisionParts,
  { to, sender, recipient, request, isKnownSender, blockList }: TenantCrossing,
  trace: DecisionTrace,
): TenantVerdict {
  const configuration = parts.configuration.current;
  const seenByThem = parts.classifier.classify(configuration, to.tenant, sender.domain);
  // DNS is asked about the domains of others only: this one has ceased to be one of ours
  if (seenByThem.kind === 'PENDING')
    return { kind: 'refused', failure: failure('SENDER_DOMAIN_UNKNOWN', { domain: sender.domain }) };
  const refusedThere = decideInboundTenant(configuration, to.tenant, seenByThem, request, trace);
  if (refusedThere) return { kind: 'refused', failure: refusedThere };
  const user = recipient === undefined ? undefined : parts.directory.find(recipient);
  const statement = configuration.accessEdge.markSourceVerifiableOnOutgoingMessages ? 'verified' : undefined;
  const denied = decideInboundUser(
    configuration,
    {
      recipient: recipient ?? to.domain,
      user,
      sender: sender.aor,
      senderDomain: sender.domain,
      network: 'federation',
      verification: verificationOf(configuration, to.tenant, seenByThem, statement),
      isKnownSender,
      blockList,
    },
    trace,
  );
  if (denied || !user) return { kind: 'refused', failure: denied ?? failure('USER_UNKNOWN', { user: to.domain }) };
  return { kind: 'accepted', recipient: user };
}
