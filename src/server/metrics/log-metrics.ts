import { counter, gauge, type Metric } from '../../observe/metrics.ts';
import type { ServerLog } from '../../observe/server-log.ts';

/** What became of the lines of the log, and of what it tells of ourselves. */
export function logMetrics(log: Pick<ServerLog, 'state'>): readonly Metric[] {
  return [
    counter('parley_faults_total', 'Faults of this server itself, each one in the log: to be reported.', () => log.state.faults),
    counter('parley_log_lines_lost_total', 'Lines of the log lost because they could not be written.', () => log.state.lost),
    gauge('parley_log_waiting_bytes', 'Lines of the log that wait to be written.', () => log.state.waitingBytes),
  ];
}

/** What keeps the log from being written now, as sentences for `/readyz`: it is said, and takes nothing from those who are served. */
export function logProblems(log: Pick<ServerLog, 'state'>): readonly string[] {
  const { problem, lost } = log.state;
  if (!problem) return [];
  const since = new Date(problem.sinceMs).toISOString();
  return [`The log cannot be written: ${problem.reason} (since ${since}; ${lost} lines lost since the start).`];
}
