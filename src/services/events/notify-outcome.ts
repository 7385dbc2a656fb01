/** How a NOTIFY fared, as its subscription sees it. */
export type NotifyOutcome =
  | 'arrived'
  /** The watcher is no more, or does not want it (rfc6665 4.2.2). */
  | 'gone'
  /** Nobody can say: it is told again, for what was promised is kept. */
  | 'lost';

/** Answers by which a subscription is over, whatever else they say (rfc6665 4.2.2), and 403: policy has cut the watcher off. */
const overStatuses: ReadonlySet<number> = new Set([403, 404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** Judges the final answer; no answer in time is 408, a broken connection 503. */
export function outcomeOf(status: number): NotifyOutcome {
  if (status >= 200 && status < 300) return 'arrived';
  return overStatuses.has(status) ? 'gone' : 'lost';
}
