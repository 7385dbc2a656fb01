import type { MatrixCell, SeenOutcome } from './matrix-lab.ts';
import { type MatrixRow, type RequestKind, requestKinds } from './matrix-rows.ts';

/** A row with what was seen. */
export interface SeenRow {
  readonly row: MatrixRow;
  readonly off: MatrixCell;
  readonly on: MatrixCell;
}

const head = `# Who reaches whom: the outcome matrix

What becomes of an instant message (MESSAGE), a subscription to presence (SUBSCRIBE) and a call (INVITE) between a user of ours and a
user of a partner, by what our configuration and DNS say about the partner's domain. This page is written by
\`UPDATE_DOCS=1 npm test -- outcome-matrix\` from what two organisations of the lab answered over real connections, and the test
fails if it differs.

- **Out**: our user writes to, watches or calls the partner's. A refusal is the status with the id in \`ms-diagnostics\`, which the
  sender's client shows.
- **In**: the partner's user does so with ours. A refusal crosses as a bare status without any diagnostics: 504 whatever the reason,
  or 404 where the user may not be reached, as for one who does not exist. The sender's own server adds 1034, for it was told
  nothing. The code beside it is the reason as our own log has it.
- **Delivered**: the message has arrived; the watcher's first NOTIFY shows the state that was published, and the subscription ends when
  it is told to; the call rings, is answered, has its ACK, and ends by a BYE of the one who was called.

The kinds of request stand in one line where they fare alike. They differ with a public provider only, as a policy may allow its users
but no audio and video with them: the offer in an INVITE is then refused with 488, whoever makes it.
`;

const columns = ['The domain', 'Request', 'Out, discovery off', 'In, discovery off', 'Out, discovery on', 'In, discovery on'];

/** The page for the documentation. */
export function matrixDocument(seen: readonly SeenRow[]): string {
  const lines = seen.flatMap(linesOf);
  return `${head}\n${tableLine(columns)}\n${tableLine(columns.map(() => '---'))}\n${lines.join('\n')}\n`;
}

/** A line for the kinds that fare alike, in the order of the kinds. */
function linesOf({ row, off, on }: SeenRow): readonly string[] {
  const alike = new Map<string, RequestKind[]>();
  for (const kind of requestKinds) {
    const outcome = [...cells(off[kind]), ...cells(on[kind])].join(' | ');
    alike.set(outcome, [...(alike.get(outcome) ?? []), kind]);
  }
  return [...alike].map(([outcome, kinds]) => tableLine([row.name, kinds.join(', '), outcome]));
}

function cells({ outbound, inbound }: SeenOutcome): readonly string[] {
  return [outbound.replace(' ', ', '), inbound.replace(/^(\d+) (.*)$/, '$1, `$2`')];
}

function tableLine(columns: readonly string[]): string {
  return `| ${columns.join(' | ')} |`;
}
