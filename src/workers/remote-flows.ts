import type { Clock } from '../base/clock.ts';
import { addTo } from '../base/set-index.ts';
import type { Flow } from '../flow/flow.ts';
import type { SentBy } from '../flow/sent-by.ts';
import { sentByOver } from '../flow/sent-by.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipResponse } from '../sip/message.ts';
import { serverLimits } from '../sip/parse-limits.ts';
import { serialise } from '../sip/serialise.ts';
import { readWholeMessage } from '../sip/whole-message.ts';
import { readFlowName, slotOfBranch } from './flow-name.ts';
import { frameKinds } from './frame.ts';
import { WorkerFlow } from './worker-flow.ts';
import type { WorkerMesh } from './worker-mesh.ts';

/** What the flows of other workers are used by. */
export interface RemoteFlowsOptions {
  readonly mesh: WorkerMesh;
  readonly clock: Clock;
  /** How we name ourselves towards clients. */
  readonly side: SentBy;
  /** A flow of our own. */
  readonly own: (flow: string) => Flow | undefined;
  /** Told what the client of such a flow answers; what it asks, its own worker answers. */
  readonly onResponse: (flow: Flow, response: SipResponse) => void;
  /** Told when such a flow is no more. */
  readonly onEnded: (flow: Flow) => void;
}

/** Flows of which we remember that they are gone: the route of a dialog names them for days. */
const maxGone = 10_000;

/** Its queue was full: as if the endpoint were away for the moment. */
const unsentStatus = 480;

/**
 * Lets a worker write to clients that another one holds, as if it held them itself. Whoever decides about a request keeps its transaction;
 * the holder of the flow writes what it is given, unread, and hands the answers back by the mark in their branch.
 */
export class RemoteFlows {
  readonly #options: RemoteFlowsOptions;
  readonly #mesh: WorkerMesh;
  /** Flows of others that we write to. */
  readonly #flows = new Map<string, WorkerFlow>();
  readonly #gone = new Set<string>();
  /** Who writes to our own flows: only they get answers, and are told of the end. */
  readonly #writers = new Map<string, Set<number>>();

  constructor(options: RemoteFlowsOptions) {
    const { mesh } = options;
    this.#options = options;
    this.#mesh = mesh;
    mesh.onFrame(frameKinds.toFlow, (slot, flow, bytes) => this.#write(slot, flow, bytes));
    mesh.onFrame(frameKinds.fromFlow, (slot, flow, bytes) => this.#answered(slot, flow, bytes));
    mesh.onFrame(frameKinds.flowClosed, (slot, flow) => this.#closed(slot, flow));
    mesh.onDown(slot => this.#lost(slot));
  }

  /** The flow of a client that another worker holds; undefined where none is linked that could. */
  find(id: string): Flow | undefined {
    const known = this.#flows.get(id);
    if (known) return known;
    const name = readFlowName(id);
    if (name === undefined || name.slot === this.#mesh.place.slot || !this.#mesh.isUp(name.slot)) return undefined;
    if (this.#gone.has(id)) return undefined;
    const { clock, side } = this.#options;
    const flow = new WorkerFlow(this.#mesh, name.slot, id, sentByOver(side, name.transport), clock, () => this.#drop(flow));
    this.#flows.set(id, flow);
    return flow;
  }

  /** Hands a client's answer to the worker that asked; false if it is not for another one. */
  passBack(flow: Flow, response: SipResponse): boolean {
    const slot = slotOfBranch(response.topVia.branch);
    if (slot === undefined || !this.#writers.get(flow.id)?.has(slot)) return false;
    this.#mesh.send(slot, frameKinds.fromFlow, flow.id, messageBytes(response));
    return true;
  }

  /** A client's flow of our own has ended: those who wrote to it are told. */
  ended(flow: Flow): void {
    for (const slot of this.#writers.get(flow.id) ?? []) this.#mesh.send(slot, frameKinds.flowClosed, flow.id);
    this.#writers.delete(flow.id);
  }

  #of(slot: number, id: string): WorkerFlow | undefined {
    const flow = this.#flows.get(id);
    return flow?.slot === slot ? flow : undefined;
  }

  #answered(slot: number, id: string, bytes: Uint8Array): void {
    const flow = this.#of(slot, id);
    const framed = flow && readWholeMessage(bytes, serverLimits);
    if (framed?.kind !== 'message' || framed.message.kind !== 'response') return;
    this.#options.onResponse(flow as WorkerFlow, framed.message);
  }

  #closed(slot: number, id: string): void {
    this.#gone.add(id);
    if (this.#gone.size > maxGone) this.#gone.delete(this.#gone.values().next().value as string);
    const flow = this.#of(slot, id);
    if (flow) this.#drop(flow);
  }

  #drop(flow: WorkerFlow): void {
    if (this.#flows.get(flow.id) !== flow) return;
    this.#flows.delete(flow.id);
    flow.markEnded();
    this.#options.onEnded(flow);
  }

  #write(slot: number, id: string, bytes: Uint8Array): void {
    const flow = this.#options.own(id);
    if (flow === undefined || flow.closing) {
      this.#mesh.send(slot, frameKinds.flowClosed, id);
      return;
    }
    addTo(this.#writers, id, slot);
    // it was made and judged by the worker that sends it
    if (!flow.send({ head: '', body: bytes })) this.#refuse(slot, id, bytes);
  }

  /** Answers in the name of a client that reads too slowly. */
  #refuse(slot: number, id: string, bytes: Uint8Array): void {
    const framed = readWholeMessage(bytes, serverLimits);
    if (framed.kind !== 'message' || framed.message.kind !== 'request' || framed.message.method === 'ACK') return;
    this.#mesh.send(slot, frameKinds.fromFlow, id, serialise(createResponse(framed.message, unsentStatus)));
  }

  #lost(slot: number): void {
    for (const flow of [...this.#flows.values()]) if (flow.slot === slot) this.#drop(flow);
    for (const writers of this.#writers.values()) writers.delete(slot);
  }
}

/** A message that was received, as bytes again. */
export function messageBytes(message: SipMessage): Uint8Array {
  const head = message.kind === 'request' ? message.stampedHead : message.head;
  return serialise({ head: `${head}\r\n`, body: message.body });
}
