import { mutate } from './mutate.ts';
import type { RandomSource } from './random-source.ts';

/** Whom generated messages are from and for. */
export interface Parties {
  /** `user@domain` of the sender. */
  readonly from: string;
  readonly to: readonly string[];
  /** Domain that a REGISTER and a server's own requests go to. */
  readonly domain: string;
}

const methods = [
  'OPTIONS',
  'MESSAGE',
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'UPDATE',
  'PRACK',
  'REFER',
  'SERVICE',
  'BENOTIFY',
  'X',
];

/** Pieces of text that SIP is sensitive to. */
export const sipWords: readonly string[] = [
  ...[
    '\r\n',
    '\r',
    '\n',
    '\0',
    '\r\n\r\n',
    ' ',
    '\t',
    '\r\n ',
    '"',
    '\\',
    '<',
    '>',
    '<>',
    ';',
    ';;',
    ',',
    ',,',
    ':',
    '::',
    '=',
    '?',
  ],
  ...[
    '@',
    '%',
    '%00',
    '%0d%0a',
    '[',
    ']',
    '[::1]',
    '*',
    '\xff',
    '\xc3\xa4',
    'SIP/2.0',
    'SIP/2.0 200 OK\r\n',
    'sip:',
    'sips:',
    'tel:',
  ],
  ...[
    'Content-Length: 5\r\n',
    'l:0\r\n',
    'Content-Length : 3\r\n',
    'Content-Type: text/plain\r\n',
    'Via: ',
    'v:',
    'From: ',
    'To: ',
  ],
  ...[
    'Call-ID: ',
    'CSeq: 1 ',
    'Contact: *\r\n',
    'Expires: 0\r\n',
    'Route: <sip:a.test;lr>\r\n',
    'Record-Route: <sip:a.test;lr>\r\n',
  ],
  ...[
    ';branch=z9hG4bK',
    ';rport',
    ';received=',
    ';tag=',
    ';lr',
    ';expires=',
    'Max-Forwards: 0\r\n',
    'Require: x\r\n',
    'Event: presence\r\n',
  ],
  ...[
    'P-Asserted-Identity: ',
    'Authorization: Digest ',
    'Proxy-Authorization: Digest realm="x"',
    'ms-diagnostics: 1;reason="x"\r\n',
  ],
  ...[
    'Subscription-State: active',
    'Refer-To: ',
    'Replaces: ',
    'RAck: 1 1 INVITE\r\n',
    'SIP-If-Match: ',
    'Path: <sip:a.test;lr>\r\n',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '__proto__: 1\r\n',
    'a'.repeat(300),
    ', '.repeat(200),
    ';a=b'.repeat(100),
    'X: \r\n'.repeat(260),
  ],
];

/** A message; most are fine in most respects, so that what is behind the parser sees some too. */
export function generateMessage(random: RandomSource, parties: Parties): string {
  const method = random.pick(methods);
  const to = random.pick(parties.to);
  const isResponse = random.once(8);
  const uri = method === 'REGISTER' ? parties.domain : to;
  const start = isResponse
    ? `SIP/2.0 ${random.pick(['100', '180', '200', '299', '404', '487', '600'])} Said`
    : `${method} sip:${uri} SIP/2.0`;
  const body = random.once(2) ? '' : random.pick(bodies);
  const lines = [
    start,
    `Via: SIP/2.0/TLS ${random.pick(['a.invalid', '192.0.2.1:5061', '[2001:db8::1]'])};branch=z9hG4bK${random.token()}${random.pick(['', ';rport', ';alias'])}`,
    `Max-Forwards: ${random.pick(['70', '70', '1', '0', '255'])}`,
    `From: <sip:${parties.from}>;tag=${random.token()}`,
    `To: <sip:${method === 'REGISTER' ? parties.from : to}>${random.once(4) ? `;tag=${random.token()}` : ''}`,
    `Call-ID: ${random.once(8) ? 'same' : random.token()}`,
    `CSeq: ${random.integer(100)} ${method}`,
    ...Array.from({ length: random.integer(5) }, () => random.pick(extraLines)),
    ...(body === '' ? [] : [`Content-Type: ${random.pick(types)}`]),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const extraLines = [
  'Contact: <sip:a@a.invalid;transport=tls>;expires=600',
  'Contact: *',
  'Expires: 600',
  'Expires: 0',
  'Event: presence',
  'Event: presence.winfo',
  'Accept: application/pidf+xml',
  'Supported: path, outbound, gruu, 100rel',
  'Require: nothing',
  'Route: <sip:fe.contoso.test;lr>',
  'Record-Route: <sip:relay.invalid;lr>',
  'P-Asserted-Identity: "A" <sip:alice@contoso.test>, <tel:+15550100>',
  'ms-edge-proxy-message-trust: ms-source-type=AutoFederation;ms-ep-fqdn=x',
  'ms-split-domain-info: ms-traffic-type=SplitIntra',
  'Authorization: Digest username="alice", realm="contoso.test", nonce="0", uri="sip:contoso.test", response="0"',
  'SIP-If-Match: 1',
  'Subscription-State: active;expires=60',
  'Refer-To: <sip:adam@contoso.test?Replaces=1>',
  'Subject: \xc3\xa4',
];

const types = ['text/plain', 'application/sdp', 'application/pidf+xml', 'multipart/mixed;boundary=b', 'application/xml'];

const bodies = [
  'hello',
  'v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\n',
  `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:alice@contoso.test"><tuple id="t"><status><basic>open</basic></status></tuple></presence>`,
  '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n',
  'SIP/2.0 200 OK\r\n\r\n',
  '\0'.repeat(100),
];

/** A message of the grammar, of the seeds, or what became of one. */
export function nextSipInput(random: RandomSource, parties: Parties, seeds: readonly string[]): string {
  const base = seeds.length > 0 && random.once(2) ? random.pick(seeds) : generateMessage(random, parties);
  const followed = random.once(3) ? base + generateMessage(random, parties) : base;
  return random.once(6) ? followed : mutate(random, followed, sipWords, seeds.length > 0 ? seeds : [base]);
}
