/** The flags that decide the size of V8's heap. MiB unless the name says otherwise; null and 0 are "not set" to V8. */
export interface HeapFlags {
  readonly maxOldSpaceSize: number | null;
  readonly maxOldSpaceSizePercentage: number | null;
  readonly maxHeapSize: number | null;
  readonly maxSemiSpaceSize: number | null;
  /** `--minor-ms`: a young generation of another shape. */
  readonly minorMs: boolean;
  /** `--lite-mode` or `--optimize-for-size`: a semi-space of 1 MiB, whatever `--max-semi-space-size` says. */
  readonly smallYoung: boolean;
}

/**
 * Reads the flags as Node does: `NODE_OPTIONS` first, then the command line, so that the last one wins; `_` and `-`
 * are equal, one dash is as good as two.
 */
export function parseHeapFlags(execArgv: readonly string[], nodeOptions: string): HeapFlags {
  const flags = collectFlags([...splitNodeOptions(nodeOptions), ...execArgv]);
  return {
    maxOldSpaceSize: positiveNumber(flags.get('max-old-space-size')),
    maxOldSpaceSizePercentage: positiveNumber(flags.get('max-old-space-size-percentage')),
    maxHeapSize: positiveNumber(flags.get('max-heap-size')),
    maxSemiSpaceSize: positiveNumber(flags.get('max-semi-space-size')),
    minorMs: flags.has('minor-ms'),
    smallYoung: flags.has('lite-mode') || flags.has('optimize-for-size'),
  };
}

function collectFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    const [, dashed = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const name = dashed.replaceAll('_', '-');
    // V8 knows `--no-lite-mode` and `--nolite-mode`.
    flags.delete(name.replace(/^no-?/, ''));
    // Node's own options may have their value in the next argument; V8's may not (node refuses them).
    const next = name === 'max-old-space-size-percentage' ? (args[index + 1] ?? '') : '';
    flags.set(name, value ?? next);
  }
  return flags;
}

/** Zero means "not set" to V8. */
function positiveNumber(text: string | undefined): number | null {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * Splits `NODE_OPTIONS` at spaces, with double quotes and, inside them, backslash escapes; as
 * `ParseNodeOptionsEnvVar` does (nodejs/node v22 src/node_options.cc).
 */
export function splitNodeOptions(text: string): string[] {
  const args: string[] = [];
  let current: string | null = null;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') {
      inString = !inString;
    } else if (char === ' ' && !inString) {
      if (current !== null) args.push(current);
      current = null;
    } else {
      const isEscape = char === '\\' && inString;
      current = (current ?? '') + (isEscape ? (text[(at += 1)] ?? '') : char);
    }
  }
  return current === null ? args : [...args, current];
}
