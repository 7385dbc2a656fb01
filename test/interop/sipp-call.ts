import { type SippUser, send } from './sipp-scenario.ts';

/** A call that sipp makes. */
export interface SippCall {
  readonly from: SippUser;
  /** Without scheme. */
  readonly to: string;
}

/** What a request inside a dialog may have of its own. */
export interface InDialog {
  readonly cseq: number;
  /** Header lines. */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Route lines instead of those of the dialog. */
  readonly route?: string;
  /** Request-URI instead of the Contact of the other end. */
  readonly uri?: string;
  /** From and To lines instead of those of the dialog. */
  readonly ends?: readonly [from: string, to: string];
}

/** Of a message's body. */
export const plainTextType = 'Content-Type: text/plain';
const contact = 'Contact: <sip:[local_ip]:[local_port];transport=tcp>';
const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\n');
const sdpType = 'Content-Type: application/sdp';
const copiedHeaders = ['Via', 'From', 'Call-ID', 'CSeq'].map(name => `[last_${name}:]`);
/** The tag of an endpoint that answers. */
const ownTag = ';tag=callee-[pid]';
/** Of the INVITE that `isInvited` has kept; its Record-Route stands between the Vias and Max-Forwards. */
const keptHeaders = ['[$vias]: 70', 'From:[$from]', `To:[$to]${ownTag}`, '[last_Call-ID:]', 'CSeq: 1 INVITE'];

/** Rings an INVITE in (rfc3261 13.2.1). */
export function invites(call: SippCall, headers: readonly string[] = []): string {
  return send([
    ...head(`INVITE sip:${call.to}`, '[branch]', endsOf(call, ''), '1 INVITE'),
    contact,
    ...headers,
    ...withBody(sdp, sdpType),
  ]);
}

/** Asks somebody to call somebody else, outside a dialog (rfc3515). */
export function refers(call: SippCall, referTo: string): string {
  return send([...head(`REFER sip:${call.to}`, '[branch]', endsOf(call, ''), '1 REFER'), contact, referTo, ...withBody('')]);
}

/** A response that has to come; `100` and ringing before it may come too. The routes of the dialog are taken from it. */
export function receives(status: number): string {
  const before = status < 200 ? [100] : [100, 180];
  return [
    ...before.map(maybe => `<recv response="${maybe}" optional="true"/>\n`),
    `<recv response="${status}" rrs="true"/>\n`,
  ].join('');
}

/** An answer to a request inside the dialog. */
export function receivesAnswer(status: number): string {
  return `<recv response="${status}"/>\n`;
}

/** The ACK for a 2xx (rfc3261 13.2.2.4). */
export function acknowledges(call: SippCall, cseq = 1): string {
  return inDialog(call, 'ACK', { cseq });
}

/** The ACK for a refusal: same hop and branch as the INVITE, which was sent `stepsBack` steps before (rfc3261 17.1.1.3). */
export function acknowledgesRefusal(call: SippCall, stepsBack: number): string {
  return send([
    ...head(`ACK sip:${call.to}`, `[branch-${stepsBack}]`, endsOf(call, '[peer_tag_param]'), '1 ACK'),
    ...withBody(''),
  ]);
}

/** Gives up the INVITE that was sent `stepsBack` steps before (rfc3261 9.1). */
export function cancels(call: SippCall, stepsBack: number): string {
  const reason = 'Reason: SIP;cause=487;text="caller gave up"';
  return send([...head(`CANCEL sip:${call.to}`, `[branch-${stepsBack}]`, endsOf(call, ''), '1 CANCEL'), reason, ...withBody('')]);
}

/** A request of the caller inside the dialog. */
export function inDialog(
  call: SippCall,
  method: string,
  { cseq, headers = [], body = '', route = '[routes]', uri = '[next_url]', ends }: InDialog,
): string {
  const both = ends ?? endsOf(call, '[peer_tag_param]');
  return send([...head(`${method} ${uri}`, '[branch]', both, `${cseq} ${method}`), route, ...headers, ...withBody(body)]);
}

