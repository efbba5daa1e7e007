/** One series of an instant query's answer. */
export interface InstantResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [timeSeconds: number, value: string];
}

/** The value of an expression now. */
export async function queryPrometheus(
  prometheusUrl: string,
  query: string,
): Promise<readonly InstantResult[]> {
  const data = await getFromPrometheus(prometheusUrl, `/api/v1/query?query=${encodeURIComponent(query)}`);
  return (data as { result: InstantResult[] }).result;
}

/**
 * The `data` of an answer of Prometheus' HTTP API.
 * @throws on an error, and on a warning: an expression that is only nearly right is not right.
 */
export async function getFromPrometheus(prometheusUrl: string, path: string): Promise<unknown> {
  const response = await fetch(`${prometheusUrl}${path}`);
  const body = (await response.json()) as {
    status: string;
    error?: string;
    warnings?: string[];
    data?: unknown;
  };
  if (body.status !== 'success' || body.warnings !== undefined) {
    throw new Error(`${path}: ${body.error ?? JSON.stringify(body.warnings)}`);
  }
  return body.data;
}
