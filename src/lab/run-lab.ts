import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { createPeerPathVerifier } from '../certificates/peer-path.ts';
import { parseTrustStore } from '../certificates/trust-store.ts';
import {
  addressOf,
  contoso,
  type LabOrganisation,
  type LabUser,
  labOrganisations,
  lynconline,
  otherOrganisation,
  passwordOf,
} from './deployment-plan.ts';
import { findingsOf, type LabReporter } from './lab-reporter.ts';
import { PresenceEndpoint } from './presence-endpoint.ts';
import { type LabOptions, RunningLab } from './running-lab.ts';
import { runScenario, type ScenarioParties } from './scenario.ts';
import { TestEndpoint } from './test-endpoint.ts';
import { UndoLog } from './undo-log.ts';

/** How the lab runs, besides what it is like. */
export interface LabRunOptions extends LabOptions {
  /** Checks and the whole scenario, then the end. */
  readonly once: boolean;
  /** Ends the lab. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly reporter: LabReporter;
}

/** Runs the lab until it is told to stop, or once; resolves with the exit code. */
export async function runLab(options: LabRunOptions): Promise<0 | 1> {
  const { once, signal, clock, reporter } = options;
  const beginMs = clock.monotonic();
  const elapsedMs = () => Math.round(clock.monotonic() - beginMs);
  reporter.starting();
  let sound = true;
  const onProblem = (problem: Failure) => {
    sound = false;
    reporter.problem(problem);
  };
  const started = await RunningLab.start(options, clock, onProblem);
  if (!started.ok) {
    reporter.failed(started.error);
    return 1;
  }
  const lab = started.value;
  reporter.started(lab, elapsedMs());
  try {
    // Programs begin at "ready" and must not meet our clients; with --once there are no programs to wait for.
    if (once) reporter.ready(lab, elapsedMs(), once);
    const passed = await proveLab(lab, options);
    sound &&= passed;
    if (!once && !signal.aborted) {
      reporter.ready(lab, elapsedMs(), once);
      await aborted(signal);
    }
  } finally {
    const keep = once && !sound;
    await lab.stop(keep);
    const keptFolder = !lab.folder.temporary || keep ? lab.folder.path : undefined;
    reporter.stopped({ passed: sound && !(once && signal.aborted), once, keptFolder });
  }
  return once && (!sound || signal.aborted) ? 1 : 0;
}

/** Readiness checks and the scenario, or the part of it that changes nothing. True if everything passed. */
async function proveLab(lab: RunningLab, { once, signal, reporter }: LabRunOptions): Promise<boolean> {
  const changes = new UndoLog(lab.folder.undoFile, lab.client(contoso));
  const left = await changes.undoAll();
  if (left?.ok === false) reporter.problem(left.error);
  let passed = true;
  for (const organisation of labOrganisations) {
    if (signal.aborted) return false;
    const checked = await checkOrganisation(lab, organisation, reporter);
    passed &&= checked;
  }
  const parties = scenarioParties(lab, changes);
  if (!parties.ok) {
    reporter.problem(parties.error);
    return false;
  }
  const proven = await runScenario(parties.value, !once, report => reporter.step(report), signal);
  return passed && proven;
}

async function checkOrganisation(lab: RunningLab, organisation: LabOrganisation, reporter: LabReporter): Promise<boolean> {
  const { domains } = otherOrganisation(organisation).tenant;
  const answer = await lab.client(organisation).run({ command: 'Test-CsFederation', parameters: { domain: domains } });
  if (!answer.ok) {
    reporter.problem(answer.error);
    return false;
  }
  const findings = findingsOf(answer.value.objects);
  reporter.checks(organisation, findings);
  return findings.every(({ status }) => status !== 'fail' && status !== 'unknown');
}

function scenarioParties(lab: RunningLab, changes: UndoLog): Result<ScenarioParties> {
  const { clock, authority } = lab;
  const trust = parseTrustStore(authority.authority.certificatePem, authority.certificateFile);
  if (!trust.ok) return trust;
  const verifier = createPeerPathVerifier(trust.value, clock);
  const optionsOf = (organisation: LabOrganisation, user: LabUser) => ({
    address: addressOf(organisation, user),
    login: user.name,
    password: passwordOf(user.name),
    host: organisation.frontEnd.host,
    port: lab.ports[organisation.name].tls,
    serverName: organisation.frontEnd.pool,
    verifier,
    clock,
  });
  const [alice, adam] = contoso.users;
  const [bob] = lynconline.users;
  const parties = {
    alice: new TestEndpoint(optionsOf(contoso, alice)),
    adam: new TestEndpoint(optionsOf(contoso, adam ?? alice)),
    bob: new TestEndpoint(optionsOf(lynconline, bob)),
    presence: {
      alice: new PresenceEndpoint(optionsOf(contoso, alice)),
      bob: new PresenceEndpoint(optionsOf(lynconline, bob)),
    },
  };
  return { ok: true, value: { ...parties, changes, clock } };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
