import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Aor, uriOfAor } from '../../model/names.ts';
import { readParty } from '../../routing/request-address.ts';
import { safeRequestUri, safeValue } from '../../sip/header-line.ts';
import type { SipRequest } from '../../sip/message.ts';
import { formatNameAddress, parseNameAddress } from '../../sip/name-address.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import { parseSipUri } from '../../sip/uri.ts';
import type { EventLimits } from './event-limits.ts';

/** How much is kept of one dialog. */
export type DialogLimits = Pick<EventLimits, 'maxDialogBytes' | 'maxRoutes'>;

/** The notifier's side of the dialog that a SUBSCRIBE makes (rfc3261 12.1.1). */
export interface NotifierDialog {
  readonly callId: string;
  readonly localTag: string;
  /** Empty where the subscriber gave none. */
  readonly remoteTag: string;
  /** From of our requests: the To of theirs with our tag. */
  readonly local: string;
  readonly remote: string;
  /** Where our requests go: the subscriber's Contact. */
  readonly remoteTarget: string;
  /** First hop first. */
  readonly routeSet: readonly string[];
  readonly remoteCSeq: number;
}

/** What identifies the dialog of a request that was sent to us. */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${localTag} ${remoteTag} ${callId}`;
}

/**
 * The dialog that the SUBSCRIBE makes when it is answered with `localTag`, for the user `local` whom it is about. Fails with
 * MESSAGE_MALFORMED.
 */
export function openDialog(request: SipRequest, local: Aor, localTag: string, limits: DialogLimits): Result<NotifierDialog> {
  const target = readRemoteTarget(request);
  if (!target.ok) return target;
  const routeSet = request.list('Record-Route');
  const { from, to } = request;
  const named = readParty(to.uri);
  // whoever subscribes writes To as they like: our NOTIFY comes from nobody but the user it is about
  const localUri = named.ok && named.value.aor === local ? to.uri : uriOfAor(local);
  const dialog: NotifierDialog = {
    // what outlives the message is copied (D35)
    callId: detach(request.callId),
    localTag,
    remoteTag: detach(request.fromTag ?? ''),
    local: detach(formatNameAddress({ uri: localUri, params: `;tag=${localTag}` })),
    remote: detach(formatNameAddress({ uri: from.uri, params: request.fromTag === undefined ? '' : `;tag=${request.fromTag}` })),
    remoteTarget: target.value,
    routeSet: routeSet.map(detach),
    remoteCSeq: request.cseq.number,
  };
  const bytes = [dialog.callId, dialog.local, dialog.remote, dialog.remoteTarget, ...routeSet].join('').length;
  if (bytes > limits.maxDialogBytes || routeSet.length > limits.maxRoutes) return malformed('its addresses are too long');
  return ok(dialog);
}

/** The dialog after a later SUBSCRIBE in it (rfc3261 12.2.2): newer target, same route set. Fails with REQUEST_OUT_OF_ORDER or MESSAGE_MALFORMED. */
export function refreshDialog(dialog: NotifierDialog, request: SipRequest, limits: DialogLimits): Result<NotifierDialog> {
  const remoteCSeq = request.cseq.number;
  if (remoteCSeq <= dialog.remoteCSeq) return err(failure('REQUEST_OUT_OF_ORDER', { cseq: remoteCSeq }));
  if (!request.has('Contact')) return ok({ ...dialog, remoteCSeq });
  const target = readRemoteTarget(request);
  if (!target.ok) return target;
  if (target.value.length > limits.maxDialogBytes) return malformed('its addresses are too long');
  return ok({ ...dialog, remoteCSeq, remoteTarget: target.value });
}

function readRemoteTarget(request: SipRequest): Result<string> {
  const contacts = request.list('Contact');
  const contact = contacts.length === 1 ? parseNameAddress(contacts[0] as string) : undefined;
  if (contact === undefined || !parseSipUri(contact.uri).ok) return malformed('it needs one Contact with a SIP address');
  return ok(detach(contact.uri));
}

function malformed(detail: string): Result<never> {
  return err(failure('MESSAGE_MALFORMED', { detail: `the SUBSCRIBE cannot make a dialog: ${detail}` }));
}

/** A body for many NOTIFY requests, with the end of the head that belongs to it. */
export interface NotifyBody {
  readonly bytes: Uint8Array;
  /** Absent where there is no body. */
  readonly contentType?: string;
  readonly headEnd: string;
}

/** Makes a body that is rendered once and sent to every watcher. */
export function notifyBody(contentType: string, bytes: Uint8Array): NotifyBody {
  return { bytes, contentType, headEnd: `Content-Type: ${safeValue(contentType)}\r\nContent-Length: ${bytes.length}\r\n\r\n` };
}

/** No state to tell: the subscription is pending. */
export const emptyNotifyBody: NotifyBody = { bytes: new Uint8Array(0), headEnd: 'Content-Length: 0\r\n\r\n' };

/** The parts of a subscription's NOTIFY that stay the same from one to the next: made once for each dialog and target. */
export interface NotifyTemplate {
  readonly beforeCSeq: string;
  readonly afterCSeq: string;
}

/** Makes the template; `contact` is our address in the dialog, `event` the Event value. */
export function notifyTemplate(
  dialog: NotifierDialog,
  method: 'NOTIFY' | 'BENOTIFY',
  contact: string,
  event: string,
): NotifyTemplate {
  let beforeCSeq = `${method} ${safeRequestUri(dialog.remoteTarget)} SIP/2.0\r\n`;
  for (const route of dialog.routeSet) beforeCSeq += `Route: ${safeValue(route)}\r\n`;
  beforeCSeq += `Max-Forwards: 70\r\nFrom: ${safeValue(dialog.local)}\r\nTo: ${safeValue(dialog.remote)}\r\n`;
  beforeCSeq += `Call-ID: ${safeValue(dialog.callId)}\r\nCSeq: `;
  const afterCSeq = ` ${method}\r\nContact: <${safeValue(contact)}>\r\nEvent: ${safeValue(event)}\r\nSubscription-State: `;
  // each is a rope of many pieces until it is copied; a thousand NOTIFY requests would flatten it a thousand times
  return { beforeCSeq: detach(beforeCSeq), afterCSeq: detach(afterCSeq) };
}

/** One NOTIFY, without a Via: whoever sends it puts its own on top (`withVia`). `state` is the Subscription-State value. */
export function fillNotify(template: NotifyTemplate, cseq: number, state: string, body: NotifyBody): OutgoingMessage {
  return { head: `${template.beforeCSeq}${cseq}${template.afterCSeq}${state}\r\n${body.headEnd}`, body: body.bytes };
}

/** The request with this Via on top (`formatVia`); its body is the same object. */
export function withVia(message: OutgoingMessage, via: string): OutgoingMessage {
  const lineEnd = message.head.indexOf('\r\n') + 2;
  return { head: `${message.head.slice(0, lineEnd)}Via: ${via}\r\n${message.head.slice(lineEnd)}`, body: message.body };
}
