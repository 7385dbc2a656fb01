/** Place of a state in the history: restoring a backup raises the epoch (D20). */
export interface ConfigurationVersion {
  readonly epoch: number;
  readonly number: number;
}

/** Orders two versions: negative when `a` is older than `b`, 0 when equal. */
export function compareVersions(a: ConfigurationVersion, b: ConfigurationVersion): number {
  return a.epoch - b.epoch || a.number - b.number;
}
