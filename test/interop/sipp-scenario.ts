/** Who sends, with what sipp needs to prove it. */
export interface SippUser {
  readonly address: string;
  readonly login: string;
  readonly password: string;
  /** Of all that sipp sends for this user, where two of them have to share one; otherwise its own. */
  readonly callId?: string;
}

/** A MESSAGE that sipp sends, and the final answer it expects. */
export interface SippMessage {
  readonly from: SippUser;
  readonly to: string;
  readonly text: string;
  readonly status: number;
}

/** A scenario of sipp, as XML. */
export function scenarioOf(name: string, ...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('')}</scenario>\n`;
}

/** Registers with digest (rfc3261 10.2, 22.2); the answer to the credentials has to be `status`. */
export function registers(user: SippUser, status: number): string {
  const register = (cseq: number) => ({
    method: 'REGISTER',
    uri: domainOf(user),
    from: user.address,
    to: user.address,
    callId: '[call_id]',
    cseq,
  });
  const headers = ['Contact: <sip:[local_ip]:[local_port];transport=tcp>', 'Expires: 300'];
  return [
    request(register(1), headers),
    '<recv response="401" auth="true"/>\n',
    request(register(2), [...headers, authenticationOf(user)]),
    `<recv response="${status}"/>\n`,
  ].join('');
}

/** Sends a MESSAGE (rfc3428) without credentials, on a connection that has registered. */
export function sendsMessage({ from, to, text, status }: SippMessage): string {
  return `${request(messageOf(from, to, 1), contentType, text)}<recv response="${status}"/>\n`;
}

/** Sends a MESSAGE on a connection that has not registered: it is challenged first (rfc3261 22.3). */
export function sendsMessageWithCredentials({ from, to, text, status }: SippMessage): string {
  return [
    request(messageOf(from, to, 1), contentType, text),
    '<recv response="407" auth="true"/>\n',
    request(messageOf(from, to, 2), [...contentType, authenticationOf(from)], text),
    `<recv response="${status}"/>\n`,
  ].join('');
}

/** Answers any MESSAGE with 200 (rfc3428 7). */
export function answersMessage(): string {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
    name => `[last_${name}:]${name === 'To' ? ';tag=sipp-[call_number]' : ''}`,
  );
  return `<recv request="MESSAGE"/>\n${send(['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''])}`;
}

/** Does nothing, but stays connected. */
export function stays(): string {
  return '<pause milliseconds="60000"/>\n';
}

const contentType = ['Content-Type: text/plain'] as const;

interface RequestHead {
  readonly method: string;
  /** Without scheme. */
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
}

function request({ method, uri, from, to, callId, cseq }: RequestHead, headers: readonly string[], body = ''): string {
  return send([
    `${method} sip:${uri} SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'Max-Forwards: 70',
    `From: <sip:${from}>;tag=${method}-[pid]-[call_number]`,
    `To: <sip:${to}>`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...headers,
    'Content-Length: [len]',
    '',
    body,
  ]);
}

/** sipp finds the call of an answer by what follows the three slashes; each MESSAGE has a Call-ID of its own. */
function messageOf({ address }: SippUser, to: string, cseq: number): RequestHead {
  return { method: 'MESSAGE', uri: to, from: address, to, callId: `message-${to}///[call_id]`, cseq };
}

/** Sends a message of these lines. */
export function send(lines: readonly string[]): string {
  return `<send><![CDATA[\n${lines.join('\n')}\n]]></send>\n`;
}

function authenticationOf({ login, password }: SippUser): string {
  return `[authentication username=${login} password=${password}]`;
}

function domainOf({ address }: SippUser): string {
  return address.slice(address.indexOf('@') + 1);
}
