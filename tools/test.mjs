// `npm test`: the static checks, then every test. Arguments narrow it to test files whose path contains one of them.
// With CI=true (or PARLEY_PEERS=required) a missing foreign client is a failure; otherwise its tests are skipped with a line naming the package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkInteropPage } from './interop-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const node = existsSync('node_modules/.bin/node') ? 'node_modules/.bin/node' : process.execPath;
const filters = process.argv.slice(2);

if (filters.length === 0) {
  const lint = spawnSync(node, ['tools/lint.mjs'], { stdio: 'inherit' });
  if (lint.status !== 0) process.exit(1);
}

const found = spawnSync(
  node,
  ['-e', `console.log(JSON.stringify(require('node:fs').globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).toSorted()))`],
  { encoding: 'utf8' },
);
const files = JSON.parse(found.stdout).filter(file => filters.length === 0 || filters.some(filter => file.includes(filter)));
if (files.length === 0) {
  process.stderr.write(`No test file matches ${filters.join(' ')}.\n`);
  process.exit(2);
}
const env = { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? `${root}node_modules/.cache/parley` };
const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
const outcomes = join(folder, 'outcomes.jsonl');
const tests = spawnSync(
  node,
  [
    '--test',
    '--test-timeout=300000',
    '--test-concurrency=2',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./tools/outcome-reporter.mjs',
    `--test-reporter-destination=${outcomes}`,
    ...files,
  ],
  {
    stdio: 'inherit',
    env,
  },
);
const isComplete = filters.length === 0 && tests.status === 0;
const isAsPageSays = !isComplete || checkInteropPage(outcomes);
rmSync(folder, { recursive: true });
process.exit(isAsPageSays ? (tests.status ?? 1) : 1);
