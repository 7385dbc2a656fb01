import { type FaultTaker, surfaceFault } from '../base/boundary.ts';
import { bufferOf, noBytes } from '../base/bytes.ts';
import { frameKinds, jsonPayload, readJsonPayload } from './frame.ts';
import type { WorkerMesh } from './worker-mesh.ts';

/** What is asked of another worker, or answered: a plain value and bytes. */
export interface CallContent {
  readonly value: unknown;
  readonly bytes: Uint8Array;
}

/** Answers what other workers ask. */
export type CallHandler = (content: CallContent, slot: number) => CallContent;

interface Waiting {
  readonly slot: number;
  readonly answered: (answer: CallContent | undefined) => void;
}

/** Questions to other workers. They arrive in the order in which they were asked, and are answered in that order. */
export class WorkerCalls {
  readonly #mesh: WorkerMesh;
  readonly #waiting = new Map<string, Waiting>();
  #next = 0;

  /** `onFault` is told of faults of the handler. */
  constructor(mesh: WorkerMesh, handler: CallHandler, onFault: FaultTaker = surfaceFault) {
    this.#mesh = mesh;
    mesh.onFrame(frameKinds.call, (slot, key, payload) => {
      mesh.send(
        slot,
        frameKinds.reply,
        key,
        answerOf(payload, content => handler(content, slot), onFault),
      );
    });
    mesh.onFrame(frameKinds.reply, (_slot, key, payload) => {
      this.#settle(key, payload.length === 0 ? undefined : unpack(payload));
    });
    mesh.onDown(slot => {
      for (const [key, waiting] of [...this.#waiting]) if (waiting.slot === slot) this.#settle(key, undefined);
    });
  }

  /** Asks a worker. `answered` is called once, later; with nothing where the worker is not there, dies before it answers, or fails to by a fault. */
  ask(slot: number, content: CallContent, answered: (answer: CallContent | undefined) => void): void {
    const key = String(this.#next++);
    this.#waiting.set(key, { slot, answered });
    if (!this.#mesh.send(slot, frameKinds.call, key, pack(content))) setImmediate(() => this.#settle(key, undefined));
  }

  #settle(key: string, answer: CallContent | undefined): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    waiting?.answered(answer);
  }
}

/** The reply to a call; one that a fault of ours came in the way of is empty, for whoever asked is waiting. */
function answerOf(payload: Uint8Array, handler: (content: CallContent) => CallContent, onFault: FaultTaker): Uint8Array {
  try {
    return pack(handler(unpack(payload)));
  } catch (fault) {
    onFault(fault);
    return noBytes;
  }
}

function pack({ value, bytes }: CallContent): Uint8Array {
  const text = jsonPayload(value);
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(text.length);
  return Buffer.concat([head, text, bytes]);
}

function unpack(payload: Uint8Array): CallContent {
  const block = bufferOf(payload);
  const end = 4 + block.readUInt32BE(0);
  return { value: readJsonPayload(block.subarray(4, end)), bytes: block.subarray(end) };
}
