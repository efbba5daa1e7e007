/** Prints what `readDisk` says of `<directory> <base>`. */
import { readDisk } from '../facts/read-disk.ts';

const [directory = '', base = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await readDisk(directory, base)));
