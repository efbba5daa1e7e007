/**
 * CPU time of the main thread; where Node cannot tell, of the process. Linux brings the figure of a thread up to date only
 * at its ticks, or when the process's own is asked for: so that comes first. Both together take 2 µs.
 */
export function readCpuUs() {
  const ofProcess = process.cpuUsage();
  const { user, system } = process.threadCpuUsage?.() ?? ofProcess;
  return user + system;
}
