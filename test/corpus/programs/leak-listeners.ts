/** A listener per request on an emitter that lives as long as the process. */
import { EventEmitter } from 'node:events';
import { makeRows, makeText } from '../make-records.ts';

const settings = new EventEmitter();
settings.setMaxListeners(0);
const templates = makeRows(50);

function handleRequest(id: number): string {
  const page = makeText(30_000) + (templates[id % templates.length]?.body ?? '');
  let language = 'en';
  settings.on('language', (next: string) => {
    language = next;
    if (page.length === 0) language = 'none';
  });
  return `${language} ${id}`;
}

let id = 0;
setInterval(() => handleRequest((id += 1)), 25);
setInterval(() => settings.emit('language', 'en'), 5000);
