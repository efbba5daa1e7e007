import type { ArtifactManifest, CaptureKind, CaptureRecord } from '@heapfloor/contract';
import { KIND_WORDS } from '../findings/capture-words.ts';
import { formatBytes, formatCount, formatDuration } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';

/** Taken over a time that was asked for. */
const TIMED_KINDS: readonly CaptureKind[] = ['heap-profile', 'cpu-profile', 'allocation-timeline'];

/** What to download and how to check it. */
export function fileList(record: CaptureRecord): Section | null {
  const { artifacts } = record;
  if (artifacts.length === 0) return null;
  const total = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    id: 'files',
    heading: 'Files',
    label: 'Files',
    note: note(`${formatBytes(total)}. The long number is the sha256; one click selects it.`),
    body: html`<ul class="file-list">
      ${artifacts.map((artifact) => fileItem(artifact, record))}
    </ul>`,
  };
}

/** Where an artifact of a capture is downloaded. */
export function artifactPath(captureId: string, fileName: string): string {
  return `/captures/${encodeURIComponent(captureId)}/artifacts/${encodeURIComponent(fileName)}`;
}

function fileItem(artifact: ArtifactManifest, record: CaptureRecord): Html {
  const { fileName, sha256, sizeBytes } = artifact;
  return html`<li>
    <code>${fileName}</code>
    <span class="file-what">${describe(artifact, record)}</span>
    <code class="hash" title="sha256, one click selects all">${sha256}</code>
    <span class="file-size">${formatBytes(sizeBytes)}</span>
    <span class="file-download"
      ><a href="${artifactPath(record.id, fileName)}" aria-label="Download ${fileName}">Download</a></span
    >
  </li>`;
}

function describe(artifact: ArtifactManifest, { report }: CaptureRecord): string {
  const facts = report?.snapshots.find(({ fileName }) => fileName === artifact.fileName);
  const lengthMs = Date.parse(artifact.finishedAt) - Date.parse(artifact.startedAt);
  const parts = [
    KIND_WORDS[artifact.kind].file,
    facts && `${formatCount(facts.nodeCount)} objects`,
    artifact.isolate !== 'main' && artifact.isolate,
    TIMED_KINDS.includes(artifact.kind) && lengthMs > 0 && formatDuration(lengthMs),
    artifact.stallMs !== null && `stall ${formatDuration(artifact.stallMs)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}
