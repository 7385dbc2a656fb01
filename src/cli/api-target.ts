import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { parseJson } from '../base/json.ts';
import { isLoopbackHost } from '../base/loopback.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseApiTokens } from '../management/http-api/api-token.ts';

/** The server a command talks to. */
export interface ApiTarget {
  readonly url: string;
  readonly token: string;
  /** PEM: authorities its certificate may come from beside those every program knows. */
  readonly caPem?: string;
  /** The name its certificate has to bear; absent: the host of the URL. */
  readonly certificateName?: string;
}

/** How the command line or the environment may name it. */
export interface TargetOptions {
  readonly api?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly lab?: string;
  readonly org?: string;
  readonly config?: string;
}

const LabFile = z.object({
  orgs: z.array(z.object({ name: z.string(), api: z.object({ url: z.string(), token: z.string() }) })),
});

/**
 * Finds the server: --api, else --lab, else --config, else the environment.
 * Fails with API_TARGET_UNKNOWN, API_ADDRESS_UNUSABLE, API_ADDRESS_INSECURE, TOKEN_FILE_NOT_GIVEN, FILE_UNUSABLE, ORGANISATION_NOT_GIVEN,
 * ORGANISATION_UNKNOWN, or what reading the configuration file fails with.
 */
export async function findTarget(
  options: TargetOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<ApiTarget>> {
  const target = await namedTarget(options, env);
  if (!target.ok) return target;
  const { url } = target.value;
  // before the token leaves this machine
  if (!isSafe(url)) return err(failure('API_ADDRESS_INSECURE', { api: url }));
  const caFile = options.caFile ?? env.PARLEY_CA_FILE;
  if (caFile === undefined) return target;
  const ca = readTextFile(caFile, '--ca-file');
  if (!ca.ok) return ca;
  if (!ca.value.includes('-----BEGIN CERTIFICATE-----')) {
    return err(failure('FILE_UNUSABLE', { file: caFile, option: '--ca-file', problem: 'it holds no certificate in PEM' }));
  }
  return ok({ ...target.value, caPem: [target.value.caPem ?? '', ca.value].join('\n') });
}

/** Whether what is sent there stays on this machine, or is sealed by TLS on its way. */
function isSafe(url: string): boolean {
  return /^https:/i.test(url) || isLoopbackHost(URL.parse(url)?.hostname ?? '');
}

async function namedTarget(
  options: TargetOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<ApiTarget>> {
  if (options.api !== undefined) return targetWithTokenFile(options.api, options.tokenFile ?? env.PARLEY_TOKEN_FILE);
  if (options.lab !== undefined) return targetOfLab(options.lab, options.org);
  if (options.config !== undefined) return targetOfConfiguration(options.config, options.tokenFile);
  if (env.PARLEY_API) return targetWithTokenFile(env.PARLEY_API, options.tokenFile ?? env.PARLEY_TOKEN_FILE);
  return err(failure('API_TARGET_UNKNOWN'));
}

function targetWithTokenFile(api: string, tokenFile: string | undefined): Result<ApiTarget> {
  if (!/^https?:\/\/[^/]/i.test(api) || !URL.canParse(api)) return err(failure('API_ADDRESS_UNUSABLE', { api }));
  if (tokenFile === undefined) return err(failure('TOKEN_FILE_NOT_GIVEN', { api }));
  const text = readTextFile(tokenFile, '--token-file');
  if (!text.ok) return text;
  const token = parseApiTokens(text.value)[0]?.token;
  if (token === undefined)
    return err(failure('FILE_UNUSABLE', { file: tokenFile, option: '--token-file', problem: 'it holds no token' }));
  return ok({ url: api.replace(/\/+$/, ''), token });
}

function targetOfLab(lab: string, org: string | undefined): Result<ApiTarget> {
  const text = readTextFile(lab, '--lab');
  if (!text.ok) return text;
  const file = LabFile.safeParse(parseJson(text.value));
  if (!file.success) return err(failure('FILE_UNUSABLE', { file: lab, option: '--lab', problem: 'it is no lab.json' }));
  const orgs = file.data.orgs.map(entry => entry.name).join(', ');
  if (org === undefined) return err(failure('ORGANISATION_NOT_GIVEN', { orgs }));
  const found = file.data.orgs.find(entry => entry.name.toLowerCase() === org.toLowerCase());
  if (found) return ok({ url: found.api.url.replace(/\/+$/, ''), token: found.api.token });
  return err(failure('ORGANISATION_UNKNOWN', { org, orgs }));
}

async function targetOfConfiguration(path: string, tokenFile: string | undefined): Promise<Result<ApiTarget>> {
  const { readConfigurationFile } = await import('../server/configuration-file.ts');
  const configuration = readConfigurationFile(path);
  if (!configuration.ok) return configuration;
  if (configuration.value.role !== 'frontend') {
    return err(
      failure('FILE_UNUSABLE', { file: path, option: '--config', problem: 'it is of an Edge, which has no management API' }),
    );
  }
  const { name, api } = configuration.value;
  const { host, port, tokenFile: own, tls } = api;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  const target = targetWithTokenFile(`${tls ? 'https' : 'http'}://${reachable}:${port}`, tokenFile ?? own);
  if (!target.ok || !tls) return target;
  // who may read this file may believe the certificate it names, whoever issued that
  const chain = readTextFile(tls.certificateFile, '--config');
  return chain.ok ? ok({ ...target.value, caPem: chain.value, certificateName: name }) : chain;
}

/** Reads a text file that an option names. Fails with FILE_UNUSABLE. */
export function readTextFile(file: string, option: string): Result<string> {
  try {
    return ok(readFileSync(file, 'utf8'));
  } catch (cause) {
    return err(failure('FILE_UNUSABLE', { file, option, problem: fileProblem(cause) }, cause));
  }
}
