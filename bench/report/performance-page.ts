import { type BenchResults, type BenchRun, type BenchSummary, summarise } from '../bench-results.ts';
import { kamailioPeer } from '../peers/kamailio-peer.ts';
import { type PeerName, peerNames } from '../peers/peer.ts';
import { judgeBars } from './bars.ts';
import { cpuRatio, disturbedFrom, peerTitles } from './results-table.ts';

/** What is written by hand stands below this line and survives. */
const remarksMark = '<!-- Below this line nothing is generated. -->';

/** docs/performance.md: what was measured, how, and what came of it. Remarks of the page as it is are kept. */
export function performancePage(results: BenchResults, before: string): string {
  const summaries = summarise(results.runs);
  const remarks = before.includes(remarksMark) ? before.slice(before.indexOf(remarksMark) + remarksMark.length).trim() : '';
  return [
    '# What it costs',
    'Processor time, latency and memory of Parley beside Kamailio, a well-known SIP server in C, and beside a bare relay: the least that a',
    'server in Node can do with this traffic. Written by `npm run bench -- --write-docs` from the figures in `performance.json`.',
    '',
    '![Processor time for each unit](performance.svg)',
    '',
    '## Bars',
    '| | wanted | measured | |\n|---|---|---|---|',
    ...judgeBars(summaries).map(
      ({ what, wanted, measured, isMet }) => `| ${what} | ${wanted} | ${measured ?? '–'} | ${verdict(isMet)} |`,
    ),
    '',
    '## Figures',
    'Medians. CPU is user and system time of all processes of the server, microseconds for one unit. The host of a virtual machine may be',
    'slower tomorrow: ratios within one run say more than the figures themselves.',
    '',
    figuresTable(summaries),
    ...otherTables(summaries),
    ...absentLines(results),
    howMeasured(results),
    machineText(results),
    `${remarksMark}\n${remarks === '' ? '' : `\n${remarks}\n`}`,
  ].join('\n');
}

