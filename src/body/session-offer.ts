import { latin1FromBytes } from '../base/bytes.ts';

/** What a session is offered or changed with (rfc3264 4): INVITE, UPDATE (rfc3311 5.1), PRACK (rfc3262 5). */
const offering: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'PRACK']);
const mediaLine = /^m=/m;
/** A media line of audio or video (rfc4566 5.14); with port 0 it is one that is not wanted (rfc3264 5.1). */
const audioOrVideo = /^m=(?:audio|video)\b(?![ \t]+0+(?:[ \t/]|$))/im;

/**
 * Whether a request may bring audio or video about. That is one that offers it, and an INVITE that offers nothing which can be read: it
 * leaves the offer to the other end (rfc3261 13.2.1), whose answer comes too late to be refused.
 */
export function mayBringAudioVideo({ method, body }: { readonly method: string; readonly body: Uint8Array }): boolean {
  if (!offering.has(method)) return false;
  const text = latin1FromBytes(body);
  return audioOrVideo.test(text) || (method === 'INVITE' && !mediaLine.test(text));
}
