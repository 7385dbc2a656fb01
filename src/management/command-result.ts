import type { Failure } from '../base/failure.ts';
import type { AppliedCount } from '../replication/snapshot-pusher.ts';

/** An object as a command shows it. `version` is 0 for a global object that still has its defaults. */
export interface ObjectView {
  readonly identity: string;
  readonly version: number;
  readonly [attribute: string]: unknown;
}

/** What a change did, or with WhatIf would do, to one object. `before: null` = created, `after: null` = removed. */
export interface ChangeView {
  readonly noun: string;
  readonly identity: string;
  readonly before: ObjectView | null;
  readonly after: ObjectView | null;
}

/** What became of one item of a command on many. A generated password is here and nowhere else, once. */
export interface ItemOutcome {
  readonly identity: string;
  readonly status: 'done' | 'unchanged' | 'failed';
  readonly failure?: Failure;
  readonly password?: string;
}

/** What a command returns. */
export interface CommandResult {
  readonly kind: 'read' | 'changed' | 'unchanged' | 'whatIf';
  /** The objects read, or as they are after the change. */
  readonly objects: readonly ObjectView[];
  /** One sentence for people. */
  readonly message: string;
  /** Consequences an admin should know of, one sentence each. */
  readonly notices: readonly string[];
  /** The last revision this command made. */
  readonly revision?: number;
  /** Nodes and Edges that run from the new configuration already. */
  readonly applied?: AppliedCount;
  readonly changes?: readonly ChangeView[];
  readonly items?: readonly ItemOutcome[];
}
