import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as testcontainersModule from 'testcontainers';
import { findPeer } from './find-peer.ts';
import { PEER_IMAGES } from './peer-recipes.ts';
import type { ServerName } from './start-peer.ts';

type Testcontainers = typeof testcontainersModule;

/**
 * The image to run a server from: upstream's own if it is there or can be pulled, else one FROM scratch around the same
 * static executable that runs as a process.
 */
export async function ensurePeerImage(name: ServerName, testcontainers: Testcontainers): Promise<string> {
  const problem = await findPullProblem(PEER_IMAGES[name], testcontainers);
  if (problem === null) return PEER_IMAGES[name];
  const found = findPeer(name);
  if ('missing' in found)
    throw new Error(`${PEER_IMAGES[name]} cannot be pulled (${problem}) and ${found.missing}`);
  return buildImage(name, found.path, testcontainers);
}

async function findPullProblem(image: string, testcontainers: Testcontainers): Promise<string | null> {
  const client = await testcontainers.getContainerRuntimeClient();
  const imageName = testcontainers.ImageName.fromString(image);
  if (await client.image.exists(imageName)) return null;
  try {
    await client.image.pull(imageName, { force: false, platform: undefined });
    return null;
  } catch (error) {
    return String(error).slice(0, 200);
  }
}

async function buildImage(
  name: ServerName,
  executable: string,
  testcontainers: Testcontainers,
): Promise<string> {
  const image = `heapfloor-peers/${name}:local`;
  const context = mkdtempSync(join(tmpdir(), `heapfloor-image-${name}-`));
  try {
    copyFileSync(executable, join(context, name));
    writeFileSync(
      join(context, 'Dockerfile'),
      `FROM scratch\nCOPY ${name} /${name}\nENTRYPOINT ["/${name}"]\n`,
    );
    await testcontainers.GenericContainer.fromDockerfile(context).build(image, { deleteOnExit: false });
    return image;
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
