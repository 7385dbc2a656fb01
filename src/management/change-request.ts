import type { Principal } from './principal.ts';

/** What every change command takes beside its own parameters. */
export interface ChangeOptions {
  /** Say what would change, change nothing. */
  readonly whatIf: boolean;
  /** Version of the object the caller has read (If-Match); another one is a conflict. */
  readonly expectedVersion?: number;
}

/** Which change is asked for, and by whom. */
export interface ChangeRequest {
  /** `Verb-CsNoun`, for failures. */
  readonly name: string;
  /** The command with its parameters and without secrets: goes into the revision. */
  readonly summary: string;
  /** For whom: the author of the revision. */
  readonly principal: Principal;
  readonly options: ChangeOptions;
}
