// The rules of the standards in docs/rules/*.yaml: read and checked for tools/spec-references.mjs. Nothing is believed that is not there:
// each file and each test that a rule names has to exist.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';

const levels = new Set(['MUST', 'SHOULD']);
const keys = new Set(['at', 'level', 'rule', 'code', 'tests', 'otherwise', 'not-applicable']);

/** All documents with their rules, and what is wrong with them. */
export function readRules(root) {
  const problems = [];
  const documents = globSync('docs/rules/*.yaml', { cwd: root })
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map(file => ({ file, name: basename(file, '.yaml'), rules: readDocument(root, file, problems) }));
  return { documents, problems };
}

function readDocument(root, file, problems) {
  const rules = parse(readFileSync(`${root}${file}`, 'utf8'));
  for (const [index, rule] of rules.entries()) {
    for (const problem of problemsOf(root, rule)) problems.push(`${file}, rule ${index + 1} (${rule.at}): ${problem}`);
  }
  return rules;
}

function problemsOf(root, rule) {
  const problems = Object.keys(rule)
    .filter(key => !keys.has(key))
    .map(key => `${key} is no key of a rule`);
  if (!levels.has(rule.level) || typeof rule.at !== 'string' || typeof rule.rule !== 'string')
    problems.push('at, level or rule is missing');
  const reasons = [rule.otherwise, rule['not-applicable']].filter(reason => reason !== undefined);
  const isKept = rule.tests !== undefined;
  if (reasons.length + (isKept ? 1 : 0) !== 1)
    problems.push('it needs tests, or otherwise, or not-applicable, and one of them only');
  if (isKept && (rule.tests.length === 0 || !rule.code?.length))
    problems.push('a rule that is kept names its code and its tests');
  for (const path of rule.code ?? []) if (!existsSync(`${root}${path}`)) problems.push(`there is no ${path}`);
  for (const test of rule.tests ?? []) {
    const { path, name } = testOf(test);
    if (!existsSync(`${root}${path}`)) problems.push(`there is no ${path}`);
    else if (name !== undefined && !readFileSync(`${root}${path}`, 'utf8').includes(name))
      problems.push(`${path} has no test "${name}"`);
  }
  return problems;
}

/** `file` or `file: part of the test's name`. */
function testOf(text) {
  const colon = text.indexOf(': ');
  return colon < 0 ? { path: text, name: undefined } : { path: text.slice(0, colon), name: text.slice(colon + 2) };
}

/** The part of the page that shows them. */
export function renderRules(documents, link) {
  const count = kind => documents.reduce((sum, { rules }) => sum + rules.filter(rule => rule[kind] !== undefined).length, 0);
  const sections = documents.map(({ name, rules }) => {
    const rows = rules.map(rule => `| ${rule.at} | ${rule.level} | ${cell(rule.rule)} | ${standing(rule, link)} |`);
    return `### ${name}\n\n| Section | | Rule | Kept by |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `## Rule by rule

Each MUST and SHOULD of the parts of standards that bind a server most, from [docs/rules/](rules/README.md): ${count('tests')} are kept, and a test
shows it; ${count('otherwise')} are not, on purpose; ${count('not-applicable')} never concern a server of Parley.

${sections.join('\n')}`;
}

function standing(rule, link) {
  if (rule.otherwise !== undefined) return `by design otherwise: ${cell(rule.otherwise)}`;
  if (rule['not-applicable'] !== undefined) return `not applicable: ${cell(rule['not-applicable'])}`;
  const tests = rule.tests.map(test => {
    const { path, name } = testOf(test);
    return name === undefined ? link(path) : `${link(path)}: ${cell(name)}`;
  });
  return `${rule.code.map(link).join('<br>')}<br>**tested:** ${tests.join('<br>')}`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
