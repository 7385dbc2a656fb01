import { sdp, sip, type TortureRow } from './torture-row.ts';

const rfc = 'RFC 4475';
const delivered = { kind: 'accept', answer: 'delivered' } as const;

/** RFC 4475 3.1.1: odd, and valid all the same. */
export const validMessages: readonly TortureRow[] = [
  {
    name: 'wsinv',
    rfc,
    section: '3.1.1.1',
    point: 'folding, white space and case wherever the grammar lets them be',
    verdict: delivered,
    why: 'Every oddity is allowed; the head is rendered anew before it goes on.',
    message: sip`
      INVITE sip:adam@contoso.test;novel;other=%41 SIP/2.0
      tO  :
         sip:adam@contoso.test
          ;   seen  =   "a ; b"
      FroM:"Alice \\"A.\\" \\\\"     <sip:alice@contoso.test>
       ;
        tag=   wide
      mAX-fORWARDS  :   0021
      i \t:  wsinv-1@alice.invalid
      l:     {length}
      CSEQ :   00042
          INVITE
      v :  SIP   /  2.0
        /  TLS
          alice.invalid  ;  branch  =   z9hG4bKwsinv
      s:
      Curious-Header:   one
         two,  ;;
        ,,three
      c :   application/sdp
      Via:SIP/2.0/TCP relay.invalid   ;  branch= z9hG4bKr1  ,
        SIP / 2.0 /  UDP   192.0.2.77  ; branch = z9hG4bKr2
      m : "The \\"quoted\\" one"   <sip:alice@alice.invalid;transport=tls>  ;  q = 0.5 ;
         extra

      ${sdp}`,
  },
  {
    name: 'intmeth',
    rfc,
    section: '3.1.1.2',
    point: 'every character that a method, a user part, a token and a quoted string may hold, a NUL among them',
    verdict: { kind: 'reject', by: 'parser', status: 400, closes: true },
    why: 'A NUL in a head is refused, whatever it stands in.',
    deviation:
      'The RFC has it valid, for a backslash may quote a NUL. No client sends one, and programs behind us that end texts at a NUL would read another message than the one we judged.',
    message: sip`
      _Odd.Method-09!%*+\`'~ sip:o-d.d~(1)!*'&=+$,;?/:p&=+$,w@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bK.~!%+\`'_-*
      To: "bell \\\x07 nul \\\x00 del \\\x7f" <sip:adam@contoso.test>
      From: to.ken1~ 2\`'ken+_ <sip:alice@contoso.test>;own~*+_!.-%="ёжик";tag=t~1'+\`*%!-.
      Call-ID: w!%*_+\`'~(){}[]<>:\\/?"-.@x?{
      CSeq: 4711 _Odd.Method-09!%*+\`'~
      Max-Forwards: 255
      odd-Header!%*_+\`'~.: 氷
      Content-Length: 0
    `,
  },
  {
    name: 'intmeth without NUL',
    rfc,
    section: '3.1.1.2',
    point: 'the same characters without the NUL',
    verdict: { kind: 'accept', answer: 405 },
    why: 'Syntax is fine; a method that this server does not know is answered 405.',
    message: sip`
      _Odd.Method-09!%*+\`'~ sip:o-d.d~(1)!*'&=+$,;?/:p&=+$,w@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bK.~!%+\`'_-*
      To: "bell \\\x07 del \\\x7f" <sip:adam@contoso.test>
      From: to.ken1~ 2\`'ken+_ <sip:alice@contoso.test>;own~*+_!.-%="ёжик";tag=t~1'+\`*%!-.
      Call-ID: w!%*_+\`'~(){}[]<>:\\/?"-.@x?{
      CSeq: 4711 _Odd.Method-09!%*+\`'~
      Max-Forwards: 255
      odd-Header!%*_+\`'~.: 氷
      Content-Length: 0
    `,
  },
  {
    name: 'esc01',
    rfc,
    section: '3.1.1.3',
    point: 'letters of user parts and URI parameters written as escapes',
    verdict: delivered,
    why: '`%61dam` is adam: escapes are resolved before users are compared.',
    message: sip`
      INVITE sip:%61d%61m@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKesc01
      Max-Forwards: 70
      To: <sip:ad%61%6D@contoso.test>
      From: <sip:%61lice@contoso.test>;tag=esc01
      Call-ID: esc01@alice.invalid
      CSeq: 77 INVITE
      Contact: <sip:al%69ce@alice.invalid;l%72;na%6De=v%61l%2541>
      C: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'escnull',
    rfc,
    section: '3.1.1.4',
    point: 'an escaped NUL in the address of record',
    verdict: { kind: 'accept', answer: 401 },
    why: 'A NUL does not end the name: this is another user than alice, who has signed in, so a proof is asked for.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKescnull
      Max-Forwards: 70
      To: sip:alice%00@contoso.test
      From: sip:alice%00@contoso.test;tag=n0
      Call-ID: escnull@alice.invalid
      CSeq: 5 REGISTER
      Contact: <sip:%00%00@alice.invalid>
      L:0
    `,
  },
  {
    name: 'escnull in a Contact',
    rfc,
    section: '3.1.1.4',
    point: 'escaped NULs in Contacts',
    verdict: { kind: 'accept', answer: 200 },
    why: 'A Contact is kept as written; `%00` and `%00%00` are two.',
    message: sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKescnull2
      Max-Forwards: 70
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=n1
      Call-ID: escnull2@alice.invalid
      CSeq: 5 REGISTER
      Contact: <sip:%00@alice.invalid>
      Contact: <sip:%00%00@alice.invalid>
      L:0
    `,
  },
  {
    name: 'esc02',
    rfc,
    section: '3.1.1.5',
    point: 'percent signs where they are plain characters: method, header name, display name, branch',
    verdict: { kind: 'accept', answer: 405 },
    why: '`M%45SSAGE` is a method of its own and not MESSAGE; `C%6Fntact` is not Contact.',
    message: sip`
      M%45SSAGE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bK50%of%2
      Max-Forwards: 70
      To: "%4%XX" <sip:adam@contoso.test>
      From: "%%" <sip:alice@contoso.test>;tag=esc02
      Call-ID: esc02%@alice.invalid
      CSeq: 3 M%45SSAGE
      Contact: <sip:one@alice.invalid>
      C%6Fntact: <sip:two@alice.invalid>
      l: 0
    `,
  },
  {
    name: 'lwsdisp',
    rfc,
    section: '3.1.1.6',
    point: 'no white space between a display name and <',
    verdict: delivered,
    why: 'The grammar asks for none.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKlwsdisp
      Max-Forwards: 70
      To: "Adam"<sip:adam@contoso.test>
      From: Alice<sip:alice@contoso.test>;tag=lwsdisp
      Call-ID: lwsdisp@alice.invalid
      CSeq: 1 OPTIONS
      l: 0
    `,
  },
  {
    name: 'longreq',
    rfc,
    section: '3.1.1.7',
    point: 'long values everywhere, 40 Vias in every spelling',
    verdict: delivered,
    why: 'Long is not wrong while the head stays within its limit.',
    message: sip`
      INVITE sip:adam@contoso.test SIP/2.0
      To: "${'Adam the Extremely Longwinded '.repeat(6)}"<sip:adam@contoso.test;${'p'.repeat(90)}=${'v'.repeat(120)};${'q'.repeat(80)}>
      F: sip:alice@contoso.test;tag=${'9'.repeat(180)};${'n'.repeat(100)}=${'w'.repeat(100)};${'m'.repeat(100)}
      Call-ID: ${'long-'.repeat(60)}id
      CSeq: 2147483647 INVITE
      ${'Very-'.repeat(40)}Long-Name: ${'long '.repeat(80)}; ${'parameter-'.repeat(20)}name = ${'value-'.repeat(30)}1
      ${['Via: ', 'v: ', 'V : ', 'VIA  :  ', 'vIa\t: ']
        .flatMap((name, i) => Array.from({ length: 8 }, (_, j) => `${name}SIP/2.0/TCP hop${i * 8 + j}.relay.invalid`))
        .join('\r\n')}
      Via: SIP/2.0/TLS alice.invalid;received=192.0.2.9;branch=${'old-style-'.repeat(20)}branch
      Max-Forwards: 70
      Contact: <sip:${'a'.repeat(200)}@alice.invalid>
      Content-Type: application/sdp
      l: {length}

      ${sdp}`,
  },
  {
    name: 'dblreq',
    rfc,
    section: '3.1.1.8',
    point: 'more bytes behind a complete request: empty lines and another request',
    verdict: { kind: 'accept', answer: 200 },
    why: 'On a stream the next message begins there; in a datagram they mean nothing.',
    message:
      sip`
      REGISTER sip:contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKdbl1
      Max-Forwards: 8
      To: sip:alice@contoso.test
      From: sip:alice@contoso.test;tag=dbl1
      I: dblreq@alice.invalid
      CSeq: 8 REGISTER
      Contact: sip:alice@alice.invalid
      Content-Length: 0
    ` +
      '\r\n\r\n' +
      sip`
      MESSAGE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKdbl2
      Max-Forwards: 8
      t: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=dbl2
      Call-ID: dblreq-second@alice.invalid
      CSeq: 8 MESSAGE
      Content-Type: text/plain
      Content-Length: {length}

      second`,
  },
  {
    name: 'semiuri',
    rfc,
    section: '3.1.1.9',
    point: 'a semicolon in the user part, with an escaped @ behind it',
    verdict: { kind: 'accept', answer: 404 },
    why: 'It belongs to the name, so the request is neither for adam nor for beth.',
    message: sip`
      OPTIONS sip:adam;who=beth%40fabrikam.test@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKsemiuri
      Max-Forwards: 3
      To: sip:adam@contoso.test
      From: sip:alice@contoso.test;tag=semiuri
      Call-ID: semiuri@alice.invalid
      CSeq: 8 OPTIONS
      Accept: application/sdp, message/sip,
              multipart/mixed
      l: 0
    `,
  },
  {
    name: 'transports',
    rfc,
    section: '3.1.1.10',
    point: 'Vias of transports nobody has heard of',
    verdict: delivered,
    why: 'A Via of another element is passed on as it is.',
    message: sip`
      OPTIONS sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKtr1
      Via: SIP/2.0/SCTP h2.invalid;branch=z9hG4bKtr2
      Via: SIP/2.0/CARRIER-PIGEON h3.invalid;branch=z9hG4bKtr3
      Via: SIP/2.0/UDP h4.invalid;branch=z9hG4bKtr4
      Via: SIP/2.0/WSS h5.invalid;branch=z9hG4bKtr5
      Max-Forwards: 70
      To: sip:adam@contoso.test
      From: <sip:alice@contoso.test>;tag=transports
      Call-ID:  transports@alice.invalid
      CSeq: 60 OPTIONS
      l: 0
    `,
  },
  {
    name: 'mpart01',
    rfc,
    section: '3.1.1.11',
    point: 'a multipart body with a binary part',
    verdict: delivered,
    why: 'A body is bytes: line ends, NULs and heads of messages in it change nothing.',
    message: sip`
      MESSAGE sip:adam@contoso.test SIP/2.0
      Via: SIP/2.0/TLS alice.invalid;branch=z9hG4bKmpart;rport
      Max-Forwards: 70
      To: <sip:adam@contoso.test>
      From: <sip:alice@contoso.test>;tag=mpart
      Call-ID: mpart@alice.invalid
      CSeq: 1 MESSAGE
      MIME-Version: 1.0
      Content-Type: multipart/mixed;boundary=part-of-it
      Content-Length: {length}

      --part-of-it
      Content-Type: text/plain

      Hello
      --part-of-it
      Content-Type: application/octet-stream
      Content-Transfer-Encoding: binary

      ${Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')}
      SIP/2.0 200 OK

      --part-of-it--
    `,
  },
  {
    name: 'unreason',
    rfc,
    section: '3.1.1.12',
    point: 'a reason phrase with signs and letters of another script',
    verdict: { kind: 'accept', answer: 'none' },
    why: 'A reason phrase is text for people. Nobody here asked, so nothing comes of the response.',
    message: sip`
      SIP/2.0 200 = 7**2 - 7 * 6 = семь = "\\ <7>;,
      Via: SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKunreason
      From: sip:alice@contoso.test;tag=unreason
      To: sip:adam@contoso.test;tag=unreason2
      Call-ID: unreason@alice.invalid
      CSeq: 35 INVITE
      Contact: <sip:adam@adam.invalid>
      Content-Type: application/sdp
      Content-Length: {length}

      ${sdp}`,
  },
  {
    name: 'noreason',
    rfc,
    section: '3.1.1.13',
    point: 'no reason phrase',
    verdict: { kind: 'accept', answer: 'none' },
    why: 'It may be empty. Nobody here asked, so nothing comes of the response.',
    message: sip`
      SIP/2.0 100\x20
      Via: SIP/2.0/TLS fe.contoso.test;branch=z9hG4bKnoreason
      From: <sip:alice@contoso.test>;tag=noreason
      To: <sip:adam@contoso.test>;tag=noreason2
      Call-ID: noreason@alice.invalid
      CSeq: 35 INVITE
      Content-Length: 0
    `,
  },
];
