import { isAbsolute } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { parseConfiguration } from '../../src/server/configuration-file.ts';
import { ServerConfiguration } from '../../src/server/server-configuration.ts';
import { mutate } from './mutate.ts';
import type { Checked, PureTarget } from './pure-target.ts';
import type { RandomSource } from './random-source.ts';

/** The configuration file of a server: whatever stands in it, there is a configuration or one sentence that says where it is wrong. */
export const configurationTarget: PureTarget = {
  name: 'configuration',
  corpus: 'yaml',
  seeds: [],
  next: nextConfiguration,
  check: checkConfiguration,
};

const path = '/etc/parley/server.yaml';
const longestSentence = 1_000;

function checkConfiguration(input: string): Checked {
  // one character per byte stands for a file in UTF-8
  const text = Buffer.from(input, 'latin1').toString('utf8');
  const read = parseConfiguration(text, path);
  if (read.ok) return { problem: configurationProblem(read.value), signature: `ok ${Object.keys(read.value).toSorted().join()}` };
  const { code, details, text: said } = read.error;
  return {
    problem: refusalProblem(text, code, details.line, details.detail, said),
    signature: said.replaceAll(/\d+/g, '').slice(0, 120),
  };
}

/** What was read can be read again and is the same; it names no path that depends on where the server was started. */
function configurationProblem(read: ServerConfiguration): string | undefined {
  const again = ServerConfiguration.safeParse(read);
  if (!again.success) return `what was read is refused: ${again.error.message}`;
  if (!isDeepStrictEqual(again.data, read)) return 'what was read is another configuration when read again';
  const relative = pathsOf(read).find(file => !isAbsolute(file) || /\p{Cc}/u.test(file));
  return relative === undefined ? undefined : `${JSON.stringify(relative)} is no path`;
}

function pathsOf(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return /(File|Files|Folder)$/.test(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(item => pathsOf(item, key));
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, item]) => pathsOf(item, name)) : [];
}

function refusalProblem(text: string, code: string, line: unknown, detail: unknown, said: string): string | undefined {
  if (code !== 'CONFIGURATION_INVALID') return `it is refused with ${code}`;
  const lines = text.split('\n').length;
  if (typeof line !== 'number' || line < 1 || line > lines) return `line ${line} of ${lines}`;
  if (typeof detail !== 'string' || detail.trim() === '') return 'it is refused without a word';
  if (said.length > longestSentence) return `it is refused in ${said.length} characters`;
  const leaked = ['[object', 'undefined'].find(word => said.includes(word) && !text.includes(word));
  return /\p{Cc}/u.test(said) || leaked !== undefined ? `it is refused with ${JSON.stringify(said)}` : undefined;
}

const keyPair = { certificateFile: 'client.pem', keyFile: 'client-key.pem' };
const common = {
  name: 'fe1.contoso.test',
  dataFolder: 'data',
  log: { level: 'info', messageBodies: false },
  nameServers: ['127.0.0.1:5353', '192.0.2.53'],
  internal: { certificateFile: 'internal.pem', keyFile: 'internal-key.pem', authorityFile: '/ca.pem' },
  limits: { headBytes: 65_536, unauthenticatedSeconds: 10, connections: 1000 },
};
const frontEnd = {
  role: 'frontend',
  ...common,
  deployment: 'provider',
  pool: 'fe.contoso.test',
  store: { url: 'postgres://parley@db.contoso.test/parley', passwordFile: 'pw', schema: 'parley', poolSize: 4 },
  client: { host: '0.0.0.0', port: 5061, ...keyPair, digestAlgorithms: ['MD5', 'SHA-256'] },
  plainClient: { host: '127.0.0.1', port: 5060 },
  webSocket: { port: 443, ...keyPair, allowedOrigins: ['https://chat.contoso.test'] },
  trunk: { port: 5065 },
  api: { port: 8080, tokenFile: 'api-token' },
};
const edge = {
  role: 'edge',
  ...common,
  external: { port: 5061, ...keyPair },
  inside: { host: '10.0.0.1', port: 5062 },
  replication: { port: 4443 },
  enrolmentFile: 'enrolment.json',
  federationTrustFiles: ['roots.pem'],
};
const bases = [frontEnd, edge];

