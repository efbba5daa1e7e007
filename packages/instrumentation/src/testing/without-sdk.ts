/** Makes a package look as if it were not installed. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== process.env['TEST_MISSING_PACKAGE']) return nextResolve(specifier, context);
    throw Object.assign(new Error(`Cannot find package '${specifier}' imported from the test`), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
  },
});
