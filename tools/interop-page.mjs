// The page of what was tried with programs by other people: made from the outcomes of the interop tests that ran.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../docs/interop-clients.md', import.meta.url));
const programs = ['linphonec', 'baresip', 'sipp', 'sipsak', 'sipvicious', 'JsSIP', 'SIP.js', 'Kamailio'];

/**
 * Compares the page with what ran, or writes it with UPDATE_DOCS=1. Nothing is said when a test of it was skipped: a machine without
 * a client knows less than the page. True when all is well.
 */
export function checkInteropPage(outcomesFile) {
  const outcomes = readFileSync(outcomesFile, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
    .filter(({ file }) => file?.includes('/test/interop/'));
  if (outcomes.length === 0 || outcomes.some(({ outcome }) => outcome !== 'pass')) return true;
  const text = pageOf(outcomes.map(({ name }) => name));
  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(page, text);
    return true;
  }
  if (text === currentPage()) return true;
  process.stderr.write('docs/interop-clients.md is not what the tests showed: UPDATE_DOCS=1 npm test\n');
  return false;
}

function currentPage() {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return '';
  }
}

function pageOf(names) {
  const rows = programs.flatMap(program =>
    [...new Set(names)]
      .filter(name => name.toLowerCase().includes(program.toLowerCase()))
      .toSorted()
      .map(name => `| ${program} | ${name.replace(new RegExp(`^${program}: `, 'i'), '')} |`),
  );
  return `# Tried with programs by other people

Every line is a test that ran with the real program against two organisations of the lab and passed. The page is written by
\`UPDATE_DOCS=1 npm test\`, and a run in which all of these programs are there fails when it differs.

| Program | What was tried |
|---|---|
${rows.join('\n')}
`;
}
