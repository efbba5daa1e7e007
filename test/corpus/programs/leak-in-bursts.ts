/** A leak in steps: every few seconds a report is added to the archive; in between the process only makes garbage. */
import { makeRows, type Row } from '../make-records.ts';

const regions = makeRows(54);
const archive: Row[][] = [];
let latest: Row[] = [];

function archiveReport(): void {
  archive.push(makeRows(5));
}

function refreshRegions(): void {
  latest = makeRows(0.3);
  regions.splice(0, latest.length, ...latest);
}

archiveReport();
setInterval(archiveReport, 3500);
setInterval(refreshRegions, 100);
