import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { acceptsMediaType } from '../../body/media-type.ts';
import { checkRequire } from '../../routing/required-extensions.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { EventLimits } from './event-limits.ts';
import type { EventPackage } from './event-package.ts';
import { type EventValue, parseEvent, readExpires } from './event-value.ts';

/** What a SUBSCRIBE asks for. */
export interface SubscribeWish {
  readonly event: EventValue;
  readonly package: EventPackage;
  /** 0: end it, or tell the state once (rfc6665 4.4.3). */
  readonly expiresSeconds: number;
}

/**
 * Reads what a SUBSCRIBE asks for, of the packages in the table. `supported`: those that the subscriber may ask for, as he is told them. `listType`:
 * media type of the bodies where it is for a list. Fails with EVENT_NOT_SUPPORTED, EXTENSION_NOT_SUPPORTED, ACCEPT_NOT_SUPPORTED or EVENT_EXPIRY_TOO_BRIEF.
 */
export function readSubscribe(
  request: SipRequest,
  packages: ReadonlyMap<string, EventPackage>,
  limits: EventLimits,
  supported: string,
  listType?: string,
): Result<SubscribeWish> {
  const unsupported = checkRequire(request);
  if (unsupported) return err(unsupported);
  const event = parseEvent(request.get('Event'));
  const eventPackage = event && packages.get(event.name);
  if (event === undefined || eventPackage === undefined) {
    return err(failure('EVENT_NOT_SUPPORTED', { event: event?.name ?? 'none', supported }));
  }
  // an empty Accept is not an absent one (rfc3261 20.1)
  const accept = request.has('Accept') ? request.list('Accept') : undefined;
  const types = listType === undefined ? [eventPackage.accepts] : [eventPackage.accepts, listType];
  if (accept && !types.every(type => acceptsMediaType(accept, type))) {
    return err(failure('ACCEPT_NOT_SUPPORTED', { accept: accept.join(', ').slice(0, 200), supported: types.join(', ') }));
  }
  const expires = readExpires(request.get('Expires'), limits);
  return expires.ok ? ok({ event, package: eventPackage, expiresSeconds: expires.value }) : expires;
}
