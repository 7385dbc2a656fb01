import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Parameters, parseParameters, skipSpace, tokenEnd } from '../../sip/parameters.ts';
import type { EventLimits } from './event-limits.ts';

/** How long what is subscribed or published lives. */
export type ExpiryLimits = Pick<EventLimits, 'minExpiresSeconds' | 'defaultExpiresSeconds' | 'maxExpiresSeconds'>;

/** An Event value (rfc6665 8.2.1). */
export interface EventValue {
  readonly name: string;
  /** Tells subscriptions within one dialog apart. */
  readonly id?: string;
}

/** Bytes of an id, which is kept as long as its subscription. */
const longestId = 128;

/**
 * Parses `presence;id=4`; the name is compared as written (rfc6665 8.2.1). `undefined` if malformed or absent. An id that cannot be kept is
 * malformed too: every NOTIFY has to repeat it (rfc6665 4.5.2).
 */
export function parseEvent(text: string | undefined): EventValue | undefined {
  if (text === undefined) return undefined;
  const start = skipSpace(text, 0, text.length);
  const end = tokenEnd(text, start, text.length);
  const parameters: Parameters | undefined = parseParameters(text.slice(end).trim());
  if (end === start || parameters === undefined) return undefined;
  const id = parameters.get('id');
  if (id !== undefined && (id.length > longestId || !isToken(id))) return undefined;
  return { name: detach(text.slice(start, end)), ...(id === undefined ? {} : { id: detach(id) }) };
}

/** Whether all of a text is one token (rfc3261 25.1). */
export function isToken(text: string): boolean {
  return text !== '' && tokenEnd(text, 0, text.length) === text.length;
}

/** The value as it stands in NOTIFY. */
export function formatEvent({ name, id }: EventValue): string {
  return id === undefined ? name : `${name};id=${id}`;
}

/** Reads Expires of a PUBLISH or SUBSCRIBE, clipped to what is granted. Fails with EVENT_EXPIRY_TOO_BRIEF. */
export function readExpires(text: string | undefined, limits: ExpiryLimits): Result<number> {
  // a value that cannot be read counts as none (rfc3261 20.19)
  const wanted = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : limits.defaultExpiresSeconds;
  if (wanted > 0 && wanted < limits.minExpiresSeconds) {
    return err(failure('EVENT_EXPIRY_TOO_BRIEF', { expires: wanted, min: limits.minExpiresSeconds }));
  }
  return ok(Math.min(wanted, limits.maxExpiresSeconds));
}
