import { sdp, sip, type TortureRow } from './torture-row.ts';

const rfc = 'RFC 4475';
const malformed = { kind: 'reject', by: 'parser', status: 400 } as const;
const unreadable = { ...malformed, closes: true } as const;

/** RFC 4475 3.1.2: not what the grammar says. */
export const invalidMessages: readonly TortureRow[] = [
  {
    name: 'badinv01',
    rfc,
    section: '3.1.2.1',
    point: 'separators with nothing between them in Via and Contact',
    verdict: malformed,
    why: 'The Via cannot be read.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;;,;,,
      Max-Forwards: 7
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=badinv01
      Call-ID: badinv01@alice.invalid
      CSeq: 8 INVITE
      Contact: "Alice" <sip:alice@alice.invalid>;;;
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'clerr',
    rfc,
    section: '3.1.2.2',
    point: 'Content-Length larger than what was sent',
    verdict: { kind: 'wait' },
    datagram: 'reject',
    why: 'A stream waits for the rest, which the next messages become part of; a datagram has no rest.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKclerr
      Max-Forwards: 80
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=clerr
      Call-ID: clerr@alice.invalid
      CSeq: 8 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      Content-Length: ${String(sdp.length + 200)}

      ${sdp}`,
  },
  {
    name: 'ncl',
    rfc,
    section: '3.1.2.3',
    point: 'a negative Content-Length',
    verdict: unreadable,
    why: 'Where the message ends is anybody’s guess.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKncl
      Max-Forwards: 254
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=ncl
      Call-ID: ncl@alice.invalid
      CSeq: 0 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      Content-Length: -21

      ${sdp}`,
  },
  {
    name: 'scalar02',
    rfc,
    section: '3.1.2.4',
    point: 'numbers beyond their ranges in a request: CSeq, Max-Forwards, Expires, port',
    verdict: malformed,
    why: 'CSeq stays below 2³¹.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKscalar02
      To: <sip:alice@contoso.test>
      From: <sip:alice@contoso.test>;tag=scalar02
      Call-ID: scalar02@alice.invalid
      CSeq: 18446744073709551617 REGISTER
      Max-Forwards: 1000
      Expires: 1${'0'.repeat(90)}
      Contact: <sip:alice@alice.invalid:99999>
        ;expires=4294967297;q=7
      Content-Length: 0
    `,
  },
  {
    name: 'scalarlg',
    rfc,
    section: '3.1.2.5',
    point: 'numbers beyond their ranges in a response',
    verdict: { kind: 'drop' },
    why: 'A response is never answered.',
    message: sip`
      SIP/2.0 503 Service Unavailable
      Via: SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKscalarlg
      To: <sip:adam@contoso.test>;tag=scalarlg1
      From: <sip:alice@contoso.test>;tag=scalarlg2
      Call-ID: scalarlg@alice.invalid
      CSeq: 8589934593000000000 OPTIONS
      Retry-After: 1${'0'.repeat(30)}
      Warning: 4096 contoso.test "Too much"
      Content-Length: 0
    `,
  },
  {
    name: 'quotbal',
    rfc,
    section: '3.1.2.6',
    point: 'a display name whose quote never closes',
    verdict: malformed,
    why: 'To cannot be read.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKquotbal
      Max-Forwards: 10
      To: "Adam A. <sip:adam@contoso.test>
      From: sip:alice@contoso.test;tag=quotbal
      Call-ID: quotbal@alice.invalid
      CSeq: 8 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'ltgtruri',
    rfc,
    section: '3.1.2.7',
    point: 'angle brackets around the Request-URI',
    verdict: unreadable,
    why: 'The RFC lets us guess or refuse; a start line that cannot be read puts the rest in doubt too.',
    message: sip`
      INVITE <sip:adam@contoso.test> SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKltgt
      Max-Forwards: 23
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=ltgtruri
      Call-ID: ltgtruri@alice.invalid
      CSeq: 1 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Length: 0
    `,
  },
  {
    name: 'lwsruri',
    rfc,
    section: '3.1.2.8',
    point: 'white space within the Request-URI',
    verdict: unreadable,
    why: 'Where the URI ends would be a guess.',
    message: sip`
      INVITE sip:adam@contoso.test; lr SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKlwsruri
      Max-Forwards: 5
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=lwsruri
      Call-ID: lwsruri@alice.invalid
      CSeq: 2130706432 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Length: 0
    `,
  },
  {
    name: 'lwsstart',
    rfc,
    section: '3.1.2.9',
    point: 'several spaces between the parts of the request line',
    verdict: unreadable,
    why: 'One space is the rule; the RFC allows both to refuse and to guess.',
    message: sip`
      INVITE   sip:adam@contoso.test  SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKlwsstart
      Max-Forwards: 8
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=lwsstart
      Call-ID: lwsstart@alice.invalid
      CSeq: 1893884 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Length: 0
    `,
  },
  {
    name: 'trws',
    rfc,
    section: '3.1.2.10',
    point: 'spaces at the end of the request line',
    verdict: unreadable,
    why: 'As with several spaces in it.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0\x20\x20
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKtrws
      Max-Forwards: 70
      To: <sip:adam@contoso.test>
      From: <sip:alice@contoso.test>;tag=trws
      Call-ID: trws@alice.invalid
      CSeq: 238923 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'escruri',
    rfc,
    section: '3.1.2.11',
    point: 'headers escaped into the Request-URI',
    verdict: { kind: 'reject', by: 'proxy', status: 400 },
    why: 'They may not stand there, and whoever passes them on may be made to route by them.',
    message: sip`
      INVITE sip:adam@contoso.test?Route=%3Csip:relay.invalid%3B%6Cr%3E SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKescruri
      Max-Forwards: 7
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=escruri
      Call-ID: escruri@alice.invalid
      CSeq: 149209342 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'baddate',
    rfc,
    section: '3.1.2.12',
    point: 'a Date in another time zone than GMT',
    verdict: { kind: 'tolerate', answer: 'delivered' },
    why: 'Nothing here depends on a client’s Date; it is passed on for the recipient to judge.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKbaddate
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=baddate
      Call-ID: baddate@alice.invalid
      CSeq: 13 INVITE
      Date: Tue, 05 Mar 2013 09:30:00 PDT
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'regbadct',
    rfc,
    section: '3.1.2.13',
    point: 'a Contact with a ? and no angle brackets',
    verdict: { kind: 'reject', by: 'registrar', status: 400 },
    why: 'What follows the ? could belong to the URI or to the header.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKregbadct
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=regbadct
      Call-ID: regbadct@alice.invalid
      CSeq: 1 REGISTER
      Contact: sip:alice@alice.invalid?Route=%3Csip:relay.invalid%3E
      l: 0
    `,
  },
  {
    name: 'badaspec',
    rfc,
    section: '3.1.2.14',
    point: 'spaces between angle brackets and URI',
    verdict: malformed,
    why: 'A URI holds no white space, and the brackets are its borders.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKbadaspec
      Max-Forwards: 70
      To: "Archer, Adam" < sip:adam@contoso.test >
      From: "Ames, Alice" <sip:alice@contoso.test>;tag=badaspec
      Call-ID: badaspec@alice.invalid
      CSeq: 39 OPTIONS
      l: 0
    `,
  },
  {
    name: 'baddn',
    rfc,
    section: '3.1.2.15',
    point: 'a comma in a display name without quotes',
    verdict: malformed,
    why: 'A comma separates, and From and To are no lists.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via:     SIP/2.0/TLS alice.invalid;branch=z9hG4bKbaddn
      Max-Forwards:      70
      From:    Ames, Alice <sip:alice@contoso.test>;tag=baddn
      To:      Archer, Adam <sip:adam@contoso.test>
      Call-ID: baddn@alice.invalid
      CSeq:    40 OPTIONS
      l: 0
    `,
  },
  {
    name: 'badvers',
    rfc,
    section: '3.1.2.16',
    point: 'another version of the protocol',
    verdict: { kind: 'reject', by: 'parser', status: 505 },
    why: 'Said in our own version.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/9.1
      Via:     SIP/9.1/TLS alice.invalid;branch=z9hG4bKbadvers
      Max-Forwards:     70
      From:    Alice <sip:alice@contoso.test>;tag=badvers
      To:      Adam <sip:adam@contoso.test>
      Call-ID: badvers@alice.invalid
      CSeq:    1 OPTIONS
      l: 0
    `,
  },
  {
    name: 'mismatch01',
    rfc,
    section: '3.1.2.17',
    point: 'one method in the request line, another in CSeq',
    verdict: malformed,
    why: 'Which transaction it belongs to would depend on who reads it.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKmismatch01
      Max-Forwards: 6
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=mismatch01
      Call-ID: mismatch01@alice.invalid
      CSeq: 8 MESSAGE
      l: 0
    `,
  },
  {
    name: 'mismatch02',
    rfc,
    section: '3.1.2.18',
    point: 'the same with a method nobody knows',
    verdict: malformed,
    why: 'The RFC leaves the choice between this and "not implemented".',
    message: sip`
      TELEPORT sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKmismatch02
      Max-Forwards: 6
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=mismatch02
      Call-ID: mismatch02@alice.invalid
      CSeq: 8 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/sdp
      l: {length}

      ${sdp}`,
  },
  {
    name: 'bigcode',
    rfc,
    section: '3.1.2.19',
    point: 'a status that is 200 only if its upper bits are lost',
    verdict: { kind: 'drop', closes: true },
    why: 'No status line, so no message: nothing after it can be trusted.',
    message: sip`
      SIP/2.0 4294967496 hardly OK
      Via: SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKbigcode
      From: <sip:alice@contoso.test>;tag=bigcode
      To: <sip:adam@contoso.test>;tag=bigcode2
      Call-ID: bigcode@alice.invalid
      CSeq: 353494 INVITE
      Contact: <sip:adam@adam.invalid>
      Content-Length: 0
    `,
  },
];
