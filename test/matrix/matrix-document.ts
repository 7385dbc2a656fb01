import type { MatrixCell } from './matrix-lab.ts';
import type { MatrixRow } from './matrix-rows.ts';

/** A row with what was seen. */
export interface SeenRow {
  readonly row: MatrixRow;
  readonly off: MatrixCell;
  readonly on: MatrixCell;
}

const head = `# Who reaches whom: the outcome matrix

What becomes of an instant message between a user of ours and a user of a partner, by what our configuration and DNS say about the
partner's domain. This page is written by \`UPDATE_DOCS=1 npm test -- outcome-matrix\` from what two organisations of the lab
answered over real connections, and the test fails if it differs.

- **Out**: our user writes to the partner. A refusal is the status with the id in \`ms-diagnostics\`, which the sender's client shows.
- **In**: the partner's user writes to ours. A refusal crosses as a bare status without any diagnostics: 504 whatever the reason,
  or 404 where the user may not be reached, as for one who does not exist. The sender's own server adds 1034, for it was told
  nothing. The code beside it is the reason as our own log has it.
`;

/** The page for the documentation. */
export function matrixDocument(seen: readonly SeenRow[]): string {
  const lines = seen.map(({ row, off, on }) => tableLine([row.name, ...cells(off), ...cells(on)]));
  const columns = ['The domain', 'Out, discovery off', 'In, discovery off', 'Out, discovery on', 'In, discovery on'];
  return `${head}\n${tableLine(columns)}\n${tableLine(columns.map(() => '---'))}\n${lines.join('\n')}\n`;
}

function cells({ outbound, inbound }: MatrixCell): readonly string[] {
  return [outbound.replace(' ', ', '), inbound.replace(/^(\d+) (.*)$/, '$1, `$2`')];
}

function tableLine(columns: readonly string[]): string {
  return `| ${columns.join(' | ')} |`;
}
