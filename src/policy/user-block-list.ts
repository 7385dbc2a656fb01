import { type Failure, failure } from '../base/failure.ts';
import { type Aor, domainOfAor } from '../model/names.ts';
import type { BlockedSender, User } from '../model/user.ts';
import type { DecisionTrace } from '../observe/decision-trace.ts';
import { traceStep } from './trace-steps.ts';

/**
 * Where a request meets the recipient's block list: outside dialogs, inside one, or nowhere, because the user has asked for it or because
 * the notifier answers, who shows a blocked watcher an offline user.
 */
export type BlockListScope = 'outside dialogs' | 'inside a dialog' | 'nowhere';

/** What a block list is asked about. */
export interface Approach {
  readonly blockList: BlockListScope;
  readonly sender: Aor;
  /** Other addresses that are asserted for the sender. */
  readonly assertedSenders?: readonly Aor[] | undefined;
}

/** The entry of a user's own block list that an address falls under: itself or its domain, exactly. Users never block themselves. */
export function blockListEntry(
  { aor, blockedSenders }: Pick<User, 'aor' | 'blockedSenders'>,
  sender: Aor,
): BlockedSender | undefined {
  if (blockedSenders === undefined || sender === aor) return undefined;
  if (blockedSenders.includes(sender)) return sender;
  const domain = domainOfAor(sender);
  return blockedSenders.includes(domain) ? domain : undefined;
}

/**
 * The recipient's own block list. Whom it holds is answered as if the user were offline (our choice; the recipient's server may refuse or
 * look offline): outside dialogs like a user without an endpoint, inside like an end that is gone.
 */
export function decideBlockList(user: User, approach: Approach, trace: DecisionTrace): Failure | undefined {
  if (approach.blockList === 'nowhere') return undefined;
  const refused = user.blockedSenders === undefined ? undefined : blockedApproach(user, approach);
  if (refused) return trace.refuse(traceStep.userBlockList, refused, user);
  trace.pass(traceStep.userBlockList, user);
  return undefined;
}

function blockedApproach(user: User, { blockList, sender, assertedSenders = [] }: Approach): Failure | undefined {
  const code = blockList === 'inside a dialog' ? 'DIALOG_BLOCKED_BY_USER' : 'SENDER_BLOCKED_BY_USER';
  for (const address of [sender, ...assertedSenders]) {
    const entry = blockListEntry(user, address);
    if (entry !== undefined) return failure(code, { user: user.aor, sender: address, entry });
  }
  return undefined;
}
