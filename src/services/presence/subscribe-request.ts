import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { acceptsMediaType } from '../../body/media-type.ts';
import { pidfMediaType } from '../../body/pidf.ts';
import { watcherInfoMediaType } from '../../body/winfo.ts';
import { checkRequire } from '../../routing/required-extensions.ts';
import type { SipRequest } from '../../sip/message.ts';
import { type EventValue, parseEvent, presenceEvent, readExpires, supportedEvents, watcherInfoEvent } from './event.ts';
import type { PresenceLimits } from './presence-limits.ts';

/** What a SUBSCRIBE asks for. */
export interface SubscribeWish {
  readonly event: EventValue;
  /** 0: end it, or tell the state once (rfc6665 4.4.3). */
  readonly expiresSeconds: number;
}

const mediaTypeOfEvent: ReadonlyMap<string, string> = new Map([
  [presenceEvent, pidfMediaType],
  [watcherInfoEvent, watcherInfoMediaType],
]);

/**
 * Reads what a SUBSCRIBE asks for. Fails with EVENT_NOT_SUPPORTED, EXTENSION_NOT_SUPPORTED, ACCEPT_NOT_SUPPORTED or EVENT_EXPIRY_TOO_BRIEF.
 */
export function readSubscribe(request: SipRequest, limits: PresenceLimits): Result<SubscribeWish> {
  const unsupported = checkRequire(request);
  if (unsupported) return err(unsupported);
  const event = parseEvent(request.get('Event'));
  const mediaType = event && mediaTypeOfEvent.get(event.name);
  if (event === undefined || mediaType === undefined) {
    return err(failure('EVENT_NOT_SUPPORTED', { event: event?.name ?? 'none', supported: supportedEvents }));
  }
  // an empty Accept is not an absent one (rfc3261 20.1)
  const accept = request.has('Accept') ? request.list('Accept') : undefined;
  if (accept && !acceptsMediaType(accept, mediaType)) {
    return err(failure('ACCEPT_NOT_SUPPORTED', { accept: accept.join(', ').slice(0, 200), supported: mediaType }));
  }
  const expires = readExpires(request.get('Expires'), limits);
  return expires.ok ? ok({ event, expiresSeconds: expires.value }) : expires;
}
