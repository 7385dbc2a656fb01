import { getHeapStatistics } from 'node:v8';
import type { RequestSizes } from '../transaction/request-limits.ts';
import type { ServerConfiguration } from './server-configuration.ts';

/** Of the largest heap, what requests on one side of a server may hold: both sides together stay far below what ends the process. */
const heapPart = 1 / 8;
/** So that a partner's share holds its largest message. */
const leastBytes = 64 * 1024 * 1024;

/** What requests may take on each side of one of so many processes that share the work. */
export function requestSizes({ outstandingRequests }: ServerConfiguration['limits'], processes = 1): RequestSizes {
  const requests = Math.ceil(outstandingRequests / processes);
  return {
    requests,
    bytes: Math.max(leastBytes, Math.floor(getHeapStatistics().heap_size_limit * heapPart)),
    calls: Math.ceil(requests / 5),
    transactions: requests * 8,
  };
}
