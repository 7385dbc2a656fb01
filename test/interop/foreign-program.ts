import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program by other people, and the Debian package that brings it. */
export interface ForeignProgram {
  readonly program: string;
  readonly debianPackage: string;
}

export const unshareProgram: ForeignProgram = { program: 'unshare', debianPackage: 'util-linux' };
export const ipProgram: ForeignProgram = { program: 'ip', debianPackage: 'iproute2' };
export const baresipProgram: ForeignProgram = { program: 'baresip', debianPackage: 'baresip-core' };
export const kamailioProgram: ForeignProgram = { program: 'kamailio', debianPackage: 'kamailio' };
export const linphonecProgram: ForeignProgram = { program: 'linphonec', debianPackage: 'linphone-cli' };
export const sippProgram: ForeignProgram = { program: 'sipp', debianPackage: 'sip-tester' };
export const sipsakProgram: ForeignProgram = { program: 'sipsak', debianPackage: 'sipsak' };
export const sipviciousPrograms: readonly ForeignProgram[] = ['svmap', 'svwar', 'svcrack'].map(program => ({
  program,
  debianPackage: 'sipvicious',
}));

/** Whether a program is found in PATH. */
export function isInstalled(program: string): boolean {
  // administrators' programs are often in no user's PATH
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
