import { type BenchResults, type BenchSummary, summarise } from '../bench-results.ts';
import { type PeerName, peerNames } from '../peers/peer.ts';

/** Names of the servers, for people. */
export const peerTitles: Readonly<Record<PeerName, string>> = {
  parley: 'Parley',
  kamailio: 'Kamailio',
  relay: 'bare relay',
  other: 'the other commit',
};
/** Above this share of a processor others have disturbed the window. */
export const disturbedFrom = 0.15;
const loadColumns = ['', 'units/s', 'CPU-s/1000', '× Kamailio', '× relay', 'p50 ms', 'p99 ms', 'PSS MB', 'failed', 'other CPU'];
const idleColumns = ['', 'KB each', '× Kamailio', 'CPU-s/1000', 'PSS MB', 'failed', 'other CPU'];
const timedColumns = ['', 'seconds', 'CPU-s', 'PSS MB'];

/** All results as a table for a terminal: one block for each case, one line for each peer. */
export function resultsTable(results: BenchResults): string {
  const summaries = summarise(results.runs);
  const blocks = [...Map.groupBy(summaries, ({ name }) => name)].map(([name, group]) => {
    const absent = peerNames.flatMap(peer =>
      results.absent[peer] === undefined ? [] : `  ${peerTitles[peer]}: ${results.absent[peer]}\n`,
    );
    return `${name}: ${group[0]?.unit}\n${align(rowsOf(group))}${absent.join('')}`;
  });
  return [...blocks, ...results.skipped.map(line => `skipped ${line}\n`)].join('\n');
}

/** How much more CPU one takes for a unit than another; undefined where one of them has no figure. */
export function cpuRatio(of: BenchSummary, to: BenchSummary | undefined): number | undefined {
  const [a, b] = [of.median?.cpuSecondsPer1000, to?.median?.cpuSecondsPer1000];
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}

function rowsOf(group: readonly BenchSummary[]): readonly (readonly string[])[] {
  const [first] = group;
  const noResult = ({ peer, errors }: BenchSummary) => [peerTitles[peer], errors[0]?.split('\n')[0] ?? 'no result'];
  if (group.some(({ timed }) => timed !== undefined)) {
    return [timedColumns, ...group.map(summary => timedRow(summary) ?? noResult(summary))];
  }
  if (first?.job === 'idle') return [idleColumns, ...group.map(summary => idleRow(summary, group) ?? noResult(summary))];
  return [loadColumns, ...group.map(summary => loadRow(summary, group) ?? noResult(summary))];
}

function loadRow(summary: BenchSummary, group: readonly BenchSummary[]): readonly string[] | undefined {
  const { peer, median, failed } = summary;
  const to = (other: PeerName) => {
    const ratio =
      peer === other
        ? undefined
        : cpuRatio(
            summary,
            group.find(one => one.peer === other),
          );
    return ratio === undefined ? '' : ratio.toFixed(2);
  };
  return (
    median && [
      peerTitles[peer],
      median.unitsPerSecond.toFixed(0),
      median.cpuSecondsPer1000.toFixed(4),
      to('kamailio'),
      to('relay'),
      median.p50Ms.toFixed(2),
      median.p99Ms.toFixed(2),
      median.pssMegabytes.toFixed(0),
      String(failed),
      disturbanceOf(summary),
    ]
  );
}

function idleRow(summary: BenchSummary, group: readonly BenchSummary[]): readonly string[] | undefined {
  const { peer, median, failed } = summary;
  const other = group.find(one => one.peer === 'kamailio')?.median?.pssKilobytesPerConnection;
  const each = median?.pssKilobytesPerConnection ?? 0;
  const ratio = peer === 'kamailio' || !other ? '' : (each / other).toFixed(2);
  const { cpuSecondsPer1000 = 0, pssMegabytes = 0 } = median ?? {};
  const figures = [each.toFixed(1), ratio, cpuSecondsPer1000.toFixed(3), pssMegabytes.toFixed(0), String(failed)];
  return median && [peerTitles[peer], ...figures, disturbanceOf(summary)];
}

function timedRow({ peer, timed }: BenchSummary): readonly string[] | undefined {
  return timed && [peerTitles[peer], timed.seconds.toFixed(3), timed.cpuSeconds.toFixed(2), timed.pssMegabytes.toFixed(0)];
}

function disturbanceOf({ disturbance }: BenchSummary): string {
  return `${disturbance.toFixed(2)}${disturbance > disturbedFrom ? ' disturbed' : ''}`;
}

/** Rows as lines: the first column to the left, the others to the right. A row of two cells is a name and a sentence. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.filter(row => row.length > 2).map(row => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)));
  return rows.map(row => `  ${line(row).join('  ').trimEnd()}\n`).join('');
}
