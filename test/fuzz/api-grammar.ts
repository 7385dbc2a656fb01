import { chunked, httpPieces } from './http-pieces.ts';
import { mutate } from './mutate.ts';
import type { RandomSource } from './random-source.ts';

/** The commands and objects that requests are about. */
const commands = [
  'Get-CsUser',
  'Set-CsUser',
  'Enable-CsUser',
  'Disable-CsUser',
  'Grant-CsExternalAccessPolicy',
  'New-CsExternalAccessPolicy',
  'Set-CsExternalAccessPolicy',
  'Remove-CsExternalAccessPolicy',
  'New-CsPresencePolicy',
  'Grant-CsPresencePolicy',
  'Set-CsRegistrarConfiguration',
  'Get-CsEffectivePolicy',
  'New-CsAllowedDomain',
  'New-CsBlockedDomain',
  'Set-CsFederatedDomain',
  'Get-CsAccessEdgeConfiguration',
  'New-CsHostingProvider',
  'New-CsTenant',
  'get-csuser',
  'Frobnicate-CsNothing',
  '-',
  '__proto__-__proto__',
];
/** Names of parameters, also of those that a command does not have. What would cut the lab off from its partner is not among them. */
const parameters = [
  'identity',
  'Identity',
  'comment',
  'displayName',
  'proxyFqdn',
  'users',
  'tenant',
  'filter',
  'list',
  'expectedVersion',
];
const moreParameters = [
  'password',
  'policyName',
  'department',
  'sipAddress',
  'whatIf',
  'enabled',
  '__proto__',
  'constructor',
  'toString',
  '',
];
const identities = [
  '"zed@contoso.test"',
  '"odd.test"',
  '"tag:odd"',
  '"global"',
  '"site:odd"',
  '"service:Registrar:odd.test"',
  '"*"',
  '["a.test","b.test"]',
  '"%00"',
  '"nobody@contoso.test"',
];
const values: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1',
    '1e999',
    '9007199254740993',
    '1.5',
    '""',
    '" "',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"\u00c3\u00a4"',
    '[]',
    '{}',
  ],
  ...[
    '[[]]',
    '[null]',
    '{"a":1}',
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '"../../etc/passwd"',
    '"\'; drop table users;--"',
  ],
  ...[
    `"${'x'.repeat(5000)}"`,
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
    `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
    '"(?:a+)+$"',
    '"*".',
    '{{}}',
  ],
];
const paths = [
  '/openapi.json',
  '/healthz',
  '/readyz',
  '/api/v1/CsUser',
  '/api/v1/CsUser/alice@contoso.test',
  '/api/v1/CsUser/%00',
  '/api/v1/CsUser/%ff%fe',
  '/api/v1/CsAllowedDomain?identity=a&identity=b',
  '/api/v1/CsExternalAccessPolicy?filter=*&__proto__=x',
  '/api/v1/CsRevision?first=-1',
  '/api/v1/../../etc/passwd',
  '//',
  '*',
  'http://a.test/healthz',
  `/${'a'.repeat(9000)}`,
];
const words: readonly string[] = [
  ...httpPieces,
  ...['%', '%00', '%2f', '?', '#', 'TRACE ', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ...[
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'Content-Type: text/plain\r\n',
    'Content-Type: application/json; charset=utf-16\r\n',
    'Content-Type: multipart/form-data\r\n',
    'Content-Type: ;\r\n',
  ],
  ...[
    'If-Match: "1"\r\n',
    'If-Match: *\r\n',
    'Authorization: Basic eDp5\r\n',
    'Authorization:\r\n',
    'Content-Encoding: gzip\r\n',
    'Host: a\r\nHost: b\r\n',
  ],
  ...['{"a":'.repeat(3000), '['.repeat(9000), 'x: y\r\n'.repeat(2100)],
];

/** Requests to the management API, with the token where there is one. */
export function apiInputs(token: string | undefined) {
  return (random: RandomSource, seeds: readonly string[]): string => {
    const base = seeds.length > 0 && random.once(4) ? random.pick(seeds) : generateRequest(random, token);
    return random.once(3) ? base : mutate(random, base, words, seeds.length > 0 ? [...seeds, base] : [base]);
  };
}

function generateRequest(random: RandomSource, token: string | undefined): string {
  const isCommand = random.integer(3) > 0;
  const path = isCommand ? `/api/v1/commands/${random.pick(commands)}` : random.pick(paths);
  const method = isCommand ? 'POST' : random.pick(['GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'QUERY']);
  const body = isCommand || random.once(3) ? generateBody(random) : '';
  const authorization =
    token === undefined ? random.pick(['', 'Authorization: Bearer x\r\n']) : `Authorization: Bearer ${token}\r\n`;
  const framing = random.once(5) ? chunked(body) : `Content-Length: ${random.once(12) ? 9_000_000 : body.length}\r\n\r\n${body}`;
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}Content-Type: application/json\r\n${framing}`;
}

/** Bodies that are fit for one command or another. */
const fitting = [
  '{}',
  '{"identity":"odd.test"}',
  '{"identity":"tag:odd"}',
  '{"identity":["odd.test","even.test"],"list":"Allowed"}',
  '{"identity":"zed@contoso.test"}',
  '{"identity":"zed@contoso.test","displayName":"Zed"}',
  '{"users":[{"identity":"zed@contoso.test","displayName":"Zed","password":"pw-of-zed-1"}]}',
  '{"identity":"zed@contoso.test","policyName":"tag:odd"}',
];

function generateBody(random: RandomSource): string {
  if (random.once(3)) return random.pick(fitting);
  if (random.once(8)) return random.pick(values);
  if (random.once(60)) return `{"comment":"${'x'.repeat(1_000_000)}"}`;
  const entries = Array.from({ length: random.integer(4) }, () => {
    const name = random.pick(random.once(3) ? moreParameters : parameters);
    const value = /identity/i.test(name) && !random.once(3) ? random.pick(identities) : random.pick(values);
    return `${JSON.stringify(name)}:${value}`;
  });
  return `{${entries.join(',')}}`;
}
