import type { LabUnderTest, OrganisationName } from './lab-under-test.ts';
import { until } from './until.ts';

/** Where domains are added. */
export interface DomainPlace {
  /** To be named where the deployment has several. */
  readonly tenant?: string;
  /** Records that stay in the lab's zone file. */
  readonly zone?: readonly string[];
}

/** Adds SIP domains and proves them as an admin does, by a TXT record; resolves when they work. */
export async function addProvenDomains(
  lab: LabUnderTest,
  name: OrganisationName,
  domains: readonly string[],
  { tenant, zone = [] }: DomainPlace = {},
): Promise<void> {
  const parametersOf = (identity: string) => (tenant === undefined ? { identity } : { identity, tenant });
  const proofs: string[] = [];
  for (const domain of domains) {
    const { objects } = await lab.run(name, 'New-CsSipDomain', parametersOf(domain));
    proofs.push(`_parley-proof.${domain} TXT ${objects[0]?.proofToken}`);
  }
  lab.writeZone([...zone, ...proofs]);
  for (const domain of domains) {
    // the lab's DNS looks at its zone file every 200 ms
    await until(`the proof of ${domain}`, async () => {
      const confirmed = await lab.client(name).run({ command: 'Confirm-CsSipDomain', parameters: parametersOf(domain) });
      return confirmed.ok ? true : undefined;
    });
  }
}
