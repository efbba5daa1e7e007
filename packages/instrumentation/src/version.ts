/** Version of this package; a test compares it with package.json, which a bundled app may not have. */
export const VERSION = '0.1.0';
