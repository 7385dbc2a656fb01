import type { Configuration } from '../model/configuration.ts';
import type { EdgeServer } from '../model/kinds/edge-server.ts';
import type { Fqdn } from '../model/names.ts';
import { findPoolOf } from '../model/pool-member.ts';

/** The pool that this Edge computer belongs to, as the topology has it; found once for each configuration. */
export class OwnPool {
  readonly #computer: Fqdn;
  #configuration: Configuration | undefined;
  #found: { readonly pool: Fqdn; readonly server: EdgeServer } | undefined;

  /** `computer`: FQDN of this Edge computer on the inside. */
  constructor(computer: Fqdn) {
    this.#computer = computer;
  }

  /** Undefined where the computer is in no pool of the topology. */
  of(configuration: Configuration): { readonly pool: Fqdn; readonly server: EdgeServer } | undefined {
    if (configuration !== this.#configuration) {
      this.#configuration = configuration;
      this.#found = findPoolOf(configuration.edgeServers, [this.#computer]);
    }
    return this.#found;
  }
}
