import type * as sqlite from 'node:sqlite';

/** How long a write waits for another process's lock. Unit: ms. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * A database file whose commits survive a power cut: write-ahead log, fsynced at each commit.
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function openSqlite(file: string): sqlite.DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  // No `timeout` option: Node 22 got it only in 22.16.
  const database = new DatabaseSync(file);
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`,
  );
  return database;
}

/**
 * Node 22 warns once per process that `node:sqlite` is experimental. The warning is raised while the module loads, and
 * loading is synchronous, so it can be kept back without hiding anyone else's.
 */
function loadSqlite(): typeof sqlite {
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  if (emitWarning?.configurable !== true) return process.getBuiltinModule('node:sqlite');
  Object.defineProperty(process, 'emitWarning', { ...emitWarning, value: () => {} });
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    Object.defineProperty(process, 'emitWarning', emitWarning);
  }
}
