import { hashText } from '../base/hash-text.ts';
import { branchCookie } from '../sip/via.ts';
import type { ConnectionTransport } from '../wire/connection.ts';

/** Most workers that one Front End has. */
export const maxWorkers = 16;

/** A client's connection as every worker can name it: which one holds it, and what it runs over. */
export interface FlowName {
  readonly slot: number;
  readonly transport: ConnectionTransport;
}

/** What the ids of connections begin with that a worker accepts on a listener for clients. */
export function flowPrefix({ slot, transport }: FlowName): string {
  return `${slot}-${transport}-`;
}

/** Reads which worker holds a flow; undefined for an id of no worker's making. */
export function readFlowName(flow: string): FlowName | undefined {
  const [, slot, transport] = /^(\d{1,2})-(TLS|TCP|WSS|WS)-/.exec(flow) ?? [];
  return slot === undefined ? undefined : { slot: Number(slot), transport: transport as ConnectionTransport };
}

/** What a worker's branches have after the cookie, so that whoever gets the answer knows whose it is. */
export function branchMark(slot: number): string {
  return `w${slot}.`;
}

const markLetter = 'w'.charCodeAt(0);

/** The worker that sent the request with this branch; undefined where no worker marked it. */
export function slotOfBranch(branch: string | undefined): number | undefined {
  if (branch?.charCodeAt(branchCookie.length) !== markLetter) return undefined;
  const end = branch.indexOf('.', branchCookie.length);
  const slot = Number(branch.slice(branchCookie.length + 1, end));
  return end > 0 && Number.isInteger(slot) ? slot : undefined;
}

/**
 * The worker where a user's presence is kept. It hangs on the number of workers and not on which of them are alive, so that it never moves
 * while they run.
 */
export function homeSlot(aor: string, workers: number): number {
  return hashText(aor) % workers;
}
