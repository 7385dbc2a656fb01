import { isDeepStrictEqual } from 'node:util';
import { parsePidf, renderPidf } from '../../src/body/pidf.ts';
import { readXml, type XmlElement, type XmlLimits } from '../../src/body/xml-reader.ts';
import { mutate } from './mutate.ts';
import type { Checked, PureTarget } from './pure-target.ts';
import type { RandomSource } from './random-source.ts';

/** The reader of XML, and presence documents on it. */
export const xmlTarget: PureTarget = { name: 'xml', corpus: 'xml', seeds: [], next: nextXmlInput, check: checkXml };

const smallLimits: XmlLimits = { maxBytes: 16_384, maxDepth: 6, maxAttributes: 4, maxElements: 20 };

function checkXml(input: string): Checked {
  const bytes = Buffer.from(input, 'latin1');
  const read = readXml(bytes);
  const bounded = readXml(bytes, smallLimits);
  const root = read.ok ? `${read.value.namespace} ${read.value.name} ${sizeOf(read.value).elements}` : read.error.text;
  return { problem: limitProblem(bounded) ?? pidfProblem(bytes), signature: root.slice(0, 100) };
}

function limitProblem(read: ReturnType<typeof readXml>): string | undefined {
  if (!read.ok) return undefined;
  const { depth, elements, attributes } = sizeOf(read.value);
  if (depth > smallLimits.maxDepth) return `${depth} levels were read`;
  if (elements > smallLimits.maxElements) return `${elements} elements were read`;
  return attributes > smallLimits.maxAttributes ? `${attributes} attributes were read` : undefined;
}

function sizeOf(element: XmlElement): { readonly depth: number; readonly elements: number; readonly attributes: number } {
  const size = { depth: 0, elements: 1, attributes: element.attributes.size };
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    const inner = sizeOf(child);
    size.depth = Math.max(size.depth, inner.depth);
    size.elements += inner.elements;
    size.attributes = Math.max(size.attributes, inner.attributes);
  }
  return { ...size, depth: size.depth + 1 };
}

/** What we write of a presence document can be read, and is the same when written again. */
function pidfProblem(bytes: Uint8Array): string | undefined {
  const parsed = parsePidf(bytes);
  if (!parsed.ok) return undefined;
  const ours = parsePidf(renderPidf(parsed.value));
  if (!ours.ok) return `a presence document cannot be read any more when written: ${ours.error.text}`;
  const again = parsePidf(renderPidf(ours.value));
  return again.ok && isDeepStrictEqual(again.value, ours.value) ? undefined : 'a presence document is another one after writing';
}

const names = [
  'presence',
  'tuple',
  'status',
  'basic',
  'note',
  'contact',
  'timestamp',
  'dm:person',
  'rpid:activities',
  'rpid:away',
  'x',
  'a:b',
];
const namespaces = [
  'urn:ietf:params:xml:ns:pidf',
  'urn:ietf:params:xml:ns:pidf:data-model',
  'urn:ietf:params:xml:ns:pidf:rpid',
  'http://www.w3.org/2000/xmlns/',
  '',
];
const texts = [
  'open',
  'closed',
  ' ',
  '&amp;',
  '&#65;',
  '&#x1F600;',
  '2013-03-05T09:30:00Z',
  '\xc3\xa4',
  '<![CDATA[x]]>',
  '<!-- c -->',
  '<?p i?>',
];
const xmlWords: readonly string[] = [
  ...[
    '<',
    '>',
    '/>',
    '</',
    '<!',
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<!ENTITY',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.1"?>',
  ],
  ...[
    '&',
    '&a;',
    '&#0;',
    '&#xFFFF;',
    '&#xD800;',
    '&#x110000;',
    '&lt;',
    '"',
    "'",
    '=',
    ':',
    'xmlns',
    'xmlns:',
    ' xmlns="x"',
    'xml:lang="en"',
  ],
  ...[
    '\0',
    '\xff',
    '\xc3',
    '\xed\xa0\x80',
    '\xef\xbb\xbf',
    '\xfe\xff',
    'encoding="UTF-16"',
    '<a>'.repeat(70),
    '<a/>'.repeat(100),
    ' a="1"',
  ],
  ...['__proto__', 'constructor', '<__proto__ __proto__="1">', '\r\n', '\t', ']', ' a1="" a2="" a3="" a4="" a5=""'],
];

function nextXmlInput(random: RandomSource, seeds: readonly string[]): string {
  const base = seeds.length > 0 && random.once(2) ? random.pick(seeds) : generateXml(random);
  return random.once(6) ? base : mutate(random, base, xmlWords, seeds.length > 0 ? seeds : [base]);
}

function generateXml(random: RandomSource): string {
  const declared = ` xmlns="${random.pick(namespaces)}" xmlns:dm="${namespaces[1]}" xmlns:rpid="${namespaces[2]}" xmlns:a="${random.pick(namespaces)}"`;
  const root = random.once(3) ? random.pick(names) : 'presence';
  const content = Array.from({ length: random.integer(4) }, () => element(random, 1)).join('');
  return `${random.once(2) ? '<?xml version="1.0" encoding="UTF-8"?>\n' : ''}<${root}${declared} entity="pres:alice@a.test">${content}</${root}>`;
}

function element(random: RandomSource, depth: number): string {
  const name = random.pick(names);
  const attributes = random.once(2) ? ` id="${random.token()}"` : random.once(3) ? ' xml:lang="en" a:x="1"' : '';
  if (depth > 8 || random.once(4)) return `<${name}${attributes}/>`;
  const children = Array.from({ length: random.integer(4) }, () =>
    random.once(2) ? random.pick(texts) : element(random, depth + 1),
  );
  return `<${name}${attributes}>${children.join('')}</${name}>`;
}
