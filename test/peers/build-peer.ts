import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  COLLECTOR_BUILDER,
  COLLECTOR_BUILDER_CONFIG,
  GO_RECIPES,
  shownVersion,
  type GoRecipe,
  type PeerName,
} from './peer-recipes.ts';

/** Where to build, and into which file the output goes. */
interface BuildPlace {
  readonly cacheDirectory: string;
  readonly logFile: string;
}

/** Is the executable there, made from the pinned package, version and tags? The executable itself tells. */
export async function isPeerBuilt(name: PeerName, cacheDirectory: string): Promise<boolean> {
  const info = await readBuildInfo(join(cacheDirectory, 'bin', name));
  return name === 'otelcol' ? isCollectorBuilt(info) : isMadeFrom(GO_RECIPES[name], info);
}

/**
 * Builds one peer in a folder of its own and moves it into place, so that nobody ever sees half a file.
 * @throws with the end of the log.
 */
export async function buildPeer(name: PeerName, cacheDirectory: string): Promise<void> {
  for (const folder of ['bin', 'log', 'ocb', 'tmp'])
    mkdirSync(join(cacheDirectory, folder), { recursive: true });
  const place = { cacheDirectory, logFile: join(cacheDirectory, 'log', `${name}.txt`) };
  closeSync(openSync(place.logFile, 'w'));
  if (name === 'otelcol') await buildCollector(place);
  else await goInstall(GO_RECIPES[name], join(cacheDirectory, 'bin', name), place);
}

async function goInstall(recipe: GoRecipe, target: string, place: BuildPlace): Promise<void> {
  const folder = mkdtempSync(join(place.cacheDirectory, 'tmp', `${recipe.name}-`));
  const setVersion =
    recipe.versionVariable === undefined
      ? ''
      : ` -X ${recipe.versionVariable}=${shownVersion(recipe.version)}`;
  try {
    await run('go', goInstallArgs(recipe, setVersion), { ...place, env: { GOBIN: folder } });
    // `go install` names the file after the package's last part: `builder` for ocb.
    renameSync(join(folder, recipe.package.slice(recipe.package.lastIndexOf('/') + 1)), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function goInstallArgs(recipe: GoRecipe, setVersion: string): string[] {
  return [
    'install',
    '-tags',
    recipe.tags,
    '-ldflags',
    `-s -w${setVersion}`,
    `${recipe.package}@${recipe.version}`,
  ];
}

/** Upstream's builder writes a main program for the components, which is compiled as the others are. */
async function buildCollector(place: BuildPlace): Promise<void> {
  const builder = join(place.cacheDirectory, 'ocb', 'ocb');
  if (!isMadeFrom(COLLECTOR_BUILDER, await readBuildInfo(builder))) {
    await goInstall(COLLECTOR_BUILDER, builder, place);
  }
  const folder = mkdtempSync(join(place.cacheDirectory, 'tmp', 'otelcol-'));
  try {
    await run(builder, ['--config', COLLECTOR_BUILDER_CONFIG], { ...place, cwd: folder });
    renameSync(join(folder, 'otelcol', 'otelcol'), join(place.cacheDirectory, 'bin', 'otelcol'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `go version -m` of a file; empty for one that is not there. */
async function readBuildInfo(file: string): Promise<string> {
  const child = spawn('go', ['version', '-m', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return code === 0 ? text : '';
}

function isMadeFrom(recipe: GoRecipe, info: string): boolean {
  const lines = info.split('\n').map((line) => line.trim().split('\t'));
  const path = lines.find(([key]) => key === 'path')?.[1];
  const version = lines.find(([key]) => key === 'mod')?.[2];
  const tags = lines.find(([key, value]) => key === 'build' && value?.startsWith('-tags=') === true)?.[1];
  return (
    path === recipe.package && version === recipe.version && (tags ?? '-tags=') === `-tags=${recipe.tags}`
  );
}

/** Every component of the builder's configuration, at its version. */
function isCollectorBuilt(info: string): boolean {
  const config = readFileSync(COLLECTOR_BUILDER_CONFIG, 'utf8');
  const modules = [...config.matchAll(/gomod: (\S+) (\S+)/g)];
  return modules.every(([, path, version]) => info.includes(`\t${path}\t${version}`));
}

async function run(
  command: string,
  args: readonly string[],
  { logFile, cwd, env = {} }: BuildPlace & { cwd?: string; env?: Readonly<Record<string, string>> },
): Promise<void> {
  const log = openSync(logFile, 'a');
  // Pure Go, this machine's own toolchain and platform, whatever the user's environment says.
  const fixed = {
    CGO_ENABLED: '0',
    GOWORK: 'off',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-trimpath',
    GOOS: '',
    GOARCH: '',
  };
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...fixed, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  closeSync(log);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${command} ${args[0]} ended with ${code}; the end of ${logFile}:\n${logTail(logFile)}`);
}

function logTail(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return lines
    .filter((line) => !line.startsWith('go: downloading'))
    .slice(-8)
    .join('\n');
}
