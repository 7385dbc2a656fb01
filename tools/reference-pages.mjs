// The reference pages that are written from the program itself: error codes, configuration files, commands, objects.
// Without arguments it checks that they are up to date (part of the lint); with --write it writes them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandsPage } from './reference/commands-page.mjs';
import { configurationPage } from './reference/configuration-page.mjs';
import { errorsPage } from './reference/errors-page.mjs';
import { objectsPage } from './reference/objects-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = {
  'docs/errors.md': errorsPage(),
  'docs/configuration.md': configurationPage(),
  'docs/commands.md': await commandsPage(),
  'docs/objects.md': objectsPage(),
};

for (const [page, text] of Object.entries(pages)) {
  const file = `${root}${page}`;
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${page} is out of date: npm run docs\n`);
    process.exitCode = 1;
  }
}
