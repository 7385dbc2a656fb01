import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ForeignProcess } from './foreign-process.ts';
import { frontEndOf, type Scene } from './interop.ts';
import { answersMessage, registers, type SippUser, scenarioOf, stays } from './sipp-scenario.ts';

/** A started sipp. */
interface Sipp {
  readonly process: ForeignProcess;
  /** All messages that it has sent and received so far, as text. */
  messages(): string;
}

const longestRunSeconds = 15;
const arrivalMs = 10_000;
const pollMs = 20;

/** Runs sipp to the end over TCP with the Front End of a user. The exit code is 0 if every answer was the expected one. */
export async function runSipp(
  scene: Scene,
  user: SippUser,
  ...steps: readonly string[]
): Promise<{ readonly exit: number | string; readonly messages: string }> {
  const sipp = startSipp(scene, user, steps);
  const exit = await sipp.process.waitForExit((longestRunSeconds + 5) * 1000);
  return { exit, messages: sipp.messages() };
}

/** A sipp that has registered and answers what arrives: every MESSAGE with 200, or as the given steps say. */
export class SippReceiver {
  readonly #sipp: Sipp;

  private constructor(sipp: Sipp) {
    this.#sipp = sipp;
  }

  /** Resolves when the server has accepted the registration. */
  static async signIn(scene: Scene, user: SippUser, ...answer: readonly string[]): Promise<SippReceiver> {
    const receiver = new SippReceiver(startSipp(scene, user, [registers(user, 200), stays()], answer));
    await receiver.waitFor(/^SIP\/2\.0 200 .*\r?\n(?:.+\r?\n)*?CSeq: 2 REGISTER/im);
    return receiver;
  }

  /** Waits until a MESSAGE with this text has arrived; its head. */
  waitForMessage(text: string): Promise<string> {
    return this.waitFor(new RegExp(`^MESSAGE sip:(?:.+\\r?\\n)+\\r?\\n${text}`, 'm'));
  }

  /** Everything it has sent and received. */
  get messages(): string {
    return this.#sipp.messages();
  }

  /** Closes the connection. */
  stop(): Promise<void> {
    return this.#sipp.process.stop();
  }

  /** Waits until what it has sent and received matches; what matched. */
  async waitFor(pattern: RegExp): Promise<string> {
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      const found = pattern.exec(this.#sipp.messages());
      if (found) return found[0];
      if (waitedMs > arrivalMs) throw new Error(`${this.#sipp.process.name} did not see ${pattern} within ${arrivalMs} ms`);
      await delay(pollMs);
    }
  }
}

/** COMPAT sipp 3.6.1: a request outside the scenario's call reaches it over TCP only with a scenario for such calls (-oocsf). */
function startSipp(scene: Scene, user: SippUser, steps: readonly string[], answer: readonly string[] = []): Sipp {
  const { host, tcpPort } = frontEndOf(scene.lab, user);
  const name = `sipp of ${user.address}`;
  const folder = scene.folder(`sipp-${user.login}`);
  const contentOf = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '');
  writeFileSync(join(folder, 'scenario.xml'), scenarioOf(user.login, ...steps));
  writeFileSync(join(folder, 'answer.xml'), scenarioOf('answer', ...(answer.length > 0 ? answer : [answersMessage()])));
  const scenarios = ['-sf', 'scenario.xml', '-oocsf', 'answer.xml'];
  const traces = ['-trace_msg', '-message_file', 'messages.log', '-trace_err', '-error_file', 'errors.log'];
  const ids = user.callId === undefined ? [] : ['-cid_str', user.callId];
  const limits = ['-m', '1', '-timeout', `${longestRunSeconds}s`, '-timeout_error', '-recv_timeout', '10000', '-nostdin'];
  scene.onFailure(`${name}, messages`, () => contentOf('messages.log'));
  scene.onFailure(`${name}, errors`, () => contentOf('errors.log'));
  const process = scene.start({
    name,
    program: 'sipp',
    args: [`${host}:${tcpPort}`, '-t', 't1', '-i', '127.0.0.1', ...scenarios, ...ids, ...traces, ...limits],
    folder,
    env: { TERM: 'dumb' },
  });
  return { process, messages: () => contentOf('messages.log') };
}
