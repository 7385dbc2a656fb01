/** Limits that a parser checks before it allocates. */
export interface ParseLimits {
  /** Bytes of start line and headers. */
  readonly headBytes: number;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  /** Header lines. */
  readonly maxHeaders: number;
}

/** Limits towards clients: head 64 KB, body 128 KB, 256 headers. */
export const clientLimits: ParseLimits = { headBytes: 65_536, bodyBytes: 131_072, maxHeaders: 256 };

/** Limits towards other servers: head 64 KB, body 5,000 KB, 256 headers. */
export const serverLimits: ParseLimits = { headBytes: 65_536, bodyBytes: 5_120_000, maxHeaders: 256 };
