const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this account may not read or write it',
  EPERM: 'this account may not do that',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'something else of that name is there',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of this account is used up',
  EROFS: 'the file system is read-only',
  EFBIG: 'it would become larger than this process may write',
  EMFILE: 'too many files are open',
  EIO: 'the disk fails',
};

/** Why something could not be done with a file, in words for people; what has no words keeps those of the system. */
export function fileProblem(cause: unknown): string {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return words[String(code)] ?? String(message ?? cause);
}

/** Why a file or folder could not be made: as `fileProblem`, where the folder it belongs in may be what is missing. */
export function makingProblem(cause: unknown): string {
  return (cause as { readonly code?: unknown }).code === 'ENOENT' ? 'there is no folder for it' : fileProblem(cause);
}
