import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ApiTarget } from './api-target.ts';
import type { ShownFailure } from './failure-output.ts';

/** Longer than any command takes, bulk commands included. */
const timeoutMs = 300_000;

/** An object as the API sends it. */
export interface AnsweredObject {
  readonly identity: string;
  readonly version: number;
  readonly [attribute: string]: unknown;
}

/** What became of one item of a command on many. */
export interface AnsweredItem {
  readonly identity: string;
  readonly status: 'done' | 'unchanged' | 'failed';
  readonly failure?: ShownFailure;
  readonly password?: string;
}

/** The answer to a command. */
export interface CommandAnswer {
  readonly kind: 'read' | 'changed' | 'unchanged' | 'whatIf';
  readonly objects: readonly AnsweredObject[];
  readonly message: string;
  readonly notices: readonly string[];
  readonly revision?: number;
  readonly changes?: readonly {
    readonly noun: string;
    readonly identity: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
  readonly items?: readonly AnsweredItem[];
}

/** Sends a command to a server. Fails with API_UNREACHABLE, API_ANSWER_UNUSABLE, or what the server refused it with. */
export async function sendCommand(
  target: ApiTarget,
  name: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Result<CommandAnswer, ShownFailure>> {
  const path = `/api/v1/commands/${encodeURIComponent(name)}`;
  const posted = await post(target, path, JSON.stringify(parameters));
  if (!posted.ok) return posted;
  const { status, text } = posted.value;
  const body = parseObject(text);
  if (status === 200 && isAnswer(body)) return ok(body);
  if (status >= 400 && isFailure(body)) return err(body);
  return err(failure('API_ANSWER_UNUSABLE', { url: target.url, status }));
}

/** Not fetch(): that refuses ports a server may well have, 5061 among them. */
async function post(target: ApiTarget, path: string, body: string): Promise<Result<{ status: number; text: string }>> {
  try {
    const url = new URL(target.url + path);
    const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    const headers = {
      authorization: `Bearer ${target.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const outgoing = request(url, { method: 'POST', headers, signal: AbortSignal.timeout(timeoutMs) });
    const received = Promise.withResolvers<{ status: number; text: string }>();
    outgoing.on('error', received.reject);
    outgoing.on('response', response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', received.reject);
      response.on('end', () => received.resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
    return ok(await received.promise);
  } catch (cause) {
    return err(failure('API_UNREACHABLE', { url: target.url, reason: reasonOf(cause) }, cause));
  }
}

function reasonOf(cause: unknown): string {
  const { code, name, message } = cause as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'its name is not in DNS',
    EAI_AGAIN: 'DNS gives no answer',
    ECONNRESET: 'it closed the connection',
    EHOSTUNREACH: 'there is no way to that address',
    ERR_INVALID_URL: 'the address is no URL',
    TimeoutError: `no answer within ${timeoutMs / 1000} seconds`,
  };
  return known[code ?? ''] ?? known[name] ?? message;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(body: object | undefined): body is CommandAnswer {
  return body !== undefined && 'kind' in body && 'objects' in body && Array.isArray(body.objects);
}

function isFailure(body: object | undefined): body is ShownFailure {
  return body !== undefined && 'code' in body && 'text' in body && 'fix' in body;
}
