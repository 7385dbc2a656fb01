/** Where clients of one organisation sign in. */
export interface LoadSite {
  readonly host: string;
  readonly port: number;
  /** Sent as server name in the TLS handshake. */
  readonly serverName: string;
  /** SIP domain of the users. */
  readonly domain: string;
  /** CA certificate of the server, a path. */
  readonly caFile: string;
}

/** What the generator does. Users are u0, u1 … with the passwords pw-u0, pw-u1 … in each domain. */
export type LoadKind = 'message' | 'fanout' | 'signin' | 'register' | 'session' | 'idle';

/** One measured window, as the generator process is told. Plain JSON. */
export interface LoadOrder {
  readonly load: LoadKind;
  /** Where senders are and where receivers are: twice the same site within one organisation. */
  readonly sites: readonly [LoadSite, LoadSite];
  /** How a connection begins: as a SIP user, or by naming its partner to a bare relay. */
  readonly greeting: 'register' | 'pair';
  /** The first user taken, of both domains. */
  readonly firstUser: number;
  /** How many there are from the first one on, for loads that take one after the other. */
  readonly userCount: number;
  /** Pairs that write to each other, connections that sign in, connections that idle. */
  readonly connections: number;
  /** Watchers of one presentity. */
  readonly watchers: number;
  readonly bodyBytes: number;
  /** Units per second; 0: as fast as answers come, one outstanding for each pair or connection. */
  readonly rate: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Processes whose CPU time and memory count, with all that descend from them. */
  readonly serverPids: readonly number[];
}

/** What one window gave. */
export interface LoadOutcome {
  readonly units: number;
  /** Units that failed or had no answer in time. */
  readonly failed: number;
  /** Paced only: units that were due while every pair was still busy. */
  readonly skipped: number;
  readonly wallSeconds: number;
  readonly unitsPerSecond: number;
  readonly cpuSecondsPer1000: number;
  readonly serverCpuSeconds: number;
  readonly generatorCpuSeconds: number;
  /** What the rest of the machine used in the same window. */
  readonly otherCpuSeconds: number;
  /** What the host of a virtual machine took away in the window. */
  readonly stealSeconds: number;
  /** Proportional set size of the server's processes at the end of the window. */
  readonly pssMegabytes: number;
  readonly processes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Protocol and cipher of the first connection. */
  readonly tls: string;
  /** Idle connections: growth of the proportional set size for each. */
  readonly pssKilobytesPerConnection?: number;
}
