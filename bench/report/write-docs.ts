import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchResults } from '../bench-results.ts';
import { performanceChart } from './performance-chart.ts';
import { performancePage } from './performance-page.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

/** The figures that the page in docs/ is made from. */
export const figuresFile = `${docs}performance.json`;
/** The page itself. */
export const pageFile = `${docs}performance.md`;

/** Writes docs/performance.md, .svg and .json. */
export function writeDocs(results: BenchResults): void {
  const before = existsSync(pageFile) ? readFileSync(pageFile, 'utf8') : '';
  writeFileSync(pageFile, performancePage(results, before));
  writeFileSync(`${docs}performance.svg`, performanceChart(results));
  writeFileSync(figuresFile, `${JSON.stringify(results, null, 2)}\n`);
}
