import { readFileSync } from 'node:fs';
import { randomToken } from '../../src/base/random.ts';
import { computeDigestResponse, computeHa1 } from '../../src/identity/digest.ts';
import { parseAuthentication } from '../../src/sip/challenge.ts';
import type { LabUnderTest, OrganisationName, PartnerIdentity } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { BareClient, type BareMessage, headerOf } from '../torture/bare-client.ts';

/** A request of an attacker: nothing in it is checked before it goes. */
export interface RawRequest {
  readonly from: string;
  readonly to: string;
  readonly method?: string;
  readonly requestUri?: string;
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  /** Stands for the whole line of From. */
  readonly fromLine?: string;
  /** Further lines, exactly as they are written. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** A request as bytes, one character each. */
export function rawRequest(request: RawRequest): string {
  const { from, to, method = 'MESSAGE', callId = randomToken(8), cseq = 1, fromTag = 'f1', lines = [], body = '' } = request;
  const end = request.toTag === undefined ? '' : `;tag=${request.toTag}`;
  const head = [
    `${method} ${request.requestUri ?? `sip:${to}`} SIP/2.0`,
    `Via: SIP/2.0/TLS attacker.invalid;branch=z9hG4bK${randomToken(8)}`,
    'Max-Forwards: 70',
    request.fromLine ?? `From: <sip:${from}>;tag=${fromTag}`,
    `To: <sip:${to}>${end}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...lines,
    ...(body === '' ? [] : ['Content-Type: text/plain']),
    ...(lines.some(line => /^(content-length|l)\s*:/i.test(line)) ? [] : [`Content-Length: ${body.length}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Sends a request and gives its final answer. */
export async function exchange(client: BareClient, request: RawRequest): Promise<BareMessage> {
  const callId = request.callId ?? randomToken(8);
  const { method = 'MESSAGE', cseq = 1 } = request;
  const before = client.received.length;
  client.write(rawRequest({ ...request, callId }));
  return until(`an answer to ${method} from ${request.from}`, () => {
    const answer = client.received
      .slice(before)
      .find(
        message =>
          /^SIP\/2.0 [2-6]/.test(message.startLine) &&
          headerOf(message, 'Call-ID') === callId &&
          headerOf(message, 'CSeq') === `${cseq} ${method}`,
      );
    if (answer === undefined && client.closed) throw new Error('the server closed the connection');
    return answer;
  });
}

/** Status of an answer. */
export function statusOf(answer: BareMessage): number {
  return Number(answer.startLine.split(' ')[1]);
}

/** Status, and the id of ms-diagnostics where there is one: `403 4004`. */
export function verdictOf(answer: BareMessage): string {
  const id = /^\d+/.exec(headerOf(answer, 'ms-diagnostics') ?? '')?.[0];
  return id === undefined ? String(statusOf(answer)) : `${statusOf(answer)} ${id}`;
}

/** All values of a header, however it is written. */
export function valuesOf(message: BareMessage, name: string): readonly string[] {
  return message.headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

/** A connection to the Front End of an organisation, with nobody signed in; from another address than 127.0.0.1 where one is given. */
export function openClient(lab: LabUnderTest, name: OrganisationName, localAddress = '127.0.0.1'): Promise<BareClient> {
  const { host, tlsPort, fqdn } = lab.organisation(name).frontEnd;
  return BareClient.open({ host, port: tlsPort, fqdn, ca: readFileSync(lab.file.ca, 'utf8'), localAddress });
}

/** A connection to the Edge of contoso by whoever holds a certificate. */
export function openPartner(lab: LabUnderTest, identity: PartnerIdentity): Promise<BareClient> {
  const { host, federationPort, fqdn } = lab.organisation('contoso').edge;
  return BareClient.open({ host, port: federationPort, fqdn, ...identity });
}

/** A REGISTER of an address, with credentials where there are some. */
export function registration(address: string, callId: string, cseq: number, credentials?: string): RawRequest {
  const [user = '', domain = ''] = address.split('@');
  const contact = `Contact: <sip:${user}@client.invalid;transport=tls>;+sip.instance="<urn:uuid:${callId}>"`;
  const lines = [contact, 'Expires: 600', ...(credentials === undefined ? [] : [`Authorization: ${credentials}`])];
  return { method: 'REGISTER', requestUri: `sip:${domain}`, from: address, to: address, callId, cseq, lines };
}

let count = 0;

/** The answer to a challenge of REGISTER; each with a higher nonce count than those before. */
export function credentialsFor(challenged: BareMessage, address: string, password: string): string {
  const nc = (++count).toString(16).padStart(8, '0');
  const [username = '', domain = ''] = address.split('@');
  const challenge = parseAuthentication(headerOf(challenged, 'WWW-Authenticate') ?? '')?.params;
  const realm = challenge?.get('realm') ?? '';
  const given = {
    username,
    realm,
    nonce: challenge?.get('nonce') ?? '',
    uri: `sip:${domain}`,
    algorithm: 'MD5',
    qop: 'auth',
    cnonce: 'c0ffee',
    nc,
    response: '',
  } as const;
  const response = computeDigestResponse(computeHa1('MD5', username, realm, password), given, 'REGISTER');
  return (
    `Digest username="${username}", realm="${realm}", nonce="${given.nonce}", uri="${given.uri}", algorithm=MD5, ` +
    `qop=auth, cnonce="${given.cnonce}", nc=${nc}, response="${response}"`
  );
}

/** Registers a user with the lab's password on a connection; the credentials that did it. */
export async function signIn(client: BareClient, address: string): Promise<string> {
  const callId = randomToken(8);
  const challenged = await exchange(client, registration(address, callId, 1));
  const credentials = credentialsFor(challenged, address, `pw-${address.slice(0, address.indexOf('@'))}`);
  const answer = await exchange(client, registration(address, callId, 2, credentials));
  if (statusOf(answer) !== 200) throw new Error(`${address} is answered ${answer.startLine}`);
  return credentials;
}
