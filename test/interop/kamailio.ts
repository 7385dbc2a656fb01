import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { createPeerPathVerifier } from '../../src/certificates/peer-path.ts';
import { parseTrustStore } from '../../src/certificates/trust-store.ts';
import { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import type { LabUnderTest } from '../support/lab-under-test.ts';
import { PartnerConnection } from '../support/partner-connection.ts';
import { until } from '../support/until.ts';
import { ForeignProcess } from './foreign-process.ts';
import { isInstalled, kamailioProgram, unshareProgram } from './foreign-program.ts';
import {
  type IdentityFiles,
  type KamailioPorts,
  type KamailioSettings,
  kamailioConfig,
  kamailioTlsConfig,
} from './kamailio-config.ts';

/** An organisation that a Kamailio serves, before it runs. */
export interface KamailioPlan {
  readonly domain: string;
  readonly ports: KamailioPorts;
}

const host = '127.0.0.33';
const password = 'pw-northwind';
const launcher = fileURLToPath(new URL('../../parley', import.meta.url));
/** The first process of a namespace: with it all others end, and it ends with whoever holds its stdin. */
const unshareOptions = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child'];
const guarded = [...unshareOptions, 'sh', '-c', 'kamailio "$@" & cat', 'kamailio'];

/** What is missing here to run Kamailio with TLS, in one line. */
export function kamailioObstacle(): string | undefined {
  for (const { program, debianPackage } of [unshareProgram, kamailioProgram]) {
    if (!isInstalled(program)) return `${program} is not installed: apt-get install ${debianPackage}`;
  }
  const modules = ['/usr/lib*/kamailio/modules/tls.so', '/usr/lib*/*/kamailio/modules/tls.so'].flatMap(path => globSync(path));
  if (modules.length === 0) return 'kamailio has no TLS module: apt-get install kamailio-tls-modules';
  const tried = spawnSync(unshareProgram.program, [...unshareOptions, 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `process namespaces cannot be made here: ${tried.stderr.trim()}`;
}

/** Chooses free ports for an organisation. */
export async function planKamailio(domain: string): Promise<KamailioPlan> {
  const servers = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, host);
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  const [users = 0, partners = 0, open = 0] = ports;
  return { domain, ports: { users, partners, open } };
}

/** The records by which partners find it. */
export function zoneOf({ domain, ports }: KamailioPlan): readonly string[] {
  return [`_sipfederationtls._tcp.${domain} SRV 0 0 ${ports.partners} sip.${domain}`, `sip.${domain} A ${host}`];
}

/** A certificate from the lab's CA, by `parley lab issue`. */
export function issueFiles(lab: LabUnderTest, fqdn: string, eku: 'server' | 'client' | 'both'): IdentityFiles {
  const folder = join(lab.folder, 'issued', `${fqdn}-${eku}`);
  const args = ['lab', 'issue', fqdn, '--json', '--dir', lab.folder, '--out', folder, '--eku', eku];
  return JSON.parse(execFileSync(launcher, args, { encoding: 'utf8' })) as IdentityFiles;
}

/** A running Kamailio: the whole of an organisation that federates with contoso. */
export class Kamailio {
  readonly domain: string;
  readonly ports: KamailioPorts;
  readonly #lab: LabUnderTest;
  readonly #process: ForeignProcess;
  readonly #endpoints: TestEndpoint[] = [];

  private constructor(lab: LabUnderTest, { domain, ports }: KamailioPlan, process: ForeignProcess) {
    this.domain = domain;
    this.ports = ports;
    this.#lab = lab;
    this.#process = process;
  }

  /** Starts it; resolves when it accepts connections. To partners it shows `identity`. */
  static async start(lab: LabUnderTest, plan: KamailioPlan, identity: IdentityFiles): Promise<Kamailio> {
    const { domain, ports } = plan;
    const folder = join(lab.folder, `kamailio-${domain}`);
    mkdirSync(folder);
    const { fqdn, host: edgeHost, federationPort } = lab.organisation('contoso').edge;
    const settings: KamailioSettings = {
      domain,
      host,
      ports,
      password,
      partner: { domain: 'contoso.test', edgeFqdn: fqdn, edgeHost, edgePort: federationPort },
      userIdentity: issueFiles(lab, `sip.${domain}`, 'both'),
      partnerIdentity: identity,
      ca: lab.file.ca,
    };
    const [configFile, tlsConfigFile] = [join(folder, 'kamailio.cfg'), join(folder, 'tls.cfg')];
    writeFileSync(configFile, kamailioConfig(settings, tlsConfigFile));
    writeFileSync(tlsConfigFile, kamailioTlsConfig(settings));
    const args = ['-DD', '-E', '-m', '64', '-M', '8', '-f', configFile, '-Y', folder];
    const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
    const started = new ForeignProcess({ name: 'kamailio', program: 'unshare', args: [...guarded, ...args], folder, env });
    const kamailio = new Kamailio(lab, plan, started);
    try {
      await until('Kamailio accepts connections', () => accepts(ports.users));
    } catch (fault) {
      await kamailio.stop();
      throw new Error(started.output, { cause: fault });
    }
    return kamailio;
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#process.output;
  }

  /** A user with a client, signed in with digest. */
  async signIn(login: string): Promise<TestEndpoint> {
    const trust = parseTrustStore(readFileSync(this.#lab.file.ca, 'utf8'), this.#lab.file.ca);
    if (!trust.ok) throw new Error(trust.error.text);
    const endpoint = new TestEndpoint({
      address: `${login}@${this.domain}`,
      login,
      password,
      host,
      port: this.ports.users,
      serverName: `sip.${this.domain}`,
      verifier: createPeerPathVerifier(trust.value, systemClock),
      clock: systemClock,
    });
    this.#endpoints.push(endpoint);
    const answer = await endpoint.signIn();
    if (!answer.ok || answer.value.status !== 200)
      throw new Error(`${login} cannot sign in: ${JSON.stringify(answer)}\n${this.log}`);
    return endpoint;
  }

  /** A connection over which it passes everything on to the partner, and every answer back, untouched. */
  openRelay(): Promise<PartnerConnection> {
    const fqdn = `sip.${this.domain}`;
    return PartnerConnection.open(this.#lab.issue(fqdn), { fqdn, host, port: this.ports.open });
  }

  async stop(): Promise<void> {
    for (const endpoint of this.#endpoints) endpoint.close();
    await this.#process.stop();
  }
}

async function accepts(port: number): Promise<true | undefined> {
  const socket = connect({ host, port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
