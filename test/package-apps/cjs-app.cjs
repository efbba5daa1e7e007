/** A CommonJS app that knows nothing about metrics. */
setInterval(() => Array.from({ length: 1000 }, (_, index) => ({ index })), 5);
