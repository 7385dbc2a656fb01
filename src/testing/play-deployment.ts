import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { FailureError } from '../base/failure.ts';
import { RouteSeal } from '../dialog/route-seal.ts';
import { Edge } from '../edge/edge.ts';
import { EdgeOwners } from '../edge/request-owners.ts';
import { FrontEnd } from '../frontend/front-end.ts';
import { FrontEndOwners } from '../frontend/request-owners.ts';
import { Authenticator } from '../identity/authenticator.ts';
import { CredentialCache } from '../identity/credential-cache.ts';
import { CredentialSealer } from '../identity/credential-sealer.ts';
import { DigestScheme } from '../identity/digest-scheme.ts';
import { GuessLimiters } from '../identity/guess-limiter.ts';
import { SealKeys } from '../identity/seal-keys.ts';
import type { LabOrganisation } from '../lab/deployment-plan.ts';
import type { Fqdn } from '../model/names.ts';
import { DomainClassifier } from '../routing/domain-classifier.ts';
import type { OpenTrunk } from '../routing/trunk-pool.ts';
import { Notifier } from '../services/events/notifier.ts';
import { PresenceService } from '../services/presence/presence-service.ts';
import { watcherSource } from '../services/presence/watcher-source.ts';
import { Registrar } from '../services/registrar/registrar.ts';
import { type Connection, type ConnectionHandler, trunkConnectionLimits, userConnectionLimits } from '../wire/connection.ts';
import { PlayConfiguration, playPorts } from './play-configuration.ts';
import { type PlayNetwork, PlayResolver } from './play-network.ts';
import { playPassword } from './play-stage.ts';

/** What a deployment in memory stands on. */
export interface PlayDeploymentOptions {
  readonly organisation: LabOrganisation;
  /** All of the world, for DNS. */
  readonly organisations: readonly LabOrganisation[];
  readonly clock: Clock;
  readonly network: PlayNetwork;
  /** A fault of the servers: the play has failed whatever was seen. */
  onFault(fault: unknown): void;
}

/** A Front End and an Edge as they run in production, on wires in memory and a configuration in memory. */
export class PlayDeployment {
  readonly configuration: PlayConfiguration;
  readonly #options: PlayDeploymentOptions;
  readonly #resolver = new PlayResolver();
  readonly #events: Notifier;
  readonly #presence: PresenceService;
  readonly #frontEnd: FrontEnd;
  readonly #edge: Edge;

  constructor(options: PlayDeploymentOptions) {
    const { organisation, organisations, clock, network } = options;
    this.#options = options;
    this.configuration = new PlayConfiguration(organisation);
    for (const { tenant, edge } of organisations) {
      for (const domain of tenant.domains) {
        this.#resolver.publish(domain, { host: edge.externalFqdn, port: playPorts.federation });
      }
    }
    this.#events = new Notifier(clock);
    this.#presence = new PresenceService({
      clock,
      events: this.#events,
      rules: watcherSource(this.configuration, this.configuration),
    });
    this.#frontEnd = this.#makeFrontEnd();
    this.#edge = this.#makeEdge();
    this.configuration.onUserChanged((before, after) => this.#frontEnd.userChanged(before, after));
    const { frontEnd, edge } = organisation;
    const { clientHandler, trunkHandler } = this.#frontEnd;
    network.listen(frontEnd.pool, playPorts.client, {
      handler: clientHandler,
      limits: userConnectionLimits,
      names: [frontEnd.pool],
    });
    const trunk = { limits: trunkConnectionLimits };
    network.listen(frontEnd.fqdn, playPorts.trunk, { ...trunk, handler: trunkHandler, names: this.#frontEndNames });
    const { insideHandler, outsideHandler } = this.#edge;
    network.listen(edge.internalFqdn, playPorts.inside, { ...trunk, handler: insideHandler, names: [edge.internalFqdn] });
    network.listen(edge.externalFqdn, playPorts.federation, { ...trunk, handler: outsideHandler, names: [edge.externalFqdn] });
  }

  close(): void {
    this.#frontEnd.close();
    this.#edge.close();
    this.#events.close();
    this.#presence.close();
  }

  get #frontEndNames(): readonly string[] {
    const { fqdn, pool } = this.#options.organisation.frontEnd;
    return [fqdn, pool];
  }

  #makeFrontEnd(): FrontEnd {
    const { organisation, clock } = this.#options;
    const { fqdn, pool } = organisation.frontEnd;
    const presence = this.#presence;
    const find = (aor: string) => this.configuration.find(aor);
    const guesses = new GuessLimiters(clock);
    return new FrontEnd({
      clock,
      owners: new FrontEndOwners(),
      fqdn,
      clientSide: { transport: 'TLS', host: pool, port: playPorts.client },
      trunkSide: { transport: 'TLS', host: fqdn, port: playPorts.trunk },
      configuration: this.configuration,
      directory: { find },
      classifier: new DomainClassifier(this.#resolver, () => 0),
      authenticator: new Authenticator(clock, [new DigestScheme(find, this.#credentials(), guesses, ['SHA-256', 'MD5'])]),
      registrar: new Registrar(
        clock,
        { node: fqdn, incarnation: 'play' },
        { onBound: binding => presence.onBound(binding), onUnbound: binding => presence.onUnbound(binding) },
      ),
      events: this.#events,
      presence,
      routeSeal: new RouteSeal([{ id: 1, key: randomBytes(32) }]),
      log: this.#log(),
      openTrunk: this.#trunkOpener(this.#frontEndNames),
    });
  }

  #makeEdge(): Edge {
    const { organisation, clock } = this.#options;
    const { internalFqdn, externalFqdn } = organisation.edge;
    const { configuration } = this;
    return new Edge({
      clock,
      owners: new EdgeOwners(),
      fqdn: internalFqdn as Fqdn,
      outsideSide: { transport: 'TLS', host: externalFqdn, port: playPorts.federation },
      insideSide: { transport: 'TLS', host: internalFqdn, port: playPorts.inside },
      configuration: {
        get current() {
          return configuration.ofEdge;
        },
      },
      classifier: new DomainClassifier(this.#resolver, () => 0),
      routeSeal: new RouteSeal([{ id: 1, key: randomBytes(32) }]),
      log: this.#log(),
      openPartnerTrunk: this.#trunkOpener([externalFqdn]),
      openInsideTrunk: this.#trunkOpener([internalFqdn]),
    });
  }

  #trunkOpener(names: readonly string[]): (handler: ConnectionHandler) => OpenTrunk<Connection> {
    const { network } = this.#options;
    return handler => async target => network.connect(target, { handler, limits: trunkConnectionLimits, names });
  }

  #log() {
    const onFault = (fault: unknown) => this.#options.onFault(fault);
    return {
      refused() {},
      event() {},
      faulted: (_request: unknown, fault: unknown) => onFault(fault),
      connectionFaulted: onFault,
    };
  }

  /** Passwords sealed as in the store. */
  #credentials(): CredentialCache {
    const sealer = playSealer();
    const sealed = () => new Map([...this.configuration.users].map(user => [user.id, sealer.seal(user, playPassword(user.aor))]));
    return new CredentialCache(async () => sealed(), sealer);
  }
}

/** The file of the keys is not needed again. */
function playSealer(): CredentialSealer {
  const folder = mkdtempSync(join(tmpdir(), 'parley-play-'));
  try {
    const keys = SealKeys.open(join(folder, 'seal-keys.json'));
    if (!keys.ok) throw new FailureError(keys.error);
    return new CredentialSealer(keys.value);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
