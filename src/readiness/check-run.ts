import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { TenantConfiguration } from '../model/configuration.ts';
import type { Aor, Fqdn, SipDomain } from '../model/names.ts';
import { classifyWithoutDns, classifyWithSrv } from '../policy/classify-domain.ts';
import type { DomainClass } from '../policy/domain-class.ts';
import type { Finding, Verdict } from './finding.ts';
import type { AnswerTo, ProbeAnswer, ProbeJob } from './probe-job.ts';
import type { ReadinessFacts } from './readiness-facts.ts';

/** What to check besides the deployment as a whole: one tenant, and the partners and users somebody asks about. */
export interface CheckTargets {
  readonly tenant: TenantConfiguration;
  readonly domains: readonly SipDomain[];
  readonly users: readonly Aor[];
}

/** One verdict about one target. */
export interface TargetVerdict {
  readonly target: string;
  readonly verdict: Verdict;
}

/** A check: its number and what it says. */
export interface Check {
  readonly id: Finding['id'];
  run(run: CheckRun): Promise<readonly TargetVerdict[]>;
}

/** One run over the checks; asks an Edge each question once. */
export class CheckRun {
  readonly facts: ReadinessFacts;
  readonly targets: CheckTargets;
  readonly #probes = new Map<string, Promise<Result<ProbeAnswer>>>();

  constructor(facts: ReadinessFacts, targets: CheckTargets) {
    this.facts = facts;
    this.targets = targets;
  }

  /** The Edge pool that partners are reached through; undefined where none is published for federation. */
  get federationEdge(): Fqdn | undefined {
    for (const [fqdn, edge] of this.facts.configuration.edgeServers) if (edge.federationEnabled) return fqdn;
    return undefined;
  }

  /** Asks the federation Edge. Fails with FEDERATION_EDGE_MISSING where there is none, else with what kept it from answering. */
  async probe<J extends ProbeJob>(job: J): Promise<Result<AnswerTo<J['kind']>>> {
    const edge = this.federationEdge;
    if (edge === undefined) return err(failure('FEDERATION_EDGE_MISSING'));
    const key = JSON.stringify(job);
    const asked = this.#probes.get(key) ?? this.facts.probe(edge, job);
    this.#probes.set(key, asked);
    const answer = await asked;
    return answer.ok ? ok(answer.value as AnswerTo<J['kind']>) : answer;
  }

  /** What a domain is to the tenant, DNS as the Edge sees it. Fails where DNS is needed and the Edge cannot be asked. */
  async classOf(domain: SipDomain): Promise<Result<DomainClass>> {
    const { configuration } = this.facts;
    const { tenant } = this.targets;
    const known = classifyWithoutDns(configuration, tenant, domain);
    if (known.kind !== 'NEEDS_SRV') return ok(known);
    const answer = await this.probe({ kind: 'federation-srv', domain });
    return answer.ok ? ok(classifyWithSrv(configuration, tenant, domain, answer.value.srv)) : answer;
  }
}

/** The verdict of a check that could not run, with the reason. */
export function unknown(from: Verdict['from'], reason: { readonly text: string; readonly fix: string }): Verdict {
  return { status: 'unknown', from, message: `Could not be checked: ${reason.text}`, fix: reason.fix };
}
