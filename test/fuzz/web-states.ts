import { readFileSync } from 'node:fs';
import { randomToken } from '../../src/base/random.ts';
import { credentialsFor, rawRequest, registration } from '../attacks/attacker.ts';
import type { LabUnderTest } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import type { BareServer } from '../torture/bare-client.ts';
import { apiInputs } from './api-grammar.ts';
import { RawConnection } from './raw-connection.ts';
import type { ServerState } from './server-state.ts';
import type { Parties } from './sip-grammar.ts';
import { nextUpgradeInput, textFrame, upgradeRequest, webSocketInputs } from './websocket-grammar.ts';

const alice = 'alice@contoso.test';

/** The names of the states of the ports that speak HTTP to clients and admins. */
export const webStateNames: readonly string[] = [
  'upgrade',
  'websocket-stranger',
  'websocket-client',
  'api-stranger',
  'api-admin',
];

/** The states of connections to the WebSocket port of contoso and to its management API. */
export function webStates(lab: LabUnderTest, parties: Parties, messages: readonly string[]): readonly ServerState[] {
  const { frontEnd, api } = lab.organisation('contoso');
  const ca = readFileSync(lab.file.ca, 'utf8');
  const webSocket: BareServer = { host: frontEnd.host, port: Number(new URL(frontEnd.wssUrl).port), fqdn: frontEnd.fqdn, ca };
  const management = new URL(api.url);
  const openApi = () => RawConnection.openTcp(management.hostname, Number(management.port));
  const frames = { corpus: 'websocket', seeds: messages.map(textFrame), next: webSocketInputs(parties, messages) } as const;
  const status = 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  return [
    {
      name: 'upgrade',
      corpus: 'upgrade',
      seeds: [upgradeRequest],
      next: nextUpgradeInput,
      open: () => RawConnection.openTls(webSocket),
    },
    { ...frames, name: 'websocket-stranger', open: () => openWebSocket(webSocket) },
    { ...frames, name: 'websocket-client', open: () => openSignedIn(webSocket) },
    { name: 'api-stranger', corpus: 'api', seeds: [status], next: apiInputs(undefined), open: openApi },
    { name: 'api-admin', corpus: 'api', seeds: [status], next: apiInputs(api.token), open: openApi },
  ];
}

async function openWebSocket(server: BareServer): Promise<RawConnection> {
  const connection = await RawConnection.openTls(server);
  connection.write(upgradeRequest);
  await until('the WebSocket', () => /^HTTP\/1\.1 101 /.exec(connection.received) ?? undefined);
  return connection;
}

/** Signs alice in with digest. */
async function openSignedIn(server: BareServer): Promise<RawConnection> {
  const connection = await openWebSocket(server);
  const callId = randomToken(8);
  connection.write(textFrame(rawRequest(registration(alice, callId, 1))));
  const challenge = await until('the challenge', () => /^WWW-Authenticate: (.*)\r$/m.exec(connection.received)?.[1]);
  const challenged = { startLine: '', headers: [['WWW-Authenticate', challenge]], body: '' } as const;
  const credentials = credentialsFor(challenged, alice, 'pw-alice');
  connection.write(textFrame(rawRequest(registration(alice, callId, 2, credentials))));
  await until('the registration', () => /SIP\/2\.0 200 /.exec(connection.received) ?? undefined);
  return connection;
}
