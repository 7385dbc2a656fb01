import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { labOrganisations } from '../../src/lab/deployment-plan.ts';
import type { labFileOf } from '../../src/lab/lab-file.ts';
import { RunningLab } from '../../src/lab/running-lab.ts';
import type { LoadSite } from '../generator/load-order.ts';
import { pinRunning } from '../machine/pinned-process.ts';
import type { Peer, PeerStart, RunningPeer } from './peer.ts';

type LabFile = ReturnType<typeof labFileOf>;
type LabFileOrganisation = LabFile['orgs'][number];

/** The two organisations of the lab: a Front End and an Edge each, which find each other by DNS. */
export const parleyPeer: Peer = {
  name: 'parley',
  title: 'Parley',
  obstacle: () => undefined,
  start: startLab,
};

async function startLab({ folder, scale, pinning }: PeerStart): Promise<RunningPeer> {
  const dir = join(folder, 'lab');
  const options = { dir, trustFiles: [], ports: 'free', load: { users: scale.users, domains: scale.domains } } as const;
  const started = await RunningLab.start(options, systemClock, problem =>
    process.stderr.write(`${problem.text} ${problem.fix}\n`),
  );
  if (!started.ok) throw new Error(`${started.error.failure.text} ${started.error.failure.fix}`);
  const lab = started.value;
  const file = JSON.parse(readFileSync(lab.folder.labFile, 'utf8')) as LabFile;
  const [contoso, lynconline] = file.orgs as [LabFileOrganisation, LabFileOrganisation];
  const pidsOf = ({ pids }: LabFileOrganisation) => [...pids.frontEnd, ...pids.edge];
  // The start may use every processor, what is measured may not.
  pinRunning(pinning.servers, file.orgs.flatMap(pidsOf));
  return {
    sites: [siteOf(contoso, file.ca), siteOf(lynconline, file.ca)],
    greeting: 'register',
    pids: count => (count === 1 ? pidsOf(contoso) : file.orgs.flatMap(pidsOf)),
    stop: () => lab.stop(false),
  };
}

function siteOf({ name, frontEnd }: LabFileOrganisation, caFile: string): LoadSite {
  const domain = labOrganisations.find(organisation => organisation.name === name)?.tenant.domains[0] ?? '';
  return { host: frontEnd.host, port: frontEnd.tlsPort, serverName: frontEnd.fqdn, domain, caFile };
}
