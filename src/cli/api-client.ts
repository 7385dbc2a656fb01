import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { connectionProblem } from '../base/connection-problem.ts';
import { type Failure, FailureError, failure } from '../base/failure.ts';
import { parseJson } from '../base/json.ts';
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

/**
 * Asks a server for something long. Its bytes as they come; reading them throws FailureError with API_UNREACHABLE when the connection
 * breaks. Fails as `sendCommand`.
 */
export async function download(target: ApiTarget, path: string): Promise<Result<AsyncIterable<Uint8Array>, ShownFailure>> {
  const answered = await ask(target, 'GET', path);
  if (!answered.ok) return answered;
  const response = answered.value;
  if (response.statusCode === 200) return ok(readOn(response, target));
  const read = await readText(response, target);
  if (!read.ok) return read;
  const body = parseObject(read.value);
  return err(isFailure(body) ? body : failure('API_ANSWER_UNUSABLE', { url: target.url, status: response.statusCode }));
}

async function* readOn(response: IncomingMessage, target: ApiTarget): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (cause) {
    throw new FailureError(unreachable(target, cause));
  }
}

async function post(target: ApiTarget, path: string, body: string): Promise<Result<{ status: number; text: string }>> {
  const answered = await ask(target, 'POST', path, body);
  if (!answered.ok) return answered;
  const text = await readText(answered.value, target);
  return text.ok ? ok({ status: answered.value.statusCode ?? 0, text: text.value }) : text;
}

/** Not fetch(): that refuses ports a server may well have, 5061 among them. */
async function ask(target: ApiTarget, method: string, path: string, body = ''): Promise<Result<IncomingMessage>> {
  try {
    const url = new URL(target.url + path);
    const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    const content = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const headers = { authorization: `Bearer ${target.token}`, ...(method === 'POST' ? content : {}) };
    const trust = url.protocol === 'https:' ? await trustOf(target) : {};
    const outgoing = request(url, { method, headers, signal: AbortSignal.timeout(timeoutMs), ...trust });
    const received = Promise.withResolvers<IncomingMessage>();
    outgoing.on('error', received.reject);
    outgoing.on('response', received.resolve);
    outgoing.end(body);
    return ok(await received.promise);
  } catch (cause) {
    return err(unreachable(target, cause));
  }
}

/** Whose certificates are believed: those of authorities every program knows, and of those the target names. */
async function trustOf({ caPem, certificateName }: ApiTarget): Promise<RequestOptions> {
  const { getCACertificates } = await import('node:tls');
  return {
    ...(caPem === undefined ? {} : { ca: [...getCACertificates('default'), caPem], allowPartialTrustChain: true }),
    ...(certificateName === undefined ? {} : { servername: certificateName }),
  };
}

async function readText(response: IncomingMessage, target: ApiTarget): Promise<Result<string>> {
  try {
    let text = '';
    response.setEncoding('utf8');
    for await (const part of response) text += part as string;
    return ok(text);
  } catch (cause) {
    return err(unreachable(target, cause));
  }
}

function unreachable({ url }: ApiTarget, cause: unknown): Failure {
  return failure('API_UNREACHABLE', { url, reason: reasonOf(cause, url) }, cause);
}

const unknownAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** What Node tells of a certificate that does not bear the name asked for. */
interface CertificateNameError {
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

function reasonOf(cause: unknown, url: string): string {
  const { code, name, message, host, cert } = cause as NodeJS.ErrnoException & CertificateNameError;
  const known: Readonly<Record<string, string>> = {
    ERR_INVALID_URL: 'the address is no URL',
    TimeoutError: `no answer within ${timeoutMs / 1000} seconds`,
  };
  if (code === 'EPROTO' && message.includes('wrong version number')) return 'it speaks no TLS: its address begins with http:';
  if (code?.startsWith('HPE_')) return 'what listens there speaks no HTTP';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is for ${cert?.subjectaltname || 'no name'}, not for ${host}: give an address with a name that it bears`;
  }
  if (code === 'ECONNRESET' && /^http:/i.test(url))
    return 'it closed the connection, as one does whose address begins with https:';
  if (unknownAuthority.has(code ?? '')) return 'its certificate is of an authority not known here: name that one with --ca-file';
  return known[code ?? ''] ?? known[name] ?? connectionProblem(cause);
}

function parseObject(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}

function isAnswer(body: object | undefined): body is CommandAnswer {
  return body !== undefined && 'kind' in body && 'objects' in body && Array.isArray(body.objects);
}

function isFailure(body: object | undefined): body is ShownFailure {
  return body !== undefined && 'code' in body && 'text' in body && 'fix' in body;
}
