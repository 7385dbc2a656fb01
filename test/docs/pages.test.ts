import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfiguration } from '../../src/server/configuration-file.ts';
import { parseCommandLine } from './command-line.ts';
import { type Page, readPages, root } from './page.ts';

const pages = readPages();

describe('the pages of the documentation', () => {
  for (const page of pages) {
    it(`${page.path}: every link leads somewhere`, () => {
      for (const { target, line } of linksOf(page)) {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page.path : normalize(join(dirname(page.path), path));
        assert.ok(existsSync(join(root, file)), `${page.path}:${line}: ${target}`);
        if (anchor === undefined || !file.endsWith('.md')) continue;
        assert.ok(anchorsOf(file).has(anchor), `${page.path}:${line}: ${target} has no such heading`);
      }
    });
  }

  it('every file and folder of this checkout that a page names is there', () => {
    for (const { path, text } of pages) {
      for (const [, file = ''] of text.matchAll(/`((?:src|test|docs|deploy|bench|tools)\/[\w./-]+)`/g))
        assert.ok(existsSync(join(root, file)), `${path}: ${file}`);
    }
  });

  it('every configuration file shown is one a server reads', () => {
    let count = 0;
    for (const { path, blocks } of pages) {
      for (const { language, text, line } of blocks) {
        if (language !== 'yaml' || !/^role:/m.test(text)) continue;
        const read = parseConfiguration(text, path);
        assert.ok(read.ok, `${path}:${line}: ${read.ok ? '' : read.error.text}`);
        count++;
      }
    }
    assert.ok(count > 0);
  });

  for (const page of pages) {
    const lines = commandLinesOf(page);
    if (lines.length === 0) continue;
    it(`${page.path}: every command line it shows is one`, async () => {
      for (const line of lines) await assert.doesNotReject(parseCommandLine(line), `${page.path}: parley ${line}`);
    });
  }

  it('the page of dependencies names each of them', () => {
    const page = pages.find(({ path }) => path === 'docs/dependencies.md');
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies });
    assert.deepEqual(
      needed.filter(name => !name.startsWith('@types/') && !page?.text.includes(`\`${name}\``)),
      [],
    );
  });

  it('the index names every page', () => {
    const index = pages.find(page => page.path === 'docs/README.md');
    assert.ok(index);
    const named = new Set(linksOf(index).map(({ target }) => normalize(join('docs', target.split('#')[0] ?? ''))));
    const missing = pages.filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && path !== index.path && !named.has(path));
    assert.deepEqual(
      missing.map(page => page.path),
      [],
    );
  });
});

/** What stands after `parley` in consoles; lines in which something is left out are no command lines. */
function commandLinesOf({ blocks }: Page): readonly string[] {
  const consoles = blocks.filter(({ language }) => language === 'console' || language === 'text');
  return consoles
    .flatMap(block => [...block.text.matchAll(/^(?:(?:\w+ +)?\$ )?(?:\.\/)?parley (.*)$/gm)])
    .map(match => (match[1] as string).replace(/ +# .*$/, '').replaceAll(/\$\([^)]*\)/g, 'X'))
    .filter(line => !line.includes('…'));
}

/** Links to files of this checkout and to headings; those to the web are nobody's to check here. */
function linksOf({ text }: Page): readonly { readonly target: string; readonly line: number }[] {
  const plain = text.replaceAll(/^```[^]*?^```$/gm, block => block.replaceAll(/[^\n]/g, ''));
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(match => ({ target: match[1] as string, line: plain.slice(0, match.index).split('\n').length }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

const anchors = new Map<string, ReadonlySet<string>>();

/** Anchors as forges make them from headings: small letters, blanks to hyphens, other signs dropped. */
function anchorsOf(file: string): ReadonlySet<string> {
  const known = anchors.get(file);
  if (known) return known;
  const text = statSync(join(root, file)).isFile() ? readFileSync(join(root, file), 'utf8') : '';
  const made = new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
  anchors.set(file, made);
  return made;
}
