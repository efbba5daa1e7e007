/** An app whose snapshot needs far more memory than its container has left. */
const wantedBytes = Number(process.env.BENCH_HEAP_MIB) * 2 ** 20;
globalThis.kept = [];
while (process.memoryUsage().heapUsed < wantedBytes) {
  for (let index = 0; index < 5_000; index += 1)
    globalThis.kept.push({ index, next: { index }, text: `item ${index}` });
}
// Something for a sampling profile to see.
setInterval(() => {
  globalThis.recent = Array.from({ length: 2_000 }, (_, index) => ({ index }));
}, 20);
