import { latin1FromBytes, utf8FromLatin1 } from '../base/bytes.ts';
import { parsePidf } from '../body/pidf.ts';
import { addressOfUri } from '../lab/sip-address.ts';
import { classOfAvailability, stateOfPidf } from '../services/presence/availability.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import { PlayEndpoint } from './play-endpoint.ts';
import { type PlayStage, playPassword } from './play-stage.ts';
import {
  fitsPattern,
  inverseOf,
  type Play,
  type PlayAction,
  type PlayChange,
  PlayError,
  type PlayHeaders,
  type PlayReceive,
  type PlayStep,
} from './play-step.ts';

/**
 * Plays a play; throws PlayError at the step that did not come true, and where something came that the play does not tell of. On a
 * stage without a virtual clock the play ends where it needs one. What it changed is changed back.
 */
export async function runPlay(play: Play, stage: PlayStage): Promise<void> {
  const run = new PlayRun(stage);
  try {
    for (const step of play.steps) {
      if (step.needsVirtualClock && stage.passTime === undefined) break;
      await playStep(run, play, step);
    }
    await stage.settle();
    const surplus = run.surplus();
    if (surplus !== undefined) throw new PlayError({ file: play.file, line: play.steps.at(-1)!.line }, surplus);
  } finally {
    await run.end();
  }
}

async function playStep(run: PlayRun, { file }: Play, { action, line, source }: PlayStep): Promise<void> {
  try {
    await run.perform(action);
  } catch (fault) {
    throw new PlayError({ file, line }, `${source}\n  ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

class PlayRun {
  readonly #stage: PlayStage;
  readonly #endpoints = new Map<string, PlayEndpoint>();
  readonly #changes: PlayChange[] = [];

  constructor(stage: PlayStage) {
    this.#stage = stage;
  }

  async perform(action: PlayAction): Promise<void> {
    switch (action.kind) {
      case 'sign-in':
        await this.#register(action.address, action.endpoint, playPassword(action.address), action.seconds);
        return this.#get(action.endpoint, 200, { with: [], without: [] });
      case 'try-sign-in':
        return this.#register(action.address, action.endpoint, action.password ?? playPassword(action.address), 600);
      case 'sign-out':
        this.#endpoint(action.endpoint).register(0);
        return this.#get(action.endpoint, 200, { with: [], without: [] });
      case 'disconnect':
        this.#endpoint(action.endpoint).disconnect();
        return this.#stage.settle();
      case 'expect-closed':
        return this.#expectClosed(this.#endpoint(action.endpoint));
      case 'send':
        return this.#endpoint(action.endpoint).send({ ...action, headers: action.headers.with });
      case 'answer':
        return this.#answer(this.#endpoint(action.endpoint), action.status, action.headers);
      case 'receive':
        return this.#receive(this.#endpoint(action.endpoint), action);
      case 'receive-nothing':
        await this.#stage.settle();
        return refuseFirst(this.#endpoint(action.endpoint).requests);
      case 'get':
        return this.#get(action.endpoint, action.status, action.headers);
      case 'change':
        this.#changes.push(action.change);
        return this.#stage.change(action.change);
      case 'pass-time':
        return this.#stage.passTime?.(action.seconds);
    }
  }

  /** What came and was not asked for, if anything. */
  surplus(): string | undefined {
    for (const [name, { requests, answers }] of this.#endpoints) {
      const [message] = [...requests, ...answers];
      if (message !== undefined) return `at the end of the play ${name} has something it does not tell of:\n${shown(message)}`;
    }
    return undefined;
  }

  async end(): Promise<void> {
    for (const endpoint of this.#endpoints.values()) endpoint.close();
    for (const change of this.#changes.toReversed()) await this.#stage.change(inverseOf(change));
    await this.#stage.settle();
  }

  #endpoint(name: string): PlayEndpoint {
    return this.#endpoints.get(name)!;
  }

  async #register(address: string, name: string, password: string, seconds: number): Promise<void> {
    const { clock } = this.#stage;
    const endpoint = this.#endpoints.get(name) ?? new PlayEndpoint({ address, password, clock });
    this.#endpoints.set(name, endpoint);
    endpoint.password = password;
    if (!endpoint.connected) endpoint.use(await this.#stage.connect(address, endpoint));
    endpoint.register(seconds);
  }

  async #get(name: string, status: number, headers: PlayHeaders): Promise<void> {
    const endpoint = this.#endpoint(name);
    const answer = await this.#stage.until(() => endpoint.answers.shift());
    if (answer === undefined) throw new Error('no answer came');
    if (answer.status !== status) throw new Error(`the answer is another:\n${shown(answer)}`);
    checkHeaders(answer, headers);
  }

  async #answer(endpoint: PlayEndpoint, status: number, headers: PlayHeaders): Promise<void> {
    await this.#stage.until(() => endpoint.owesAnswer || undefined);
    endpoint.answer(status, headers.with);
  }

  async #receive(endpoint: PlayEndpoint, wanted: PlayReceive): Promise<void> {
    const request = await this.#stage.until(() => endpoint.requests.shift());
    if (request === undefined) throw new Error('nothing came');
    const from = addressOfUri(request.from.uri);
    const fits =
      request.method === wanted.method &&
      (wanted.from === undefined || fitsPattern(wanted.from, from)) &&
      (wanted.text === undefined || fitsPattern(wanted.text, textOf(request)));
    if (!fits) throw new Error(`what came is another, with the text "${textOf(request)}":\n${shown(request)}`);
    checkHeaders(request, wanted.headers);
  }

  async #expectClosed(endpoint: PlayEndpoint): Promise<void> {
    if (!(await this.#stage.until(() => !endpoint.connected || undefined))) throw new Error('it is still connected');
  }
}

function checkHeaders(message: SipMessage, headers: PlayHeaders): void {
  for (const [name, pattern] of headers.with) {
    const values = message.all(name);
    if (values.some(value => fitsPattern(pattern, value))) continue;
    throw new Error(`${name} is ${values.join(' | ') || 'absent'}, not ${pattern}`);
  }
  for (const name of headers.without) if (message.has(name)) throw new Error(`${name} is there: ${message.get(name)}`);
}

function refuseFirst([request]: readonly SipRequest[]): void {
  if (request !== undefined) throw new Error(`something came:\n${shown(request)}`);
}

/** The body as text; of a NOTIFY the availability that it shows. */
function textOf(request: SipRequest): string {
  const text = utf8FromLatin1(latin1FromBytes(request.body));
  if (request.method !== 'NOTIFY' || text === '') return text;
  const document = parsePidf(request.body);
  return document.ok ? classOfAvailability(stateOfPidf(document.value).availability) : text;
}

function shown(message: SipMessage): string {
  return message.head.trimEnd().replace(/^/gm, '    ');
}
