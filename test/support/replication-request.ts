import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { LabUnderTest, OrganisationName, ServerRole } from './lab-under-test.ts';

/** What the replication port of an Edge answers. */
export interface ReplicationAnswer {
  readonly status: number;
  readonly body: {
    readonly installed?: { readonly version: { readonly epoch: number; readonly number: number }; readonly hash: string } | null;
    readonly lastRefusal?: { readonly code: string; readonly text: string } | null;
    readonly pid?: number;
    readonly failure?: { readonly code: string; readonly text: string };
  };
}

/** A request to the replication port of contoso's Edge by whoever holds the internal certificate of the server `holder`. */
export async function askReplication(
  lab: LabUnderTest,
  holder: readonly [name: OrganisationName, role: ServerRole],
  method: 'GET' | 'POST',
  path: string,
  body?: string,
): Promise<ReplicationAnswer> {
  const configuration = parse(readFileSync(join(lab.serverFolder('contoso', 'edge'), 'server.yaml'), 'utf8')) as {
    readonly name: string;
    readonly replication: { readonly host: string; readonly port: number };
    readonly internal: { readonly authorityFile: string };
  };
  const secret = (file: string) => readFileSync(join(lab.serverFolder(...holder), file), 'utf8');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...configuration.replication,
        servername: configuration.name,
        ca: readFileSync(configuration.internal.authorityFile, 'utf8'),
        cert: secret('internal.pem'),
        key: secret('internal-key.pem'),
        method,
        path,
        agent: false,
      },
      incoming => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, body: JSON.parse(text) as ReplicationAnswer['body'] });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
