import { type BenchResults, type BenchSummary, summarise } from '../bench-results.ts';
import { peerNames } from '../peers/peer.ts';
import { peerTitles } from './results-table.ts';

const width = 760;
const left = 190;
const barHeight = 14;
const gap = 12;
const top = 56;
/** Not compared by time for a unit, or with themselves alone. */
const otherJobs: readonly string[] = ['idle', 'flat', 'workers'];
const colours = { parley: '#2f6fb0', kamailio: '#c9812f', relay: '#8a8f98', other: '#5b9a5b' } as const;

/** docs/performance.svg: processor time for each unit, by job, as a multiple of Kamailio's, or of Parley's where there is no Kamailio. */
export function performanceChart(results: BenchResults): string {
  const measured = summarise(results.runs).filter(({ job, median }) => median !== undefined && !otherJobs.includes(job));
  const groups = [...Map.groupBy(measured, ({ name }) => name)];
  const reference = measured.some(({ peer }) => peer === 'kamailio') ? 'kamailio' : 'parley';
  const ratioOf = (one: BenchSummary, group: readonly BenchSummary[]) =>
    cpuOf(one) / cpuOf(group.find(({ peer }) => peer === reference));
  const ratios = groups.flatMap(([, group]) => group.map(one => ratioOf(one, group))).filter(Number.isFinite);
  const scale = (width - left - 110) / Math.max(1, ...ratios);
  let y = top;
  const parts = groups.flatMap(([name, group]) => {
    const begin = y;
    const bars = group.map(one => {
      const ratio = ratioOf(one, group);
      const length = Number.isFinite(ratio) ? ratio * scale : 0;
      const at = y;
      y += barHeight + 2;
      const label = `${(cpuOf(one) * 1000).toFixed(0)} µs${Number.isFinite(ratio) ? ` · ${ratio.toFixed(2)}` : ''}`;
      return (
        `<rect x="${left}" y="${at}" width="${length.toFixed(1)}" height="${barHeight}" fill="${colours[one.peer]}"/>` +
        `<text x="${(left + length + 6).toFixed(1)}" y="${at + 11}">${label}</text>`
      );
    });
    const middle = (begin + y) / 2 + 3;
    y += gap;
    return [`<text x="${left - 10}" y="${middle}" text-anchor="end">${name}</text>`, ...bars];
  });
  const one = left + scale;
  const line = `<line x1="${one.toFixed(1)}" y1="${top - 6}" x2="${one.toFixed(1)}" y2="${y}" stroke="#444" stroke-dasharray="3 3"/>`;
  const title = `<text x="16" y="22" font-size="15" font-weight="bold">Processor time for one unit (${peerTitles[reference]} = 1)</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 8}" viewBox="0 0 ${width} ${y + 8}" font-family="sans-serif" font-size="11" fill="#222">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    title,
    ...legend(),
    line,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function legend(): readonly string[] {
  return peerNames.map((peer, i) => {
    const x = 16 + i * 110;
    return `<rect x="${x}" y="32" width="10" height="10" fill="${colours[peer]}"/><text x="${x + 15}" y="41">${peerTitles[peer]}</text>`;
  });
}

function cpuOf(summary: BenchSummary | undefined): number {
  return summary?.median?.cpuSecondsPer1000 ?? Number.NaN;
}
