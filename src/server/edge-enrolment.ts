import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { fileProblem, makingProblem } from '../base/file-problem.ts';
import { makeFolder } from '../base/make-folder.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type EnrolmentBundle, readEnrolmentBundle } from '../replication/enrolment.ts';
import { createEnrolmentRequest, issueEnrolmentCertificate } from '../replication/enrolment-certificate.ts';
import { readConfigurationFile } from './configuration-file.ts';
import type { EdgeServerConfiguration } from './server-configuration.ts';
import { writeWholeFile } from './whole-file.ts';

/** The copy of the bundle that an Edge has taken: it counts from then on, and does not expire. */
export function takenEnrolmentFile(dataFolder: string): string {
  return join(dataFolder, 'enrolment.json');
}

/** Reads an Edge's configuration file. Fails as `readConfigurationFile`, or with ROLE_IS_NO_EDGE for a Front End's. */
export function readEdgeConfiguration(path: string): Result<EdgeServerConfiguration> {
  const configuration = readConfigurationFile(path);
  if (!configuration.ok) return configuration;
  return configuration.value.role === 'edge' ? ok(configuration.value) : err(failure('ROLE_IS_NO_EDGE', { path }));
}

/** What preparing an Edge left: the key stays where it is, the request is to be signed by the internal CA. */
export interface PreparedEdge {
  readonly fqdn: string;
  readonly keyFile: string;
  readonly requestFile: string;
}

/** Makes the Edge's internal key and the request for its certificate (D27). An existing key is never replaced: fails with FILE_EXISTS. */
export async function prepareEdge(configuration: EdgeServerConfiguration): Promise<Result<PreparedEdge>> {
  const { keyFile, certificateFile } = configuration.internal;
  if (existsSync(keyFile)) return err(failure('FILE_EXISTS', { path: keyFile }));
  const { keyPem, requestPem } = await createEnrolmentRequest(configuration.name);
  const requestFile = `${certificateFile}.csr`;
  const written = writeFiles([
    [keyFile, keyPem, 0o600],
    [requestFile, requestPem, 0o644],
  ]);
  return written.ok ? ok({ fqdn: configuration.name, keyFile, requestFile }) : written;
}

/** Files of the internal CA, and what it is to sign. */
export interface SigningOrder {
  readonly requestFile: string;
  /** The names the certificate bears: those the topology knows the Edge by, whatever the request says. */
  readonly names: readonly string[];
  readonly authorityFile: string;
  readonly authorityKeyFile: string;
  readonly days: number;
}

/** Signs an Edge's request where the internal CA is. The chain as PEM; fails with FILE_NOT_READ or ENROLMENT_BUNDLE_UNREADABLE. */
export async function signEdgeRequest(order: SigningOrder, clock: Clock): Promise<Result<string>> {
  const texts: string[] = [];
  for (const path of [order.requestFile, order.authorityFile, order.authorityKeyFile]) {
    try {
      texts.push(readFileSync(path, 'utf8'));
    } catch (cause) {
      return err(failure('FILE_NOT_READ', { path, reason: fileProblem(cause) }, cause));
    }
  }
  const [requestPem, certificatePem, keyPem] = texts as [string, string, string];
  try {
    createPublicKey(certificatePem);
    return await issueEnrolmentCertificate(requestPem, order.names, { certificatePem, keyPem, chainPem: '' }, order.days, clock);
  } catch (cause) {
    return err(failure('FILE_NOT_READ', { path: order.authorityFile, reason: 'it is no usable CA with its key' }, cause));
  }
}

/** Takes an enrolment bundle on the Edge, replacing the one taken before. Fails with ENROLMENT_BUNDLE_UNREADABLE. */
export function takeEnrolment(configuration: EdgeServerConfiguration, bundleFile: string, clock: Clock): Result<EnrolmentBundle> {
  let text: string;
  try {
    text = readFileSync(bundleFile, 'utf8');
  } catch (cause) {
    return err(failure('ENROLMENT_BUNDLE_UNREADABLE', { source: bundleFile, reason: fileProblem(cause) }, cause));
  }
  const bundle = readEnrolmentBundle(text, bundleFile, configuration.name, clock.now());
  if (!bundle.ok) return bundle;
  const written = writeFiles([[takenEnrolmentFile(configuration.dataFolder), text, 0o600]]);
  return written.ok ? bundle : written;
}

function writeFiles(files: readonly (readonly [path: string, text: string, mode: number])[]): Result<void> {
  for (const [path, text, mode] of files) {
    try {
      makeFolder(dirname(path));
    } catch (cause) {
      return err(failure('FILE_NOT_WRITTEN', { path, reason: makingProblem(cause) }, cause));
    }
    const written = writeWholeFile(path, text, mode);
    if (!written.ok) return written;
  }
  return ok(undefined);
}
