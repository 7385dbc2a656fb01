import type { Clock } from '../base/clock.ts';
import { addTo } from '../base/set-index.ts';
import { createResponse } from '../sip/create-message.ts';
import type { SipMessage, SipResponse } from '../sip/message.ts';
import { serverLimits } from '../sip/parse-limits.ts';
import { serialise } from '../sip/serialise.ts';
import { readWholeMessage } from '../sip/whole-message.ts';
import type { ByteStream, ByteStreamHandler } from '../wire/byte-stream.ts';
import { Connection, type ConnectionHandler, trunkConnectionLimits } from '../wire/connection.ts';
import { readFlowName, slotOfBranch } from './flow-name.ts';
import { frameKinds } from './frame.ts';
import type { WorkerMesh } from './worker-mesh.ts';

/** What the flows of other workers are used by. */
export interface RemoteFlowsOptions {
  readonly mesh: WorkerMesh;
  readonly clock: Clock;
  /** Told what comes from flows of others, as of any connection. */
  readonly handler: ConnectionHandler;
  /** The connection of a flow of our own. */
  readonly own: (flow: string) => Connection | undefined;
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
  readonly #mesh: WorkerMesh;
  readonly #clock: Clock;
  readonly #handler: ConnectionHandler;
  readonly #own: (flow: string) => Connection | undefined;
  /** Flows of others that we write to. */
  readonly #streams = new Map<string, FlowStream>();
  readonly #connections = new Map<string, Connection>();
  readonly #gone = new Set<string>();
  /** Who writes to our own flows: only they get answers, and are told of the end. */
  readonly #writers = new Map<string, Set<number>>();

  constructor({ mesh, clock, handler, own }: RemoteFlowsOptions) {
    this.#mesh = mesh;
    this.#clock = clock;
    this.#handler = handler;
    this.#own = own;
    mesh.onFrame(frameKinds.toFlow, (slot, flow, bytes) => this.#write(slot, flow, bytes));
    mesh.onFrame(frameKinds.fromFlow, (slot, flow, bytes) => this.#streamOf(slot, flow)?.receive(bytes));
    mesh.onFrame(frameKinds.flowClosed, (slot, flow) => this.#flowClosed(slot, flow));
    mesh.onDown(slot => this.#lost(slot));
  }

  /** The connection to a flow that another worker holds; undefined where none is linked that could. */
  connect(flow: string): Connection | undefined {
    const known = this.#connections.get(flow);
    if (known) return known.closing ? undefined : known;
    const name = readFlowName(flow);
    if (name === undefined || name.slot === this.#mesh.place.slot || !this.#mesh.isUp(name.slot)) return undefined;
    if (this.#gone.has(flow)) return undefined;
    const stream = new FlowStream(this.#mesh, name.slot, flow);
    const connection = new Connection({
      id: flow,
      transport: name.transport,
      stream,
      handler: this.#handler,
      clock: this.#clock,
      limits: trunkConnectionLimits,
      direction: 'outbound',
      secure: true,
      remoteAddress: `worker ${name.slot}`,
      remotePort: 0,
      onGone: () => {
        this.#streams.delete(flow);
        this.#connections.delete(flow);
      },
    });
    this.#streams.set(flow, stream);
    this.#connections.set(flow, connection);
    return connection;
  }

  /** Hands a client's answer to the worker that asked; false if it is not for another one. */
  passBack(connection: Connection, response: SipResponse): boolean {
    const slot = slotOfBranch(response.topVia.branch);
    if (slot === undefined || !this.#writers.get(connection.id)?.has(slot)) return false;
    this.#mesh.send(slot, frameKinds.fromFlow, connection.id, messageBytes(response));
    return true;
  }

  /** A client's connection of our own is closed: those who wrote to it are told. */
  closed(connection: Connection): void {
    for (const slot of this.#writers.get(connection.id) ?? []) this.#mesh.send(slot, frameKinds.flowClosed, connection.id);
    this.#writers.delete(connection.id);
  }

  #streamOf(slot: number, flow: string): FlowStream | undefined {
    const stream = this.#streams.get(flow);
    return stream?.slot === slot ? stream : undefined;
  }

  #flowClosed(slot: number, flow: string): void {
    this.#gone.add(flow);
    if (this.#gone.size > maxGone) this.#gone.delete(this.#gone.values().next().value as string);
    this.#streamOf(slot, flow)?.end();
  }

  #write(slot: number, flow: string, bytes: Uint8Array): void {
    const connection = this.#own(flow);
    if (connection === undefined || connection.closing) {
      this.#mesh.send(slot, frameKinds.flowClosed, flow);
      return;
    }
    addTo(this.#writers, flow, slot);
    // it was made and judged by the worker that sends it
    if (!connection.send({ head: '', body: bytes })) this.#refuse(slot, flow, bytes);
  }

  /** Answers in the name of a client that reads too slowly. */
  #refuse(slot: number, flow: string, bytes: Uint8Array): void {
    const framed = readWholeMessage(bytes, serverLimits);
    if (framed.kind !== 'message' || framed.message.kind !== 'request' || framed.message.method === 'ACK') return;
    this.#mesh.send(slot, frameKinds.fromFlow, flow, serialise(createResponse(framed.message, unsentStatus)));
  }

  #lost(slot: number): void {
    for (const stream of [...this.#streams.values()]) if (stream.slot === slot) stream.end();
    for (const writers of this.#writers.values()) writers.delete(slot);
  }
}

/** The way to a flow of another worker: each write is one message, which arrives unchanged. */
class FlowStream implements ByteStream {
  readonly carries = 'messages';
  readonly slot: number;
  readonly #mesh: WorkerMesh;
  readonly #flow: string;
  #handler: ByteStreamHandler | undefined;

  constructor(mesh: WorkerMesh, slot: number, flow: string) {
    this.#mesh = mesh;
    this.slot = slot;
    this.#flow = flow;
  }

  get queuedBytes(): number {
    return this.#mesh.queuedBytes(this.slot);
  }

  open(handler: ByteStreamHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): void {
    // what a turn of the event loop has written comes here at its end: it does not wait for the next one
    this.#mesh.sendSoon(this.slot, frameKinds.toFlow, this.#flow, bytes);
  }

  setReading(): void {}

  close(): void {
    process.nextTick(() => this.end());
  }

  /** A message has come from the flow's client. */
  receive(bytes: Uint8Array): void {
    this.#handler?.onReceived(bytes.length);
    this.#handler?.onBytes(bytes);
  }

  /** The flow is gone, or nobody is left who holds it. */
  end(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onEnd(undefined);
  }
}

/** A message that was received, as bytes again. */
export function messageBytes(message: SipMessage): Uint8Array {
  const head = message.kind === 'request' ? message.stampedHead : message.head;
  return serialise({ head: `${head}\r\n`, body: message.body });
}
