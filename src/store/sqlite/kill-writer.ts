import { systemClock } from '../../base/clock.ts';
import { AllowedDomain } from '../../model/kinds/federated-domain.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** Program of the kill test: commits configuration writes and says each number only after it was acknowledged. */
async function main(path: string, count: number): Promise<void> {
  const opened = await openSqliteStore({ path, clock: systemClock });
  if (!opened.ok) throw new Error(opened.error.text);
  const store = opened.value;
  let basedOn = (await store.readConfiguration()).version;
  for (let i = 0; i < count; i++) {
    const identity = `d${basedOn.number + 1}.example`;
    const body = AllowedDomain.parse({ comment: identity });
    const change = { kind: 'CsAllowedDomain' as const, owner: '01J', identity, expectedVersion: null, body };
    const result = await store.commit({
      author: 'killed',
      summary: `New-CsAllowedDomain ${identity}`,
      basedOn,
      objects: [change],
      users: [],
    });
    if (!result.ok) throw new Error(result.error.text);
    basedOn = result.value.configuration;
    process.stdout.write(`${basedOn.number}\n`);
  }
  await store.close();
}

await main(process.argv[2] ?? '', Number(process.argv[3]));
