import { setImmediate as turn } from 'node:timers/promises';
import { FailureError } from '../base/failure.ts';
import { contoso, labOrganisations, lynconline } from '../lab/deployment-plan.ts';
import { type Connection, type ConnectionHandler, userConnectionLimits } from '../wire/connection.ts';
import { FakeClock } from './fake-clock.ts';
import { playPorts } from './play-configuration.ts';
import { PlayDeployment } from './play-deployment.ts';
import { PlayNetwork } from './play-network.ts';
import type { PlayStage } from './play-stage.ts';
import type { PlayChange } from './play-step.ts';

/** Turns of the event loop in which everything that is under way has arrived, many times over. */
const patience = 300;
const turnsPerSecond = 30;
/** An endpoint does not watch whether the server is there. */
const endpointLimits = { ...userConnectionLimits, idleMs: 0 };

/** Both organisations in this process, on wires in memory; time stands still unless a play lets it pass. */
export class MemoryStage implements PlayStage {
  readonly clock = new FakeClock();
  readonly #network = new PlayNetwork(this.clock);
  readonly #deployments: Readonly<Record<'contoso' | 'fabrikam', PlayDeployment>>;
  readonly #faults: unknown[] = [];

  constructor() {
    const common = {
      organisations: labOrganisations,
      clock: this.clock,
      network: this.#network,
      onFault: (fault: unknown) => void this.#faults.push(fault),
    };
    this.#deployments = {
      contoso: new PlayDeployment({ ...common, organisation: contoso }),
      fabrikam: new PlayDeployment({ ...common, organisation: lynconline }),
    };
  }

  async connect(address: string, handler: ConnectionHandler): Promise<Connection> {
    const { pool } = (address.endsWith('@contoso.test') ? contoso : lynconline).frontEnd;
    const connected = this.#network.connect({ host: pool, port: playPorts.client }, { handler, limits: endpointLimits });
    if (!connected.ok) throw new FailureError(connected.error);
    return connected.value;
  }

  async change(change: PlayChange): Promise<void> {
    this.#deployments[change.organisation].configuration.apply(change);
  }

  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    for (let turns = 0; turns < patience; turns++) {
      const found = look();
      if (found !== undefined) return found;
      await this.#turn();
    }
    return undefined;
  }

  async settle(): Promise<void> {
    await this.until(() => undefined);
  }

  async passTime(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(1000);
      for (let turns = 0; turns < turnsPerSecond; turns++) await this.#turn();
    }
  }

  /** Ends the servers; throws the first fault that one of them had. */
  close(): void {
    for (const deployment of Object.values(this.#deployments)) deployment.close();
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  async #turn(): Promise<void> {
    // timers without a delay are due now
    this.clock.advance(0);
    await turn();
  }
}
