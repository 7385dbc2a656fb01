import type { Failure } from '../base/failure.ts';
import { adviceOf } from '../readiness/advice.ts';
import { addressOf, type LabOrganisation, labOrganisations, passwordOf } from './deployment-plan.ts';
import { apiUrlOf } from './lab-file.ts';
import { labPicture } from './lab-picture.ts';
import type { LabFinding, LabReporter } from './lab-reporter.ts';
import type { RunningLab } from './running-lab.ts';

/** Where text goes. */
export interface TextPorts {
  out(text: string): void;
  error(text: string): void;
  /** stdout belongs to a person with a terminal that knows colours. */
  readonly colours: boolean;
}

type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const looks: Readonly<Record<Look, string>> = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' };
const marks: Readonly<Record<string, readonly [string, Look]>> = {
  pass: ['✔', 'green'],
  warn: ['!', 'yellow'],
  fail: ['✖', 'red'],
  unknown: ['?', 'yellow'],
  skipped: ['–', 'dim'],
};

/** Tells a person what the lab does. */
export function textReporter({ out, error, colours }: TextPorts): LabReporter {
  const styled = (look: Look, text: string) => (colours ? `\u001b[${looks[look]}m${text}\u001b[0m` : text);
  const line = (text = '') => out(`${text}\n`);
  const mark = (status: string) => {
    const [sign, look] = marks[status] ?? ['?', 'yellow'];
    return styled(look, sign);
  };
  const heading = (text: string) => line(`\n${styled('bold', text)}`);
  const failureText = ({ text, fix }: Failure) => `${styled('red', '✖')} ${text}\n  ${fix}\n`;
  let isScenarioBegun = false;
  return {
    starting: () => line('Starting two organisations, each with a Front End and an Edge …'),
    started(lab, milliseconds) {
      line(`Running after ${seconds(milliseconds)}.\n`);
      for (const row of labPicture(lab.ports)) line(row);
    },
    checks(organisation, findings) {
      heading(`Readiness of ${organisation.name}`);
      for (const row of findingRows(findings, mark)) line(row);
    },
    step(report) {
      if (!isScenarioBegun) heading('Real messages between real clients');
      isScenarioBegun = true;
      line(`  ${mark(report.status)} ${report.title}`);
      if (report.status === 'pass') line(styled('dim', `      ${report.evidence}`));
      else line(`      Expected: ${report.expected}\n      ${report.evidence}`);
    },
    ready(lab, _milliseconds, once) {
      if (once) return;
      heading('Sign in');
      for (const organisation of labOrganisations) for (const row of signInRows(organisation, lab)) line(row);
      line(`  CA to trust         ${lab.authority.certificateFile}`);
      line(`  For programs        ${lab.folder.labFile}`);
      heading('Try');
      for (const row of commandRows(lab.folder.labFile)) line(row);
      line(`\nThe lab runs until Ctrl-C.`);
    },
    problem: of => error(failureText(of)),
    failed({ failure, logFolder }) {
      error(failureText(failure));
      if (logFolder !== undefined) error(`  Logs and state are in ${logFolder}.\n`);
    },
    stopped({ passed, once, keptFolder }) {
      if (once) line(`\n${passed ? styled('green', 'Everything passed.') : styled('red', 'Not everything passed.')}`);
      else line('Stopped.');
      if (keptFolder !== undefined) line(`Logs and state are in ${keptFolder}.`);
    },
  };
}

function findingRows(findings: readonly LabFinding[], mark: (status: string) => string): string[] {
  const width = Math.max(0, ...findings.map(found => found.target.length));
  return findings.flatMap(({ id, status, target, message, ...finding }) => {
    const row = `  ${mark(status)} ${id.padEnd(7)} ${target.padEnd(width)}  ${message}`;
    const advice = adviceOf(finding);
    const needsFix = advice !== '' && (status === 'fail' || status === 'unknown' || status === 'warn');
    return needsFix ? [row, `    ${' '.repeat(8 + width)}  ${advice}`] : [row];
  });
}

function signInRows(organisation: LabOrganisation, lab: RunningLab): string[] {
  const { name, frontEnd, users } = organisation;
  const { tls } = lab.ports[name];
  const people = users.map(
    user =>
      `  ${addressOf(organisation, user).padEnd(20)}password ${passwordOf(user.name).padEnd(10)}server ${frontEnd.host}:${tls} (TLS)`,
  );
  return [...people, `  ${`${name} API`.padEnd(20)}${apiUrlOf(organisation, lab.ports)}/openapi.json`];
}

function commandRows(labFile: string): string[] {
  const at = `--lab ${labFile} --org contoso`;
  return [
    `  ./parley user list ${at}`,
    `  ./parley explain alice@contoso.test bob@fabrikam.test ${at}`,
    `  ./parley check fabrikam.test ${at}`,
    `  ./parley domain block fabrikam.test ${at}`,
    `  ./parley domain allow fabrikam.test ${at}`,
  ];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
