import type { ChangeRequest } from './change-request.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { ConfigurationReader } from './configuration-reader.ts';
import type { ManagementPorts } from './management-ports.ts';
import type { UserIndex } from './user-index.ts';

/** One running command: what it may use and for whom it runs. */
export interface CommandContext extends ChangeRequest {
  readonly ports: ManagementPorts;
  readonly configuration: ConfigurationReader;
  readonly users: UserIndex;
  readonly writer: ChangeWriter;
  readonly tenant?: string;
}
