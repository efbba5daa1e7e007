/** One structured line; what it holds may be shown (no token, no path of a key, no body). */
export type Log = (event: string, fields: Readonly<Record<string, string | number | boolean | null>>) => void;