/** An INVITE or UPDATE of the caller inside the dialog, with its offer. */
export function offersAgain(call: SippCall, method: 'INVITE' | 'UPDATE', cseq: number): string {
  return inDialog(call, method, { cseq, headers: [contact, sdpType], body: sdp });
}

/** Waits for a request and answers it. */
export function answers(method: string, status = 200, headers: readonly string[] = []): string {
  return `<recv request="${method}"/>\n${send([`SIP/2.0 ${status} Interop`, ...copiedHeaders, '[last_To:]', ...headers, ...withBody('')])}`;
}

/** Waits for a request that makes a dialog; what later steps need of it is kept. */
export function isInvited(method: 'INVITE' | 'REFER' = 'INVITE'): string {
  const keep = (header: string, name: string) => `<ereg regexp=".*" search_in="hdr" header="${header}:" assign_to="${name}"/>`;
  // everything from the first Via to Max-Forwards, which holds all Vias: sipp remembers the last request only
  const vias = '<ereg regexp="Via: .*Max-Forwards" search_in="msg" assign_to="vias"/>';
  const kept = [keep('From', 'from'), keep('To', 'to'), vias].join('');
  return `<recv request="${method}" rrs="true"><action>${kept}</action></recv>\n<Reference variables="from,to,vias"/>\n`;
}

/** Waits for an INVITE or UPDATE inside the dialog and answers its offer. */
export function answersOffer(method: 'INVITE' | 'UPDATE'): string {
  const answer = ['SIP/2.0 200 Interop', ...copiedHeaders, '[last_To:]', contact, ...withBody(sdp, sdpType)];
  return `<recv request="${method}"/>\n${send(answer)}${method === 'INVITE' ? isAcknowledged() : ''}`;
}

/** Answers the INVITE that came last, with our tag and, in a success, an answer to the offer. */
export function respondsToInvite(status: number, headers: readonly string[] = []): string {
  const lines = [`SIP/2.0 ${status} Interop`, ...copiedHeaders, `[last_To:]${ownTag}`, ...headers];
  if (status >= 300) return send([...lines, ...withBody('')]);
  return send([...lines, '[last_Record-Route:]', contact, ...(status >= 200 ? withBody(sdp, sdpType) : withBody(''))]);
}

/** Answers the INVITE with 200 after something else has come in between. */
export function respondsToKeptInvite(): string {
  return send(['SIP/2.0 200 Interop', ...keptHeaders, contact, ...withBody(sdp, sdpType)]);
}

/** Waits for the CANCEL, confirms it and ends the INVITE with 487 (rfc3261 9.2). */
export function isCancelled(): string {
  return `${answers('CANCEL')}${send(['SIP/2.0 487 Interop', ...keptHeaders, ...withBody('')])}${isAcknowledged()}`;
}

/** Waits for the ACK. */
export function isAcknowledged(): string {
  return '<recv request="ACK"/>\n';
}

/** Takes a call: rings, answers, hears the ACK. */
export const takesCall: readonly string[] = [isInvited(), respondsToInvite(180), respondsToInvite(200), isAcknowledged()];

/** A request of the endpoint that was called, inside the dialog. */
export function calleeSends(method: string, headers: readonly string[] = []): string {
  return send([
    `${method} [next_url] SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'Max-Forwards: 70',
    `From:[$to]${ownTag}`,
    'To:[$from]',
    'Call-ID: [call_id]',
    `CSeq: 1 ${method}`,
    '[routes]',
    ...headers,
    ...withBody(''),
  ]);
}

/** Waits this long. */
export function pauses(milliseconds: number): string {
  return `<pause milliseconds="${milliseconds}"/>\n`;
}

function head(start: string, branch: string, [from, to]: readonly [string, string], cseq: string): readonly string[] {
  return [
    `${start} SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}`,
    'Max-Forwards: 70',
    `From: ${from}`,
    `To: ${to}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq}`,
  ];
}

function endsOf({ from, to }: SippCall, toTag: string): readonly [string, string] {
  return [`<sip:${from.address}>;tag=caller-[pid]`, `<sip:${to}>${toTag}`];
}

function withBody(body: string, ...types: readonly string[]): readonly string[] {
  return [...types, 'Content-Length: [len]', '', body];
}
