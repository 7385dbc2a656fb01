import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { acceptsMediaType } from '../../body/media-type.ts';
import { pidfMediaType } from '../../body/pidf.ts';
import { watcherInfoMediaType } from '../../body/winfo.ts';
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

/** Reads what a SUBSCRIBE asks for. Fails with EVENT_NOT_SUPPORTED, ACCEPT_NOT_SUPPORTED or EVENT_EXPIRY_TOO_BRIEF. */
export function readSubscribe(request: SipRequest, limits: PresenceLimits): Result<SubscribeWish> {
  const event = parseEvent(request.get('Event'));
  const mediaType = event && mediaTypeOfEvent.get(event.name);
  if (event === undefined || mediaType === undefined) {
    return err(failure('EVENT_NOT_SUPPORTED', { event: event?.name ?? 'none', supported: supportedEvents }));
  }
  const accept = request.list('Accept');
  if (!acceptsMediaType(accept, mediaType)) {
    return err(failure('ACCEPT_NOT_SUPPORTED', { accept: accept.join(', ').slice(0, 200), supported: mediaType }));
  }
  const expires = readExpires(request.get('Expires'), limits);
  return expires.ok ? ok({ event, expiresSeconds: expires.value }) : expires;
}

/** Refuses what the sender requires of us beyond what we can (rfc3261 8.2.2.3): EXTENSION_NOT_SUPPORTED. */
export function checkRequire(request: SipRequest): Result<void> {
  const [extension] = request.list('Require');
  return extension === undefined
    ? ok(undefined)
    : err(failure('EXTENSION_NOT_SUPPORTED', { extension: extension.slice(0, 100) }));
}
