// Every static check of the project, in parallel: types, ranks and rules, formatting, unused code. Prints what failed.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks = [
  ['types', 'tsc', ['-p', '.']],
  ['ranks and rules', 'oxlint', ['--deny-warnings', 'src', 'test', 'bench', 'tools']],
  ['formatting', 'biome', ['ci', '--colors=off', '--linter-enabled=false', 'src', 'test', 'bench', 'tools']],
  ['unused code', 'knip', ['--no-progress']],
  ['code used by tests only', 'knip', ['--no-progress', '--production']],
  ['generated pages', 'node', ['tools/spec-references.mjs']],
  ['reference pages', 'node', ['tools/reference-pages.mjs']],
];

function run([label, command, args]) {
  return new Promise(resolve => {
    const begin = performance.now();
    const child = spawn(`${root}node_modules/.bin/${command}`, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', text => (output += text));
    child.stderr.on('data', text => (output += text));
    child.on('close', code => {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${label} (${seconds} s)\n${code === 0 ? '' : output}`);
      resolve(code === 0);
    });
  });
}

const waiting = [...checks];
const results = [];
async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await run(next));
}
await Promise.all(Array.from({ length: Math.min(checks.length, availableParallelism()) }, worker));
process.exit(results.every(Boolean) ? 0 : 1);
