import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a set of processes. */
export interface ProcessUsage {
  /** User and system time, seconds. */
  readonly cpuSeconds: number;
  readonly pids: readonly number[];
}

/** CPU time of the whole machine since its start. */
export interface MachineUsage {
  readonly busySeconds: number;
  readonly stealSeconds: number;
}

/** Linux shows processor time in this unit whatever the kernel's own is. */
const ticksPerSecond = 100;

interface StatRow {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** CPU time of processes and of all that descend from them. One that has ended no longer counts. */
export function readProcessUsage(roots: readonly number[]): ProcessUsage {
  const rows = readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? readStat(Number(name)) : []));
  const members = new Set(roots);
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent } of rows) if (members.has(parent)) members.add(pid);
  }
  const counted = rows.filter(({ pid }) => members.has(pid));
  const ticks = counted.reduce((sum, row) => sum + row.ticks, 0);
  return { cpuSeconds: ticks / ticksPerSecond, pids: counted.map(({ pid }) => pid) };
}

/** Proportional set size of processes, kilobytes: memory that several share counts once. */
export function readPss(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const found = /^Pss:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`));
    return sum + Number(found?.[1] ?? 0);
  }, 0);
}

/** How much all processors of the machine have worked. */
export function readMachineUsage(): MachineUsage {
  const [first = ''] = readOrEmpty('/proc/stat').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = first.trim().split(/\s+/).slice(1).map(Number);
  return { busySeconds: (user + nice + system + irq + softIrq) / ticksPerSecond, stealSeconds: steal / ticksPerSecond };
}

function readStat(pid: number): StatRow[] {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  // the program's name is in parentheses and may hold anything
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' ? [] : [{ pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
}

/** Processes end while they are looked at. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
