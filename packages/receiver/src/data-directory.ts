import { chmod, mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PRIVATE_KEY_FILE_NAME } from './control/key-pair.ts';

/** Where everything that must outlive the process lies. */
export interface DataDirectory {
  readonly jobsFile: string;
  readonly artifactsDirectory: string;
  readonly privateKeyFile: string;
}

/** Creates what is missing, readable by this user alone: snapshots and keys are secrets. */
export async function prepareDataDirectory(path: string): Promise<DataDirectory> {
  const directory = resolve(path);
  const artifactsDirectory = join(directory, 'artifacts');
  const jobsFile = join(directory, 'jobs.sqlite');
  await mkdir(artifactsDirectory, { recursive: true, mode: 0o700 });
  // An existing directory may be anyone's and keeps its mode; what we put into it does not depend on that.
  await chmod(artifactsDirectory, 0o700);
  // SQLite gives its log the mode of the database.
  await (await open(jobsFile, 'a', 0o600)).close();
  return { jobsFile, artifactsDirectory, privateKeyFile: join(directory, PRIVATE_KEY_FILE_NAME) };
}
