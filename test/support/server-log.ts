/** A request that a server refused, as its log has it. */
export interface LoggedRefusal {
  readonly code: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly msg: string;
}

/** The lines of a log with this event, oldest first. A last line that is still being written is left out. */
export function logEvents(log: string, event: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = log.slice(0, log.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(entry => entry.event === event);
}

/** The requests that the server refused. */
export function refusalsIn(log: string): readonly LoggedRefusal[] {
  return logEvents(log, 'refused') as unknown as readonly LoggedRefusal[];
}
