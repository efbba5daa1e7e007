import { HeapfloorError } from '@heapfloor/contract/errors';

/** A number, an export interval for example, that no rule can be made of. */
export class NumberInvalidError extends HeapfloorError {
  constructor(what: string, seen: number) {
    super('MIXIN_NUMBER_INVALID', `${what} is ${seen}; give a number above 0`);
    this.name = 'NumberInvalidError';
  }
}

/** A signal was built on a metric that the contract does not declare. */
export class MetricUnknownError extends HeapfloorError {
  constructor(name: string) {
    super(
      'MIXIN_METRIC_UNKNOWN',
      `no metric "${name.slice(0, 80)}" in @heapfloor/contract/metrics; declare it there first`,
      { kind: 'internal' },
    );
    this.name = 'MetricUnknownError';
  }
}

/** The README lacks the markers between which a generated table stands. */
export class MarkerMissingError extends HeapfloorError {
  constructor(marker: string) {
    super(
      'MIXIN_MARKER_MISSING',
      `README.md has no region "${marker}"; put <!-- ${marker}:start --> and <!-- ${marker}:end --> back`,
    );
    this.name = 'MarkerMissingError';
  }
}
