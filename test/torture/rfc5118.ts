import { sip, type TortureRow } from './torture-row.ts';

const rfc = 'RFC 5118';
const delivered = { kind: 'accept', answer: 'delivered' } as const;
const registered = { kind: 'accept', answer: 200 } as const;

/** RFC 5118: IPv6 addresses in messages. */
export const ipv6Messages: readonly TortureRow[] = [
  {
    name: 'ipv6-good',
    rfc,
    section: '4.1',
    point: 'IPv6 addresses in Request-URI, Via and Contact',
    verdict: registered,
    why: 'In brackets they are hosts like any other.',
    message: sip`
      REGISTER sip:[2001:db8::60] SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6good
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=v6good
      Call-ID: v6good@[2001:db8::a:1]
      CSeq: 98176 REGISTER
      Contact: "Alice" <sip:alice@[2001:db8::a:1]>
      Content-Length: 0
    `,
  },
  {
    name: 'ipv6-bad',
    rfc,
    section: '4.2',
    point: 'an IPv6 address without brackets in the Request-URI',
    verdict: { kind: 'reject', by: 'proxy', status: 400 },
    why: 'It cannot be told from a host and a port.',
    message: sip`
      REGISTER sip:2001:db8::60 SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6bad
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=v6bad
      Call-ID: v6bad@[2001:db8::a:1]
      CSeq: 98176 REGISTER
      Contact: <sip:alice@[2001:db8::a:1]>
      Content-Length: 0
    `,
  },
  {
    name: 'port-ambiguous',
    rfc,
    section: '4.3',
    point: 'what was meant as a port stands within the brackets',
    verdict: registered,
    why: 'It is a valid address, only not the one that was meant.',
    message: sip`
      REGISTER sip:[2001:db8::60:5070] SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6port1
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=v6port1
      Call-ID: v6port1@[2001:db8::a:1]
      CSeq: 98176 REGISTER
      Contact: <sip:alice@[2001:db8::a:1]>
      Content-Length: 0
    `,
  },
  {
    name: 'port-unambiguous',
    rfc,
    section: '4.4',
    point: 'a port behind the brackets',
    verdict: registered,
    why: 'That is how it is meant.',
    message: sip`
      REGISTER sip:[2001:db8::60]:5070 SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6port2
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=v6port2
      Call-ID: v6port2@[2001:db8::a:1]
      CSeq: 98176 REGISTER
      Contact: <sip:alice@[2001:db8::a:1]:5062>
      Content-Length: 0
    `,
  },
  {
    name: 'via-received-param with brackets',
    rfc,
    section: '4.5',
    point: '`received` with brackets',
    verdict: delivered,
    why: 'Common, and to be understood.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];received=[2001:db8::a:255];branch=z9hG4bKv6via1
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6via1
      Call-ID: v6via1@[2001:db8::a:1]
      CSeq: 8 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'via-received-param without brackets',
    rfc,
    section: '4.5',
    point: '`received` without brackets',
    verdict: delivered,
    why: 'What the grammar says.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];received=2001:db8::a:255;branch=z9hG4bKv6via2
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6via2
      Call-ID: v6via2@[2001:db8::a:1]
      CSeq: 8 OPTIONS
      Content-Length: 0
    `,
  },
  {
    name: 'ipv6-in-sdp',
    rfc,
    section: '4.6',
    point: 'IPv6 addresses in a session description',
    verdict: delivered,
    why: 'There they have no brackets, and the body is not ours to judge.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6sdp
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6sdp
      Call-ID: v6sdp@[2001:db8::a:1]
      CSeq: 8612 INVITE
      Contact: <sip:alice@[2001:db8::a:1]>
      Content-Type: application/sdp
      Content-Length: {length}

      v=0
      o=alice 1 1 IN IP6 2001:db8::a:1
      s=-
      c=IN IP6 2001:db8::a:1
      t=0 0
      m=audio 40000 RTP/AVP 0
    `,
  },
  {
    name: 'mult-ip-in-header',
    rfc,
    section: '4.7',
    point: 'IPv4 and IPv6 side by side in Vias and Contact',
    verdict: delivered,
    why: 'Each hop has the address it has.',
    message: sip`
      INFO sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1]:6050;branch=z9hG4bKv6multi1
      Via: SIP/2.0/UDP 192.0.2.60:5060;branch=z9hG4bKv6multi2;received=[2001:db8::60]
      Via: SIP/2.0/TCP [2001:db8::b]:5060;branch=z9hG4bKv6multi3;received=192.0.2.61
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6multi
      Call-ID: v6multi@192.0.2.60
      CSeq: 8912 INFO
      Contact: <sip:alice@192.0.2.60>, <sip:alice@[2001:db8::a:1]>
      Content-Length: 0
    `,
  },
  {
    name: 'mult-ip-in-sdp',
    rfc,
    section: '4.8',
    point: 'IPv4 and IPv6 side by side in a session description',
    verdict: delivered,
    why: 'The body is not ours to judge.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8::a:1];branch=z9hG4bKv6sdp2
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6sdp2
      Call-ID: v6sdp2@[2001:db8::a:1]
      CSeq: 8913 INVITE
      Contact: <sip:alice@[2001:db8::a:1]>
      Content-Type: application/sdp
      Content-Length: {length}

      v=0
      o=alice 2 2 IN IP4 192.0.2.60
      s=-
      t=0 0
      m=audio 40000 RTP/AVP 0
      c=IN IP4 192.0.2.60
      m=video 40002 RTP/AVP 31
      c=IN IP6 2001:db8::a:1
    `,
  },
  {
    name: 'ipv4-mapped-ipv6',
    rfc,
    section: '4.9',
    point: 'IPv4 addresses written as IPv6 ones',
    verdict: delivered,
    why: 'In brackets they are hosts like any other.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [::ffff:192.0.2.70]:19823;branch=z9hG4bKv6mapped
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6mapped
      Call-ID: v6mapped@[::ffff:192.0.2.70]
      CSeq: 2 INVITE
      Contact: <sip:alice@[::ffff:192.0.2.70]:19823>
      Content-Type: application/sdp
      Content-Length: {length}

      v=0
      o=alice 3 3 IN IP6 ::ffff:192.0.2.70
      s=-
      c=IN IP6 ::ffff:192.0.2.70
      t=0 0
      m=audio 40000 RTP/AVP 0
    `,
  },
  {
    name: 'ipv6-bug-abnf-3-colons',
    rfc,
    section: '4.10',
    point: 'three colons in a row, which the grammar of RFC 3261 allows by mistake',
    verdict: { kind: 'tolerate', answer: 'delivered' },
    why: 'Nothing is sent to such an address: a client is reached over the connection it came by.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS [2001:db8:::192.0.2.90];branch=z9hG4bKv6colons
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=v6colons
      Call-ID: v6colons@[2001:db8:::192.0.2.90]
      CSeq: 689 OPTIONS
      Contact: <sip:alice@[2001:db8:::192.0.2.90]>
      Content-Length: 0
    `,
  },
];