const words: readonly string[] = [
  ...['\r\n', '\n', '\r', '\t', '  ', ' ', '\0', '\x07', '\x85', '\xe2\x80\xa8', '\xef\xbb\xbf', '\xff', '\xc3\xa4', '#', ' # x'],
  ...[
    ': ',
    ':',
    '- ',
    '-',
    '? ',
    '|',
    '>',
    '|-\r\n',
    '>+2\r\n',
    '"',
    "'",
    '\\',
    '"\\x00"',
    '"\\0"',
    '"\\ud800"',
    '{',
    '}',
    '[',
    ']',
    ',',
  ],
  ...[
    '&a ',
    '*a',
    '*nowhere',
    '<<: *a',
    '<<: ',
    '&a [*a, *a]',
    '!!binary ',
    '!!set ',
    '!!omap ',
    '!!str ',
    '!!int ',
    '!x ',
    '!<tag:x> ',
  ],
  ...[
    '%YAML 1.1\r\n---\r\n',
    '%YAML 9.9\r\n',
    '%TAG ! x\r\n',
    '---\r\n',
    '...\r\n',
    '~',
    'null',
    'true',
    'yes',
    '.nan',
    '.inf',
    '-.inf',
    '-0',
  ],
  ...[
    '0x1f',
    '0o17',
    '1_000',
    '1e3',
    '1e400',
    '99999999999999999999',
    '5061.5',
    '2001-01-01',
    '"5061"',
    '""',
    '[]',
    '{}',
    '[[]]',
    '{a: 1}',
  ],
  ...[
    '__proto__: ',
    '__proto__:\r\n  role: edge',
    'constructor: 1',
    'toString: 1',
    '"": 1',
    '? [a]\r\n: b',
    '? {a: b}\r\n: c',
    '1: 2',
    'null: 1',
  ],
  ...[
    'role: edge',
    'role: frontend',
    'role: __proto__',
    'port: 0',
    'port: 65536',
    'certificateFile: ""',
    'keyFile: /dev/null',
    'file://x',
  ],
  ...[
    '['.repeat(300),
    '{a: '.repeat(200),
    '- '.repeat(300),
    'x'.repeat(9000),
    `${'y'.repeat(5000)}: 1\r\n`,
    'a: &a [x,x]\r\nb: &b [*a,*a]\r\n',
  ],
];

function nextConfiguration(random: RandomSource, seeds: readonly string[]): string {
  const base = seeds.length > 0 && random.once(2) ? random.pick(seeds) : generate(random);
  return random.once(8) ? base : mutate(random, base, words, seeds.length > 0 ? seeds : [base]);
}

const oddValues: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    65_536,
    5061.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 60,
    '',
    ' ',
    'x',
    '0.0.0.0',
    '127.0.0.1',
  ],
  ...[
    '::1',
    'fe1',
    'FE1.Contoso.Test.',
    '-a.test',
    'a..test',
    'x'.repeat(300),
    'sqlite',
    'postgres://',
    'postgresql://h/%00',
    'http://a/b',
  ],
  ...[
    '../..',
    '/',
    '\0',
    'a\nb',
    '\u202e',
    '😀',
    [],
    {},
    [[]],
    [null],
    [1, 'a'],
    { a: 1 },
    { port: 1 },
    { __proto__: 1 },
    new Date(0),
  ],
];

/** A good configuration with one or two things in it that are odd. */
function generate(random: RandomSource): string {
  const tree = structuredClone(random.pick(bases)) as Record<string, unknown>;
  for (let changes = random.integer(3); changes > 0; changes--) changeTree(random, tree);
  return Buffer.from(stringify(tree).replaceAll('\n', '\r\n'), 'utf8').toString('latin1');
}

function changeTree(random: RandomSource, tree: Record<string, unknown>): void {
  let at = tree;
  for (;;) {
    const key = random.pick(Object.keys(at));
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && !random.once(3)) {
      at = inner as Record<string, unknown>;
      continue;
    }
    if (random.once(4)) delete at[key];
    else at[random.once(6) ? String(random.pick(oddValues)) : key] = random.pick(oddValues);
    return;
  }
}
