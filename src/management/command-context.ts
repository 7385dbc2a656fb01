import type { ChangeWriter } from './change-writer.ts';
import type { ConfigurationReader } from './configuration-reader.ts';
import type { ManagementPorts } from './management-ports.ts';
import type { UserIndex } from './user-index.ts';

/** What every change command takes beside its own parameters. */
export interface ChangeOptions {
  /** Say what would change, change nothing. */
  readonly whatIf: boolean;
  /** Version of the object the caller has read (If-Match); another one is a conflict. */
  readonly expectedVersion?: number;
}

/** One running command: what it may use and for whom it runs. */
export interface CommandContext {
  readonly ports: ManagementPorts;
  readonly configuration: ConfigurationReader;
  readonly users: UserIndex;
  readonly writer: ChangeWriter;
  /** `Verb-CsNoun`, for failures. */
  readonly name: string;
  /** The command with its parameters and without secrets: goes into the revision. */
  readonly summary: string;
  readonly actor: string;
  readonly tenant?: string;
  readonly options: ChangeOptions;
}
