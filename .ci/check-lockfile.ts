/**
 * Fails when package-lock.json is incomplete or a package with an install script slipped in.
 * An optional (platform) dependency without a lock entry makes `npm ci` die with EUSAGE on every machine.
 */
import { readFileSync } from 'node:fs';

interface LockPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly bundled?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockPackage>>;
};
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

const problems = Object.entries(lock.packages).flatMap(([where, entry]) => [
  ...missingOptional(where, entry),
  ...missingIntegrity(where, entry),
  ...newInstallScript(where, entry),
]);
if (problems.length > 0) {
  console.error(`package-lock.json: ${problems.length} problem(s)\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
} else {
  console.log(`lockfile complete: ${Object.keys(lock.packages).length} entries, no unknown install script`);
}

function missingOptional(where: string, entry: LockPackage): string[] {
  const names = Object.keys(entry.optionalDependencies ?? {});
  return names
    .filter((name) => !resolves(where, name))
    .map((name) => `${where || '<root>'} needs ${name}, which has no entry`);
}

/** Looks upwards as Node's resolution does. */
function resolves(where: string, name: string): boolean {
  for (let folder = where; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (folder === '') return false;
  }
}

function missingIntegrity(where: string, entry: LockPackage): string[] {
  const isForeign = where.includes('node_modules/') && entry.link !== true && entry.inBundle !== true;
  return isForeign && entry.integrity === undefined ? [`${where} has no integrity`] : [];
}

function newInstallScript(where: string, entry: LockPackage): string[] {
  const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (entry.hasInstallScript !== true || name in manifest.allowScripts) return [];
  return [`${name} brings an install script; look at it and decide in package.json "allowScripts"`];
}
