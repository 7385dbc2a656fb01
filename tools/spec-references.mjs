// Which rule is where: collects references like "rfc3261 17.2.1" or "ms-sipre 2.2.15" from the code and the tests into docs/spec-references.md, and
// the rules of docs/rules/ with the tests that show that they are kept.
// Without arguments it checks that the page is up to date (part of the lint); with --write it writes it.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRules, renderRules } from './rules-of-standards.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/spec-references.md`;
const reference = /\b(rfc\d{4,5}|ms-(?:sip[a-z]*|pres|conf[a-z]*)) (\d+(?:\.\d+)*)\b/g;

const found = new Map();
for (const file of globSync(['src/**/*.ts', 'test/**/*.ts'], { cwd: root }).toSorted()) {
  const isTest = file.startsWith('test/') || file.endsWith('.test.ts');
  for (const [, document, section] of readFileSync(`${root}${file}`, 'utf8').matchAll(reference)) {
    const key = `${document} ${section}`;
    if (!found.has(key)) found.set(key, { document, section, code: new Set(), tests: new Set() });
    found.get(key)[isTest ? 'tests' : 'code'].add(file);
  }
}

function bySection(a, b) {
  if (a.document !== b.document) return a.document.localeCompare(b.document, 'en', { numeric: true });
  return a.section.localeCompare(b.section, 'en', { numeric: true });
}

/** A test beside the code it tests counts for the rules that code names. */
function testsOf({ code, tests }) {
  const beside = [...code].map(file => file.replace(/\.ts$/, '.test.ts')).filter(file => existing.has(file));
  return [...new Set([...tests, ...beside])].toSorted();
}

const existing = new Set(globSync('src/**/*.test.ts', { cwd: root }));
const link = file => `[${file.replace(/^src\//, '')}](../${file})`;
const rows = [...found.values()].toSorted(bySection).map(row => {
  const code = [...row.code].map(link).join('<br>') || '–';
  const tests = testsOf(row).map(link).join('<br>') || '–';
  return `| ${row.document} ${row.section} | ${code} | ${tests} |`;
});
const { documents, problems } = readRules(root);
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}
const text = `# Which rule is where

Every comment that names a section of a standard, and the tests that name it too or stand beside that code. Written by
\`npm run docs\`; the lint fails when it is out of date.

${renderRules(documents, link)}
## By section

| Rule | Code | Tests |
|---|---|---|
${rows.join('\n')}
`;

if (process.argv.includes('--write')) writeFileSync(page, text);
else {
  let current = '';
  try {
    current = readFileSync(page, 'utf8');
  } catch {
    // a missing page is out of date
  }
  if (current !== text) {
    process.stderr.write('docs/spec-references.md is out of date: npm run docs\n');
    process.exit(1);
  }
}
