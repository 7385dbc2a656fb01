import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sipUriOf } from '../../src/lab/sip-address.ts';
import type { ForeignProcess } from './foreign-process.ts';
import { frontEndOf, type LabUser, type Scene, userOf } from './interop.ts';

/** Who signs in with linphonec. */
export interface LinphonecOptions {
  readonly address: string;
  /** A user whom the lab has not had from its start; signs in where `address` would. */
  readonly user?: LabUser;
  /** Instead of the user's own. */
  readonly password?: string;
  /** Whose presence it subscribes to. */
  readonly friends?: readonly string[];
}

/** What linphone says became of a message that it sent. */
export type DeliveryState = 'Delivered' | 'DeliveredToUser' | 'NotDelivered';

/** The console client of Linphone, for one user. It registers over TLS as soon as it starts. */
export class Linphonec {
  readonly #process: ForeignProcess;
  readonly #user: LabUser;

  private constructor(process: ForeignProcess, user: LabUser) {
    this.#process = process;
    this.#user = user;
  }

  /** Starts the client; it registers by itself. */
  static start(
    scene: Scene,
    { address, password, user = userOf(scene.lab, address), friends = [] }: LinphonecOptions,
  ): Linphonec {
    const folder = scene.folder('linphonec');
    // COMPAT linphonec 5.1.65: without this folder `chat` ends in a segmentation fault.
    mkdirSync(join(folder, '.local/share/linphone'), { recursive: true });
    const { fqdn, tlsPort } = frontEndOf(scene.lab, { address });
    const server = `${fqdn}:${tlsPort}`;
    const configuration = configurationOf({ ...user, password: password ?? user.password }, server, scene.lab.ca);
    writeFileSync(join(folder, 'rc'), `${configuration}${friends.map(friendOf).join('')}`);
    const process = scene.start({
      name: `linphonec of ${user.address}`,
      program: 'linphonec',
      // its own log, on stdout, is the only place that tells delivery and registration states
      args: ['-c', 'rc', '-C', '-d', '6'],
      folder,
      env: { HOME: folder, XDG_RUNTIME_DIR: folder },
    });
    return new Linphonec(process, user);
  }

  /** Starts the client and waits until the server has accepted its registration. */
  static async signIn(scene: Scene, address: string): Promise<Linphonec> {
    const client = Linphonec.start(scene, { address });
    await client.waitForRegistration('Ok');
    return client;
  }

  /** Waits until the registration is accepted, or has failed; the client's own words for it. */
  async waitForRegistration(state: 'Ok' | 'Failed'): Promise<string> {
    const moved = new RegExp(
      `identity \\[${literal(sipUriOf(this.#user.address))}\\] moving from state .* to \\[LinphoneRegistration${state}\\]`,
      // it writes escapes in small letters
      'i',
    );
    return (await this.#process.waitForOutput(moved))[0];
  }

  /** Everything the client has logged, with each SIP message sent and received. */
  get log(): string {
    return this.#process.output;
  }

  /** The statuses of the final answers to its requests of a method. */
  answersTo(method: string): readonly number[] {
    const answer = new RegExp(`^SIP/2\\.0 ([2-6]\\d\\d) (?:.+\\r?\\n)+?CSeq: \\d+ ${method}\\b`, 'gim');
    return [...this.log.matchAll(answer)].map(found => Number(found[1]));
  }

  /** Waits until it shows a friend in this state, in its own word, after the first `start` characters of its log. */
  async waitForFriend(address: string, state: string, start = 0): Promise<void> {
    await this.#process.waitForOutput(new RegExp(`^Friend .*<sip:${literal(address)}> is ${literal(state)}$`, 'm'), { start });
  }

  /** Sends a message; resolves with what linphone says became of it. `DeliveredToUser` means the other client confirmed it (rfc5438). */
  async chat(to: string, text: string, state: DeliveryState): Promise<void> {
    const start = this.#process.output.length;
    this.#process.send(`chat ${sipUriOf(to)} ${text}`);
    await this.#process.waitForOutput(
      new RegExp(`peer=IdentityAddress\\(${literal(sipUriOf(to))}\\).* : moving from \\w+ to ${state}$`, 'mi'),
      {
        start,
      },
    );
  }

  /** Waits until a message has arrived. */
  async waitForMessage(from: string, text: string): Promise<void> {
    await this.#process.waitForOutput(new RegExp(`Message received from ${literal(sipUriOf(from))}: ${literal(text)}$`, 'mi'));
  }

  /** Signs out and ends. */
  async quit(): Promise<void> {
    this.#process.send('quit');
    await this.#process.waitForExit(10_000);
  }
}

/** COMPAT linphonec 5.1.65: with a port of 0 it has no TLS either; -1 takes a free one. */
function configurationOf({ address, login, password }: LabUser, server: string, ca: string): string {
  const domain = address.slice(address.indexOf('@') + 1);
  return `[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=-1
root_ca=${ca}
register_only_when_network_is_up=0
default_proxy=0
[auth_info_0]
username=${login}
passwd=${password}
realm=${domain}
domain=${domain}
[proxy_0]
reg_proxy=<sip:${server};transport=tls>
reg_route=<sip:${server};transport=tls>
reg_identity=${sipUriOf(address)}
reg_expires=600
reg_sendregister=1
publish=1
`;
}

function friendOf(address: string, index: number): string {
  return `[friend_${index}]\nurl=<sip:${address}>\npol=accept\nsubscribe=1\n`;
}

/** A pattern that matches exactly this text. */
function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
