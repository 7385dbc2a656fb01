import { type ErrorCode, errorRegistry } from '../base/errors/registry.ts';
import { type FailureDetails, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** An object as the management API shows it. */
export interface ManagedObject {
  readonly identity: string;
  readonly [attribute: string]: unknown;
}

/** The part of an answer that the lab looks at. */
export interface CommandAnswer {
  readonly objects: readonly ManagedObject[];
  readonly items?: readonly {
    readonly identity: string;
    readonly status: string;
    readonly failure?: { readonly code: string };
  }[];
  /** Beside the objects, what some commands answer. */
  readonly [field: string]: unknown;
}

/** One call: a Verb-CsNoun and its parameters. */
export interface CommandCall {
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The management API of one organisation, as an admin's program uses it. */
export class ManagementClient {
  readonly organisation: string;
  readonly url: string;
  readonly #token: string;

  constructor(organisation: string, url: string, token: string) {
    this.organisation = organisation;
    this.url = url;
    this.#token = token;
  }

  /** Runs one command. Fails as the command does, or with LAB_API_UNREACHABLE or LAB_API_ANSWER_UNKNOWN. */
  async run({ command, parameters }: CommandCall): Promise<Result<CommandAnswer>> {
    const { organisation, url } = this;
    let status: number;
    let body: Readonly<Record<string, unknown>>;
    try {
      const response = await fetch(`${url}/api/v1/commands/${command}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: JSON.stringify(parameters),
      });
      status = response.status;
      body = (await response.json()) as Readonly<Record<string, unknown>>;
    } catch (cause) {
      const { message, cause: reason } = cause as Error;
      const text = reason instanceof Error ? reason.message : message;
      return err(failure('LAB_API_UNREACHABLE', { organisation, url, reason: text }, cause));
    }
    if (status < 300) return ok(body as unknown as CommandAnswer);
    const code = String(body.code);
    if (code in errorRegistry) return err(failure(code as ErrorCode, (body.details ?? {}) as FailureDetails));
    const advice = String(body.fix ?? '');
    return err(failure('LAB_API_ANSWER_UNKNOWN', { organisation, command, status, code, text: String(body.text ?? ''), advice }));
  }
}