function figuresTable(summaries: readonly BenchSummary[]): string {
  const rows = summaries
    .filter(({ job, timed }) => job !== 'idle' && timed === undefined)
    .map(summary => {
      const { name, peer, median, failed, disturbance, errors } = summary;
      if (median === undefined)
        return `| ${name} | ${peerTitles[peer]} | ${errors[0]?.split('\n')[0] ?? 'no result'} | | | | | | | |`;
      const to = (other: PeerName) => {
        const ratio = cpuRatio(
          summary,
          summaries.find(one => one.name === name && one.peer === other),
        );
        return peer === other || ratio === undefined ? '' : ratio.toFixed(2);
      };
      const note = disturbance > disturbedFrom ? ' (disturbed)' : '';
      return `| ${name} | ${peerTitles[peer]} | ${(median.cpuSecondsPer1000 * 1000).toFixed(1)}${note} | ${to('kamailio')} | ${to('relay')} | ${median.unitsPerSecond.toFixed(0)} | ${median.p50Ms.toFixed(2)} | ${median.p99Ms.toFixed(2)} | ${median.pssMegabytes.toFixed(0)} | ${failed} |`;
    });
  const head = '| job | server | CPU µs | × Kamailio | × relay | units/s | p50 ms | p99 ms | PSS MB | failed |';
  return `${head}\n|---|---|---|---|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function otherTables(summaries: readonly BenchSummary[]): readonly string[] {
  const idle = summaries.flatMap(({ job, name, peer, median, failed }) =>
    job === 'idle' && median !== undefined
      ? `| ${name} | ${peerTitles[peer]} | ${median.pssKilobytesPerConnection?.toFixed(1)} | ${failed} |`
      : [],
  );
  const timed = summaries.flatMap(({ name, peer, timed: times }) =>
    times === undefined
      ? []
      : `| ${name} | ${peerTitles[peer]} | ${times.seconds.toFixed(3)} | ${times.cpuSeconds.toFixed(2)} | ${times.pssMegabytes.toFixed(0)} |`,
  );
  return [
    ...(idle.length === 0 ? [] : [`| memory | server | KB for each client | failed |\n|---|---|---|---|\n${idle.join('\n')}\n`]),
    ...(timed.length === 0 ? [] : [`| time | server | seconds | CPU-s | PSS MB |\n|---|---|---|---|---|\n${timed.join('\n')}\n`]),
  ];
}

function absentLines({ absent, skipped }: BenchResults): readonly string[] {
  const lines = [
    ...peerNames.flatMap(peer => (absent[peer] === undefined ? [] : [`- ${peerTitles[peer]}: ${absent[peer]}.`])),
    ...skipped.map(line => `- ${line}.`),
  ];
  return lines.length === 0 ? [] : ['Not measured:', '', ...lines, ''];
}

function howMeasured({ setting, runs }: BenchResults): string {
  const { seconds, warmSeconds, firstWarmSeconds, keep, users, domains, serverCpus, generatorCpus } = setting;
  return `## How it is measured
All servers run side by side and take turns: each job is measured ${timesText(runs)}, for ${seconds} seconds after ${warmSeconds} of warm-up (${firstWarmSeconds} the first time), one
server after the other in every repetition, while the processes of the others are stopped. Server processes are kept on processor ${serverCpus || 'any'}, the load generator on processor ${generatorCpus || 'any'}. What the rest of
the machine used in a window is recorded; more than ${disturbedFrom * 100} % of a processor is marked as disturbed. ${kamailioText(keep)}

Each organisation has ${users} users, who sign in with digest, and ${domains} allowed domains beside its partner. Everything goes over TLS 1.3 with
ECDSA P-256 certificates. Parley is the lab: a Front End and an Edge for each organisation, found by DNS. Kamailio is registrar, proxy,
presence server and partner-facing proxy in one, with bindings and presence in memory and its fast memory manager; it sends only for whom
has registered on that connection, and looks every partner domain up in its list. The bare relay frames by the empty line and
Content-Length and looks at nothing else.

| job | one unit | outstanding |
|---|---|---|
| im | MESSAGE of about 700 bytes from one user to another, and its 200 all the way back | 100 pairs, one each; paced: at that rate |
| federated | the same to a user of the other organisation, over mutual TLS between the two; all servers of both are counted | the same |
| session | INVITE, 200, ACK, MESSAGE in the dialog, 200, BYE, 200 | 100 pairs, one each |
| fanout | NOTIFY with a new document at a watcher, and its 200 | one PUBLISH until all watchers have it |
| register | REGISTER with digest on an open connection, and its 200 | 100 connections, one each |
| signin | TCP and TLS handshake, REGISTER, 401, REGISTER with digest, 200 | 32 |
| idle | growth of the proportional set size by one more signed-in client, on servers started for it | – |
| flat | im and federated with 50 pairs, in a small and a large deployment side by side | 50 pairs, one each |
| start | start of one Front End (of Kamailio: the whole server) until a TLS handshake with it is done | – |
| change | a new allowed domain, from the command until the Edge has acknowledged it | one |
| workers | im with several processes of one Front End, on all processors | 100 pairs, one each |

Latencies of jobs without a rate are those of a saturated server. A unit without an answer after 5 seconds, or with any answer but 2xx,
has failed.
`;
}

function kamailioText(keep: boolean): string {
  return keep
    ? 'Kamailio runs on from window to window like the others.'
    : `Kamailio is started anew for each\nwindow, with ${kamailioPeer.freshWarmSeconds} second of warm-up: so it was measured when the bars were set.`;
}

/** How often the jobs were measured: `4 times (im, signin: 8 times)`. */
function timesText(runs: BenchResults['runs']): string {
  const timesOf = new Map<string, number>();
  for (const windows of Map.groupBy(runs, ({ name, peer }) => `${peer} ${name}`).values()) {
    const { job } = windows[0] as BenchRun;
    const measured = windows.filter(({ error }) => error === undefined).length;
    timesOf.set(job, Math.max(measured, timesOf.get(job) ?? 0));
  }
  const jobsByTimes = [...Map.groupBy(timesOf, ([, times]) => times)].toSorted(([, a], [, b]) => b.length - a.length);
  const [usual, ...others] = jobsByTimes.map(([times, jobs]) => ({ times, jobs: jobs.map(([job]) => job).join(', ') }));
  const exceptions = others.map(({ times, jobs }) => `${jobs}: ${times} times`).join('; ');
  return `${usual?.times ?? 0} times${exceptions === '' ? '' : ` (${exceptions})`}`;
}

function machineText({ date, machine }: BenchResults): string {
  const { processor, processors, memoryGigabytes, kernel, node, openssl, versions } = machine;
  const servers = peerNames.flatMap(peer => (versions[peer] === undefined ? [] : [`${peerTitles[peer]} ${versions[peer]}`]));
  return `## Machine
${date.slice(0, 10)}, ${processor}, ${processors} processors, ${memoryGigabytes} GB, Linux ${kernel}, Node ${node} with OpenSSL ${openssl}; ${servers.join(', ')}.
`;
}

function verdict(isMet: boolean | undefined): string {
  if (isMet === undefined) return 'not measured';
  return isMet ? 'met' : '**not met**';
}
