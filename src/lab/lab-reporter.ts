import type { Failure } from '../base/failure.ts';
import type { LabOrganisation } from './deployment-plan.ts';
import type { ManagedObject } from './management-client.ts';
import type { RunningLab, StartFailure } from './running-lab.ts';
import type { StepReport } from './scenario.ts';

/** One readiness check of an organisation as its management API reports it. */
export interface LabFinding {
  readonly id: string;
  readonly target: string;
  readonly status: string;
  readonly message: string;
  readonly fix: string;
  readonly [field: string]: unknown;
}

/** The findings in the answer to Test-CsFederation. */
export function findingsOf(objects: readonly ManagedObject[]): readonly LabFinding[] {
  return objects.map(({ identity, version: _, ...found }) => ({ id: identity, ...found }) as unknown as LabFinding);
}

/** Tells somebody what the lab does: a person, or a program. */
export interface LabReporter {
  /** The lab is being started. */
  starting(): void;
  /** Both deployments run; shown before anything is tried. */
  started(lab: RunningLab, milliseconds: number): void;
  checks(organisation: LabOrganisation, findings: readonly LabFinding[]): void;
  step(report: StepReport): void;
  /** Programs and people may use the lab from now on; `lab.json` is there. `once`: it stops by itself soon. */
  ready(lab: RunningLab, milliseconds: number, once: boolean): void;
  /** Something is wrong that does not end the lab. */
  problem(of: Failure): void;
  /** The lab could not be started. */
  failed(why: StartFailure): void;
  /** All is stopped. */
  stopped(outcome: { readonly passed: boolean; readonly once: boolean; readonly keptFolder: string | undefined }): void;
}

/** One JSON object per line, for programs. */
export function jsonReporter(out: (text: string) => void, error: (text: string) => void): LabReporter {
  const event = (name: string, fields: object) => out(`${JSON.stringify({ event: name, ...fields })}\n`);
  const failureFields = ({ code, id, text, fix }: Failure) => ({ code, id, text, fix });
  return {
    starting() {},
    started() {},
    checks(organisation, findings) {
      for (const found of findings) event('check', { organisation: organisation.name, ...found });
    },
    step: ({ step, title, status, ...rest }) => event('scenario', { step, status, title, ...rest }),
    ready: (lab, milliseconds) => event('ready', { dir: lab.folder.path, labFile: lab.folder.labFile, milliseconds }),
    problem: of => event('problem', failureFields(of)),
    failed({ failure, logFolder }) {
      event('failed', { ...failureFields(failure), ...(logFolder === undefined ? {} : { logFolder }) });
      error(`${failure.text}\n${failure.fix}\n`);
    },
    stopped: ({ passed }) => event('stopped', { passed }),
  };
}
