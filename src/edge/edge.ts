import type { Failure } from '../base/failure.ts';
import { flowOf } from '../flow/connection-flow.ts';
import type { Flow } from '../flow/flow.ts';
import { isKnownPeer } from '../policy/known-peer.ts';
import { refuseInside, refuseOutside } from '../policy/refusal.ts';
import { answerRefusal, headersForOutside, headersOfFailure } from '../routing/answer.ts';
import { Pipeline, type PipelineOwner } from '../routing/pipeline.ts';
import { pipelineOwner } from '../routing/pipeline-owner.ts';
import { RoleCore } from '../routing/role-core.ts';
import { type OpenTrunk, openFlow, TrunkPool } from '../routing/trunk-pool.ts';
import type { SipRequest } from '../sip/message.ts';
import { clientLimits, serverLimits } from '../sip/parse-limits.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import { allowedMethods, type EdgeParts } from './edge-parts.ts';
import { InsideRequest } from './inside-request.ts';
import { insideSteps } from './inside-steps.ts';
import { NewDomainLimiter } from './new-domain-limiter.ts';
import { nextHopOf } from './next-hop.ts';
import { OutsideRequest } from './outside-request.ts';
import { outsideSteps } from './outside-steps.ts';
import { OwnPool } from './own-pool.ts';

/** A stranger's connection may wait for four look-ups at a time (D31). */
const outsideWaits = { total: 5000, perPeer: 4 };
/** Of our own servers' requests those to one domain may take an eighth of the places. */
const insideWaits = { total: 20_000, perPeer: 2500 };

/** What an Edge is made of; the functions make the openers of its connections to partners and to Front Ends. */
export interface EdgePorts extends Omit<EdgeParts, 'layer' | 'partners' | 'frontEnds' | 'newDomains' | 'ownPool' | 'relays'> {
  readonly openPartnerTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
  readonly openInsideTrunk: (handler: ConnectionHandler) => OpenTrunk<Connection>;
}

/**
 * The Access Edge role: partners on one side, Front Ends on the other, and nothing passes without the decision of its own replica.
 * It owns no socket; listeners and trunks give it their connections.
 */
export class Edge {
  readonly #parts: EdgeParts;
  readonly #outside: Pipeline<OutsideRequest>;
  readonly #inside: Pipeline<InsideRequest>;
  /** For the external listener and the connections we open to partners: requests on those pass the whole inbound pipeline too (D30). */
  readonly outsideHandler: ConnectionHandler;
  /** For the internal listener and the connections we open to Front Ends. */
  readonly insideHandler: ConnectionHandler;

  /** The transaction layer and the trunks are made here: they report to the Edge. */
  constructor(ports: EdgePorts) {
    const { clock, configuration, log } = ports;
    const core = new RoleCore(clock, log, {
      routeHosts: [ports.outsideSide.host, ports.insideSide.host],
      take: transaction => this.#take(transaction),
      turnAway: (flow, failure, request) => this.#turnAway(flow, failure, request),
      ownerOf: ({ side, peer }) =>
        side === ports.insideSide || peer === undefined ? ports.owners.ofServers : ports.owners.ofPeer(peer),
    });
    const { layer, relays } = core;
    const outside = (connection: Connection): Flow => flowOf(connection, ports.outsideSide, clock);
    const inside = (connection: Connection): Flow => flowOf(connection, ports.insideSide, clock);
    this.outsideHandler = core.handler(outside, flow => parts.partners.ended(flow));
    this.insideHandler = core.handler(inside, flow => parts.frontEnds.ended(flow));
    const parts: EdgeParts = {
      ...ports,
      newDomains: new NewDomainLimiter(clock),
      ownPool: new OwnPool(ports.fqdn),
      relays,
      layer,
      partners: new TrunkPool(
        clock,
        openFlow(ports.openPartnerTrunk(this.outsideHandler), outside),
        () => configuration.current.accessEdge.outgoingTlsCountForFederatedPartners,
      ),
      frontEnds: new TrunkPool(
        clock,
        openFlow(ports.openInsideTrunk(this.insideHandler), inside),
        () => configuration.current.proxy.outgoingTlsCount,
      ),
    };
    this.#parts = parts;
    this.#outside = new Pipeline(outsideSteps(parts), this.#outsideOwner(), outsideWaits);
    this.#inside = new Pipeline(insideSteps(parts), this.#insideOwner(), insideWaits);
  }

  /** Transactions now and since the start, and the connections we have opened, for metrics. */
  get traffic(): {
    readonly transactions: TransactionLayer<Flow>;
    readonly partnerConnections: number;
    readonly frontEndConnections: number;
  } {
    const { layer, partners, frontEnds } = this.#parts;
    return { transactions: layer, partnerConnections: partners.count, frontEndConnections: frontEnds.count };
  }

  /** A server with these names in its certificate is alive: nothing waits any longer because it was not. */
  provedAlive(names: readonly string[]): void {
    this.#parts.partners.provedAlive(names);
    this.#parts.frontEnds.provedAlive(names);
  }

  /** Connects to the next hop before anything has to go there: so it learns that this Edge is there. */
  greetNextHop(): void {
    const { configuration, frontEnds } = this.#parts;
    const route = nextHopOf(configuration.current, this.#parts);
    // what comes of it is seen by the first request that needs it
    if (route.ok) void frontEnds.open(route.value.targets, '');
  }

  /** How long a body this peer may send: as much as servers send each other if we know it or have accepted something of it. */
  longestBody(connection: Connection): number {
    const isKnown = connection.proven || isKnownPeer(this.#parts.configuration.current, connection.peer?.names ?? []);
    return isKnown ? serverLimits.bodyBytes : clientLimits.bodyBytes;
  }

  /** Stops the timers of the transactions, for the end of the process. */
  close(): void {
    this.#parts.layer.close();
  }

  #take(transaction: ServerTransaction<Flow>): void {
    const { peer, side } = transaction.connection;
    if (peer) this.provedAlive(peer.names);
    if (side === this.#parts.insideSide) this.#inside.run(new InsideRequest(transaction));
    else this.#outside.run(new OutsideRequest(transaction));
  }

  #turnAway(flow: Flow, failure: Failure, request: SipRequest): void {
    this.#parts.log.refused(request, failure, 'parser', flow.peer?.names ?? []);
    flow.send(answerRefusal(request, refuseOutside(failure, 'stranger'), this.#parts.fqdn, headersForOutside(failure)));
  }

  #outsideOwner(): PipelineOwner<OutsideRequest> {
    const { log, outsideSide } = this.#parts;
    return pipelineOwner(log, ({ request, transaction, audience, peerNames }, failure, step) => {
      log.refused(request, failure, step, peerNames);
      transaction.respond(answerRefusal(request, refuseOutside(failure, audience), outsideSide.host, headersForOutside(failure)));
    });
  }

  #insideOwner(): PipelineOwner<InsideRequest> {
    const { log, fqdn } = this.#parts;
    return pipelineOwner(log, ({ request, transaction, peerNames }, failure, step) => {
      log.refused(request, failure, step, peerNames);
      const headers = headersOfFailure(failure, allowedMethods);
      transaction.respond(answerRefusal(request, refuseInside(failure), fqdn, headers));
    });
  }
}
