import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sipUriOf } from '../../src/lab/sip-address.ts';
import type { ForeignProcess } from './foreign-process.ts';
import { frontEndOf, type LabUser, type Scene, userOf } from './interop.ts';
import { NetstringReader, netstring } from './netstring.ts';

/** What baresip tells about its calls and registrations. */
export interface BaresipEvent {
  readonly type: string;
  readonly peeruri?: string;
  readonly param?: string;
}

const arrivalMs = 10_000;
const pollMs = 20;
const interfaceAddress = '10.99.0.2';

/** baresip for one user. It registers over TLS and subscribes as soon as it starts; its contact is the one it watches and sends messages to. */
export class Baresip {
  readonly #process: ForeignProcess;
  readonly #control: Socket;
  readonly #events: BaresipEvent[] = [];
  #answered: ((data: string) => void) | undefined;

  private constructor(process: ForeignProcess, control: Socket) {
    this.#process = process;
    this.#control = control;
    const reader = new NetstringReader(text => {
      const message = JSON.parse(text) as BaresipEvent & {
        readonly event?: boolean;
        readonly token?: string;
        readonly data?: string;
      };
      if (message.event === true) this.#events.push(message);
      else this.#answered?.(message.data ?? '');
    });
    control.on('data', bytes => reader.take(bytes));
  }

  /**
   * Starts the client and waits until the server has accepted its registration. `controlPort` has to be free. `user`: somebody whom the lab has
   * not had from its start, and who signs in where `address` would.
   */
  static async signIn(
    scene: Scene,
    address: string,
    contact: string,
    controlPort: number,
    user = userOf(scene.lab, address),
  ): Promise<Baresip> {
    const folder = scene.folder('baresip');
    mkdirSync(folder, { recursive: true });
    const { fqdn, tlsPort } = frontEndOf(scene.lab, { address });
    writeFileSync(join(folder, 'config'), configurationOf(scene.lab.ca, controlPort));
    writeFileSync(join(folder, 'accounts'), accountOf(user, `${fqdn}:${tlsPort}`));
    writeFileSync(join(folder, 'contacts'), `"contact" <${sipUriOf(contact)}>;presence=p2p\n`);
    const process = scene.start({
      name: `baresip of ${user.address}`,
      program: 'baresip',
      args: ['-s', '-f', folder],
      folder,
      env: { HOME: folder },
    });
    const client = new Baresip(process, await connected(controlPort));
    scene.onFailure(`baresip of ${address}, events`, () => JSON.stringify(client.#events, undefined, 1));
    await process.waitForOutput(/\b200 OK.*\[1 binding|All 1 useragent registered successfully/i);
    return client;
  }

  /** Sends a message to the contact. */
  sendMessage(text: string): void {
    this.#command('message', text);
  }

  /** Waits until a message has arrived. */
  async waitForMessage(from: string, text: string): Promise<void> {
    await this.#process.waitForOutput(new RegExp(`${sipUriOf(from).replaceAll('.', '\\.')}.*: +"${text}"`));
  }

  /** Publishes that its user is there, or is not. */
  async publish(state: 'online' | 'offline'): Promise<void> {
    await this.#ask(`presence_${state}`);
  }

  /** Waits until it shows its contact in this state, in its own word. */
  async waitForContact(state: string): Promise<void> {
    let shown = '';
    for (let waitedMs = 0; waitedMs < arrivalMs; waitedMs += pollMs) {
      shown = await this.#ask('contacts');
      if (shown.includes(state)) return;
      await delay(pollMs);
    }
    throw new Error(`${this.#process.name} did not show ${state} within ${arrivalMs} ms, but: ${shown}`);
  }

  /** Calls somebody. */
  dial(address: string): void {
    this.#command('dial', `sip:${address}`);
  }

  /** Takes the call that rings. */
  accept(): void {
    this.#command('accept');
  }

  /** Ends or refuses the current call. */
  hangUp(): void {
    this.#command('hangup');
  }

  /** Waits for an event of this type after those already waited for. */
  async waitForEvent(type: string): Promise<BaresipEvent> {
    for (let waitedMs = 0; waitedMs < arrivalMs; waitedMs += pollMs) {
      const at = this.#events.findIndex(event => event.type === type);
      if (at >= 0) return this.#events.splice(0, at + 1).at(-1) as BaresipEvent;
      await delay(pollMs);
    }
    throw new Error(`${this.#process.name} had no ${type} within ${arrivalMs} ms`);
  }

  /** Waits until audio of the other end arrives; it goes from client to client. */
  async waitForAudio(): Promise<void> {
    await this.#process.waitForOutput(/incoming rtp for 'audio' established/);
  }

  /** COMPAT baresip 1.0.0: a command that arrives while another is carried out may get lost, so the next one waits for the answer. */
  #ask(command: string): Promise<string> {
    return new Promise(resolve => {
      this.#answered = resolve;
      this.#command(command);
    });
  }

  #command(command: string, params?: string): void {
    this.#control.write(netstring(JSON.stringify({ command, ...(params === undefined ? {} : { params }), token: command })));
  }
}

/** The control connection, as soon as baresip listens. */
async function connected(port: number): Promise<Socket> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const socket = connect({ host: '127.0.0.1', port });
    const failed = await new Promise<Error | undefined>(resolve => {
      socket.once('error', resolve).once('connect', () => resolve(undefined));
    });
    if (failed === undefined) {
      // it goes when baresip goes
      socket.on('error', () => {}).unref();
      return socket;
    }
    if (waitedMs > arrivalMs) throw failed;
    await delay(pollMs);
  }
}

/** COMPAT baresip 1.0.0: it uses no loopback address, and prints messages only while its stdin is open. */
function configurationOf(ca: string, controlPort: number): string {
  return `sip_listen ${interfaceAddress}:0
sip_cafile ${ca}
net_interface client0
audio_player aubridge,x
audio_source aubridge,x
audio_alert aubridge,ring
module_path /usr/lib/baresip/modules
module stdio.so
module ctrl_tcp.so
module g711.so
module aubridge.so
module_app account.so
module_app contact.so
module_app presence.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:${controlPort}
`;
}

function accountOf({ address, login, password }: LabUser, server: string): string {
  return `<${sipUriOf(address)};transport=tls>;auth_user=${login};auth_pass=${password};outbound="sip:${server};transport=tls";regint=600;pubint=120\n`;
}
