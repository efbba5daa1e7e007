/** Paths of the app's scripts, shortened to what says something and names no machine. */
export type ShortenPath = (scriptName: string) => string;

/**
 * Paths relative to the deepest folder that holds all of the app's own scripts; `node_modules/…` for packages,
 * `node:…` as it is, and the file name alone for whatever lies elsewhere.
 */
export function createShortenPath(scriptNames: Iterable<string>): ShortenPath {
  const own = [...scriptNames]
    .map(toPath)
    .filter((path) => isAbsolute(path) && !path.includes('/node_modules/'));
  const root = commonFolder(own);
  return (scriptName) => {
    const path = toPath(scriptName);
    if (!isAbsolute(path)) return path;
    const inPackages = path.lastIndexOf('/node_modules/');
    if (inPackages !== -1) return path.slice(inPackages + 1);
    // The root folder of a machine holds everything; a path relative to it would be the whole path.
    return root.length > 1 && path.startsWith(root)
      ? path.slice(root.length)
      : path.slice(path.lastIndexOf('/') + 1);
  };
}

/** Whether a script belongs to the program and not to Node. */
export function isUserScript(scriptName: string): boolean {
  return scriptName !== '' && !scriptName.startsWith('node:');
}

function toPath(scriptName: string): string {
  const path = scriptName.startsWith('file://') ? decodeFileUrl(scriptName) : scriptName;
  return path.replaceAll('\\', '/').replace(/\?.*$/s, '');
}

function decodeFileUrl(url: string): string {
  try {
    return decodeURIComponent(url.slice('file://'.length));
  } catch {
    // A name that only looks like a URL; it is shown as it is.
    return url.slice('file://'.length);
  }
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z]:\//i.test(path);
}

/** With the slash at its end; empty when there are no paths. */
function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1));
  if (first === undefined) return '';
  return others.reduce((common, folder) => {
    let shared = common;
    while (!folder.startsWith(shared))
      shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
    return shared;
  }, first);
}
