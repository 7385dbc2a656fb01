/** Within 4xx these say most about what the client can do next (rfc3261 16.7 step 6). */
const telling = new Set([401, 407, 415, 420, 484]);

/**
 * Whether a final response of status `candidate` should go back rather than `best`: 6xx first, then the lowest class, 503 and 430 last.
 * Of two that say much the lower one goes, whichever came first: the answer does not depend on who was quicker.
 */
export function isBetterResponse(candidate: number, best: number | undefined): boolean {
  return best === undefined || rank(candidate) < rank(best);
}

function rank(status: number): number {
  if (status >= 600) return 0;
  // rfc5626 5.3.1: 430 tells of one dead flow, 503 of one server; neither speaks for the user
  if (status === 430 || status === 503) return 9;
  if (status >= 300 && status < 400) return 3;
  if (status >= 400 && status < 500) return telling.has(status) ? 4 + status / 1000 : 4.5;
  return 5;
}
