import { sdp, sip, type TortureRow } from './torture-row.ts';

const rfc = 'RFC 4475';
const delivered = { kind: 'accept', answer: 'delivered' } as const;
const registered = { kind: 'accept', answer: 200 } as const;

/** RFC 4475 3.2, 3.3 and 3.4: the grammar has nothing against them; transactions, applications and elder elements may. */
export const semanticMessages: readonly TortureRow[] = [
  {
    name: 'badbranch',
    rfc,
    section: '3.2.1',
    point: 'a branch that is the magic cookie and nothing else',
    verdict: { kind: 'tolerate', answer: 'delivered' },
    why: 'Such a request is matched as one without a branch.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bK
      Max-Forwards: 3
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=badbranch
      Call-ID: badbranch@alice.invalid
      CSeq: 8 OPTIONS
      l: 0
    `,
  },
  {
    name: 'insuf',
    rfc,
    section: '3.3.1',
    point: 'From, To, Call-ID and Max-Forwards are missing',
    verdict: { kind: 'reject', by: 'parser', status: 400 },
    why: 'Without them nothing can be matched. The answer has what there is.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKinsuf
      CSeq: 193942 INVITE
      Content-Type: application/sdp
      l: {length}

      ${sdp}`,
  },
  {
    name: 'unkscm',
    rfc,
    section: '3.3.2',
    point: 'a Request-URI of an unknown scheme',
    verdict: { kind: 'reject', by: 'proxy', status: 416 },
    why: 'There is no way there from here.',
    message: sip`
      OPTIONS gopherphone:whatever-this-means SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKunkscm
      Max-Forwards: 3
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=unkscm
      Call-ID: unkscm@alice.invalid
      CSeq: 3923423 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'novelsc',
    rfc,
    section: '3.3.3',
    point: 'a Request-URI of a scheme that is known and has nothing to do with SIP',
    verdict: { kind: 'reject', by: 'proxy', status: 416 },
    why: 'There is no way there from here.',
    message: sip`
      OPTIONS ldap://directory.contoso.test:389/o=Contoso SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKnovelsc
      Max-Forwards: 3
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=novelsc
      Call-ID: novelsc@alice.invalid
      CSeq: 3923423 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'unksm2',
    rfc,
    section: '3.3.4',
    point: 'From, To and Contact of other schemes in a REGISTER',
    verdict: { kind: 'reject', by: 'proxy', status: 400 },
    why: 'Only sip: and sips: addresses have a registrar; 416 is about the Request-URI alone.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKunksm2
      Max-Forwards: 70
      To: urn:isbn:9780131687271
      From: <mailto:alice@contoso.test>;tag=unksm2
      Call-ID: unksm2@alice.invalid
      CSeq: 234902 REGISTER
      Contact: <nickname:Alice>
      l: 0
    `,
  },
  {
    name: 'unksm2 in To',
    rfc,
    section: '3.3.4',
    point: 'To of another scheme in a REGISTER',
    verdict: { kind: 'reject', by: 'registrar', status: 400 },
    why: 'The address of record has to be a sip: or sips: one.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKunksm3
      Max-Forwards: 70
      To: urn:isbn:9780131687271
      From: <sip:alice@contoso.test>;tag=unksm3
      Call-ID: unksm3@alice.invalid
      CSeq: 234902 REGISTER
      l: 0
    `,
  },
  {
    name: 'bext01',
    rfc,
    section: '3.3.5',
    point: 'extensions that nobody supports in Require and Proxy-Require',
    verdict: { kind: 'reject', by: 'proxy', status: 420 },
    why: 'A proxy judges Proxy-Require and names every option it does not know.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKbext01
      Max-Forwards: 6
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=bext01
      Call-ID: bext01@alice.invalid
      CSeq: 8 OPTIONS
      Require: tea, biscuits
      Proxy-Require: mindReading, timeTravel
      Content-Length: 0
    `,
  },
  {
    name: 'bext01 at the registrar',
    rfc,
    section: '3.3.5',
    point: 'an extension that nobody supports in the Require of a REGISTER',
    verdict: { kind: 'reject', by: 'proxy', status: 420 },
    why: 'The registrar is whom Require is for.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKbext02
      Max-Forwards: 6
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=bext02
      Call-ID: bext02@alice.invalid
      CSeq: 8 REGISTER
      Require: tea, biscuits
      Content-Length: 0
    `,
  },
  {
    name: 'bext01 for the recipient',
    rfc,
    section: '3.3.5',
    point: 'the same in Require of a request for somebody else',
    verdict: delivered,
    why: 'Require is for the recipient, and a proxy has no opinion on it.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKbext03
      Max-Forwards: 6
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=bext03
      Call-ID: bext03@alice.invalid
      CSeq: 8 OPTIONS
      Require: tea
      Content-Length: 0
    `,
  },
  {
    name: 'invut',
    rfc,
    section: '3.3.6',
    point: 'a body of a type nobody knows',
    verdict: delivered,
    why: 'What a body means is between the ends; the recipient may answer 415.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKinvut
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=invut
      Call-ID: invut@alice.invalid
      CSeq: 235448 INVITE
      Contact: <sip:alice@alice.invalid>
      Content-Type: application/smoke-signals
      Content-Length: {length}

      puff puff, pause, puff`,
  },
  {
    name: 'regaut01',
    rfc,
    section: '3.3.7',
    point: 'credentials of an unknown scheme',
    verdict: { kind: 'accept', answer: 401 },
    why: 'They prove nothing, so the registrar asks as if there were none.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKregaut01
      Max-Forwards: 8
      To: sip:adam@contoso.test
      From: sip:adam@contoso.test;tag=regaut01
      Call-ID: regaut01@alice.invalid
      CSeq: 9338 REGISTER
      Authorization: SecretHandshake grip=firm
      Content-Length:0
    `,
  },
  {
    name: 'multi01',
    rfc,
    section: '3.3.8',
    point: 'two values each of CSeq, Call-ID, From, To and Max-Forwards',
    verdict: { kind: 'reject', by: 'parser', status: 400 },
    why: 'Which of them counts would depend on who reads it.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKmulti01
      Max-Forwards: 70
      CSeq: 5 INVITE
      Call-ID: multi01-a@alice.invalid
      CSeq: 59 INVITE
      Call-ID: multi01-b@alice.invalid
      From: sip:alice@contoso.test;tag=multi01a
      To: sip:adam@contoso.test
      To: sip:alice@contoso.test
      From: sip:adam@contoso.test;tag=multi01b
      Max-Forwards: 5
      Content-Type: application/sdp
      l: {length}

      ${sdp}`,
  },
  {
    name: 'mcl01',
    rfc,
    section: '3.3.9',
    point: 'two Content-Lengths that differ',
    verdict: { kind: 'reject', by: 'parser', status: 400, closes: true },
    why: 'Where the message ends is anybody’s guess, and a second message could hide in it.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKmcl01
      Max-Forwards: 60
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=mcl01
      Call-ID: mcl01@alice.invalid
      CSeq: 15932 OPTIONS
      Content-Length: 4
      Content-Type: text/plain
      Content-Length: 19

      Four, or everything`,
  },
  {
    name: 'bcast',
    rfc,
    section: '3.3.10',
    point: 'a response with the broadcast address in its second Via',
    verdict: { kind: 'accept', answer: 'none' },
    why: 'It belongs to no transaction, so its second Via is never looked at.',
    message: sip`
      SIP/2.0 200 OK
      Via: SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKbcast1
      Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKbcast2
      From: sip:alice@contoso.test;tag=bcast1
      To: sip:adam@contoso.test;tag=bcast2
      Call-ID: bcast@alice.invalid
      CSeq: 35 INVITE
      Contact: <sip:adam@adam.invalid>
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'zeromf',
    rfc,
    section: '3.3.11',
    point: 'Max-Forwards is 0',
    verdict: { kind: 'reject', by: 'proxy', status: 483 },
    why: 'It may go no further.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKzeromf
      Max-Forwards: 0
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=zeromf
      Call-ID: zeromf@alice.invalid
      CSeq: 39234321 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'cparam01',
    rfc,
    section: '3.3.12',
    point: 'a parameter of the Contact header that nobody knows',
    verdict: registered,
    why: 'It is no part of the URI and is not kept.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKcparam01
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=cparam01
      Call-ID: cparam01@alice.invalid
      CSeq: 2 REGISTER
      Contact: sip:+15550100@gateway.invalid;mood=sunny
      l: 0
    `,
  },
  {
    name: 'cparam02',
    rfc,
    section: '3.3.13',
    point: 'a parameter of the Contact’s URI that nobody knows',
    verdict: registered,
    why: 'It is part of the URI and kept.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKcparam02
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=cparam02
      Call-ID: cparam02@alice.invalid
      CSeq: 3 REGISTER
      Contact: <sip:+15550100@gateway.invalid;mood=sunny>
      l: 0
    `,
  },
  {
    name: 'regescrt',
    rfc,
    section: '3.3.14',
    point: 'a Contact with a Route escaped into its URI',
    verdict: registered,
    why: 'It may stand there. An endpoint is reached over the flow that registered it, so it routes nothing here.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKregescrt
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=regescrt
      Call-ID: regescrt@alice.invalid
      CSeq: 14 REGISTER
      M: <sip:alice@alice.invalid?Route=%3Csip:relay.invalid%3E>
      L:0
    `,
  },
  {
    name: 'sdp01',
    rfc,
    section: '3.3.15',
    point: 'an INVITE that accepts no answer anybody could give',
    verdict: delivered,
    why: 'Accept is for the recipient, who may answer 406.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKsdp01
      Max-Forwards: 5
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=sdp01
      Call-ID: sdp01@alice.invalid
      CSeq: 8 INVITE
      Contact: <sip:alice@alice.invalid>
      Accept: text/hieroglyphs
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'inv2543',
    rfc,
    section: '3.4.1',
    point: 'an INVITE as RFC 2543 had it: no branch, no tags, no Max-Forwards, no Content-Length',
    verdict: { kind: 'reject', by: 'parser', status: 400, closes: true },
    datagram: 'accept',
    why: 'A body without Content-Length has no end on a stream (RFC 3261 18.3); in a datagram it is fine.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid
      From: <sip:alice@contoso.test>
      Record-Route: <sip:adam@contoso.test;maddr=relay.invalid>
      To: sip:adam@contoso.test;user=phone
      Call-ID: inv2543@alice.invalid
      CSeq: 56 INVITE
      Content-Type: application/sdp

      ${sdp}`,
  },
  {
    name: 'inv2543 with a length',
    rfc,
    section: '3.4.1',
    point: 'the same with Content-Length',
    verdict: delivered,
    why: 'It is matched by its other headers.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid
      From: <sip:alice@contoso.test>
      To: sip:adam@contoso.test;user=phone
      Call-ID: inv2543-length@alice.invalid
      CSeq: 56 INVITE
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
];
