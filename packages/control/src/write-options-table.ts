/** Writes `options-table.ts`: the schema of the options for the control thread, which loads no zod until it is needed. */
import { writeFileSync } from 'node:fs';
import { optionProperties } from '@heapfloor/contract';
import { controlOptions } from './options.ts';

const text = `// Written by \`npm run generate\` from options.ts.
import type { OptionProperties } from '@heapfloor/contract/option-schema';

export const OPTIONS_TABLE: OptionProperties = ${JSON.stringify(optionProperties(controlOptions))};
`;
writeFileSync(new URL('options-table.ts', import.meta.url), text);
