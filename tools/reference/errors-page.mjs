// docs/errors.md, from the registry of expected failures.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { backupErrors } from '../../src/base/errors/backup-errors.ts';
import { bodyErrors } from '../../src/base/errors/body-errors.ts';
import { certificateErrors } from '../../src/base/errors/certificate-errors.ts';
import { commandErrors } from '../../src/base/errors/command-errors.ts';
import { configurationFileErrors } from '../../src/base/errors/configuration-file-errors.ts';
import { federationErrors } from '../../src/base/errors/federation-errors.ts';
import { identityErrors } from '../../src/base/errors/identity-errors.ts';
import { labErrors } from '../../src/base/errors/lab-errors.ts';
import { messageErrors } from '../../src/base/errors/message-errors.ts';
import { presenceErrors } from '../../src/base/errors/presence-errors.ts';
import { errorRegistry } from '../../src/base/errors/registry.ts';
import { serverErrors } from '../../src/base/errors/server-errors.ts';
import { storeErrors } from '../../src/base/errors/store-errors.ts';
import { code, table } from './schema-text.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Families in the order of the page, with the pages that say more. */
const families = [
  [
    'Federation',
    federationErrors,
    '[the way of a federated message](concepts.md#what-a-federated-message-passes), [who reaches whom](federation-matrix.md)',
  ],
  [
    'Certificates',
    certificateErrors,
    '[certificates for a first federation](first-federation.md#3-certificates), [operations](operations.md)',
  ],
  ['Sign-in and identity', identityErrors, '[help desk](help-desk.md)'],
  ['Presence', presenceErrors, '[help desk](help-desk.md)'],
  ['Messages', messageErrors, '[torture verdicts](torture.md)'],
  ['Bodies of messages', bodyErrors, '[architecture](architecture.md)'],
  ['Commands', commandErrors, '[commands](commands.md), [objects](objects.md)'],
  ['Configuration files', configurationFileErrors, '[configuration](configuration.md)'],
  [
    'Servers and replication',
    serverErrors,
    '[operations](operations.md), [enrolling an Edge](first-federation.md#6-enrol-the-edge)',
  ],
  ['Store', storeErrors, '[operations](operations.md), [state](architecture.md#state)'],
  ['Backup', backupErrors, '[operations](operations.md)'],
  ['Laboratory', labErrors, '[README](../README.md)'],
];

const severities = { info: 'a normal refusal', warning: 'somebody should look', error: 'something is broken' };

export function errorsPage() {
  const seen = families.flatMap(([, codes]) => Object.keys(codes));
  const other = { ...errorRegistry };
  for (const name of seen) delete other[name];
  const all = Object.keys(other).length > 0 ? [...families, ['Others', other, '[architecture](architecture.md)']] : families;
  const places = findPlaces();
  const index = all.map(([title, codes]) => `- [${title}](#${anchor(title)}), ${Object.keys(codes).length} codes`).join('\n');
  return `# Error codes

Every expected failure has a stable code. It stands in the log, in the answer of the API and in \`--json\` output, and it is never used for
something else. This page is written by \`npm run docs\` from the registry in \`src/base/errors/\`; words in *italics* are filled in.

- **Inside** is what our own users and servers are told over SIP, with the \`ms-diagnostics\` id where the protocol has one.
- **Outside** is what crosses to others. *Bare* means: the status and nothing else, so that a stranger learns nothing.
- **API** is the HTTP status of the management API.
- **Weight**: *info* is ${severities.info}; *warning*: ${severities.warning}; *error*: ${severities.error}.

${index}

## By ms-diagnostics id

What a client or a colleague's log shows, and the codes that may stand behind it.

${table(['Id', 'Status', 'Codes'], diagnosticsRows())}

${all.map(([title, codes, more]) => family(title, codes, more, places)).join('\n')}`;
}

function family(title, codes, more, places) {
  const entries = Object.entries(codes).map(([name, definition]) => entry(name, definition, more, places.get(name) ?? []));
  return `## ${title}\n\n${entries.join('\n')}`;
}

function entry(name, { text, fix, severity, http, sip }, more, files) {
  const facts = [['Weight', severity]];
  if (sip) facts.push(['Inside', inside(sip)], ['Outside', outside(sip)]);
  if (http !== undefined) facts.push(['API', code(http)]);
  const raised = files.slice(0, 4).map(file => `[${file.replace(/^src\//, '')}](../${file})`);
  const see = [more, ...(raised.length > 0 ? [`code: ${raised.join(', ')}`] : [])].join('; ');
  return `### ${name}\n\n${filled(text)}\n\n**Fix:** ${filled(fix)}\n\n${table(
    facts.map(([title]) => title),
    [facts.map(([, value]) => String(value))],
  )}\n\nSee also: ${see}\n`;
}

function diagnosticsRows() {
  const byId = new Map();
  for (const [name, { sip }] of Object.entries(errorRegistry)) {
    if (sip?.diagnosticsId === undefined) continue;
    const row = byId.get(sip.diagnosticsId) ?? { statuses: new Set(), codes: [] };
    row.statuses.add(sip.insideStatus);
    row.codes.push(`[${name}](#${name.toLowerCase()})`);
    byId.set(sip.diagnosticsId, row);
  }
  const sorted = [...byId].toSorted(([a], [b]) => a - b);
  return sorted.map(([id, { statuses, codes }]) => [String(id), [...statuses].join(', '), codes.join(', ')]);
}

function inside({ insideStatus, diagnosticsId, diagnosticsReason }) {
  if (diagnosticsId === undefined) return code(insideStatus);
  return `${code(insideStatus)}, ${code(`ms-diagnostics: ${diagnosticsId}`)} ${diagnosticsReason ?? ''}`.trim();
}

function outside({ outsideStatus, publicId }) {
  if (publicId === undefined) return `${code(outsideStatus)}, bare`;
  return `${code(outsideStatus)}, bare; ${code(`ms-diagnostics-public: ${publicId}`)} for those who may have a reason`;
}

/** Text with its placeholders set apart; a filled text may have no characters that Markdown takes for something else. */
function filled(text) {
  return text
    .replaceAll('<', '\\<')
    .replaceAll('*', '\\*')
    .replaceAll(/\{(\w+)\}/g, '*$1*');
}

/** Where each code is used, tests and the registry aside. */
function findPlaces() {
  const places = new Map();
  for (const file of globSync('src/**/*.ts', { cwd: root }).toSorted()) {
    if (file.endsWith('.test.ts') || file.startsWith('src/base/errors/') || file.startsWith('src/testing/')) continue;
    for (const [, name] of readFileSync(`${root}${file}`, 'utf8').matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)) {
      if (!(name in errorRegistry)) continue;
      const files = places.get(name) ?? [];
      if (!files.includes(file)) places.set(name, [...files, file]);
    }
  }
  return places;
}

function anchor(title) {
  return title.toLowerCase().replaceAll(' ', '-');
}
