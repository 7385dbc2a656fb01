import { createResponse } from '../../sip/create-message.ts';
import type { HeaderLine } from '../../sip/header-line.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { formatEvent } from './event-value.ts';
import type { NotifyBody } from './notifier-dialog.ts';
import type { Subscription } from './subscription.ts';

/** What the 200 to a SUBSCRIBE says. */
export interface SubscribeAnswer {
  readonly expiresSeconds: number;
  readonly allowEvents: string;
  readonly nowMs: number;
  /** The first state, for a watcher that takes it with the answer: it counts as the NOTIFY with that CSeq. */
  readonly first?: { readonly body: NotifyBody; readonly cseq: number } | undefined;
}

/** Answers a SUBSCRIBE (rfc6665 4.2.1.1). */
export function subscribeAnswer(
  request: SipRequest,
  subscription: Subscription,
  { expiresSeconds, allowEvents, nowMs, first }: SubscribeAnswer,
): OutgoingMessage {
  const headers: HeaderLine[] = [
    ['Expires', String(expiresSeconds)],
    ['Contact', `<${subscription.via.contact(subscription.user.aor)}>`],
    ['Allow-Events', allowEvents],
  ];
  const toTag = subscription.dialog.localTag;
  if (first === undefined) return createResponse(request, 200, { toTag, headers });
  headers.push(
    ['Event', formatEvent(subscription.event)],
    ['Subscription-State', subscription.stateValue(nowMs)],
    ['ms-piggyback-cseq', String(first.cseq)],
  );
  const { bytes: body, contentType } = first.body;
  return createResponse(request, 200, { toTag, headers, body, ...(contentType === undefined ? {} : { contentType }) });
}
