import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseZoneFile } from './zone-file.ts';

test('every type, comments and blank lines', () => {
  const text = [
    '# a comment',
    '',
    'Edge.Partner.Test. A 192.0.2.1 ; at the end of a line',
    'edge.partner.test\tAAAA\t2001:db8::1\r',
    '_sipfederationtls._tcp.partner.test srv 10 20 5061 Edge.partner.test.',
    'www.partner.test CNAME edge.partner.test.',
    'partner.test TXT "v=1; # not a comment" more',
    'broken.test SERVFAIL',
    'silent.test TIMEOUT # never answers',
  ].join('\n');
  assert.deepEqual(parseZoneFile(text, 'zone'), {
    ok: true,
    value: [
      { type: 'A', name: 'edge.partner.test', data: '192.0.2.1' },
      { type: 'AAAA', name: 'edge.partner.test', data: '2001:db8::1' },
      {
        type: 'SRV',
        name: '_sipfederationtls._tcp.partner.test',
        priority: 10,
        weight: 20,
        port: 5061,
        target: 'edge.partner.test',
      },
      { type: 'CNAME', name: 'www.partner.test', data: 'edge.partner.test' },
      { type: 'TXT', name: 'partner.test', data: 'v=1; # not a comment more' },
      { type: 'SERVFAIL', name: 'broken.test' },
      { type: 'TIMEOUT', name: 'silent.test' },
    ],
  });
});

const wrong: readonly [string, RegExp][] = [
  ['edge.test', /the type is missing/],
  ['edge.test MX 10 mail.test', /"MX" is none of the types/],
  ['edge.test A', /one IPv4 address/],
  ['edge.test A 192.0.2.256', /one IPv4 address/],
  ['edge.test A 192.0.2.1 192.0.2.2', /one IPv4 address/],
  ['edge.test AAAA 192.0.2.1', /one IPv6 address/],
  ['edge.test SRV 0 0 5061', /priority, weight, port and a target/],
  ['edge.test SRV 0 0 65536 a.test', /priority, weight, port and a target/],
  ['edge.test SRV 0 0 5061 a..test', /priority, weight, port and a target/],
  ['edge.test CNAME', /one DNS name/],
  ['edge..test A 192.0.2.1', /"edge..test" is not a DNS name/],
  ['edge.test TXT', /needs a text/],
  ['edge.test TIMEOUT 5', /takes no data/],
];
for (const [line, problem] of wrong) {
  test(`"${line}" is refused with its place`, () => {
    const parsed = parseZoneFile(`ok.test A 192.0.2.1\n\n  ${line}\n`, '/zone.txt');
    assert.ok(!parsed.ok);
    assert.match(parsed.error.text, /^Line 3 of the zone file \/zone\.txt /);
    assert.match(parsed.error.text, problem);
  });
}
