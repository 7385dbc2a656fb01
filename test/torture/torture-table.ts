import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalidMessages } from './rfc4475-invalid.ts';
import { semanticMessages } from './rfc4475-semantics.ts';
import { validMessages } from './rfc4475-valid.ts';
import { ipv6Messages } from './rfc5118.ts';
import type { TortureRow } from './torture-row.ts';

/** Every row, in the order of the RFCs. */
export const tortureTable: readonly TortureRow[] = [...validMessages, ...invalidMessages, ...semanticMessages, ...ipv6Messages];

/** Where the messages of RFC 4475 itself are looked for: `name.dat` each. */
const originalsFolder = process.env.PARLEY_TORTURE ?? fileURLToPath(new URL('../../../shared/torture/rfc4475', import.meta.url));

/** The RFC's own messages under the verdicts of this table; none where their folder is not there. */
export function originalRows(): readonly TortureRow[] {
  if (!existsSync(originalsFolder)) return [];
  return tortureTable
    .filter(row => row.rfc === 'RFC 4475' && !row.name.includes(' '))
    .map(row => {
      const text = readFileSync(join(originalsFolder, `${row.name}.dat`), 'latin1');
      // one of them comes without the empty line that ends a head
      return { ...row, message: text.includes('\r\n\r\n') ? text : `${text}\r\n` };
    });
}
