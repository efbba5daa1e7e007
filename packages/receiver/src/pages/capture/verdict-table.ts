import type { GuardResult, Verdict, VerdictStep } from '@heapfloor/contract';
import { KIND_WORDS } from '../findings/capture-words.ts';
import { formatNamedNumber, guardBalance, guardWords, type NamedNumber } from '../findings/guard-words.ts';
import { html, type Html } from '../markup/html.ts';
import { icon } from '../markup/icon.ts';
import { note, type Section } from '../frame/section.ts';

/** Every guard of every rung with its numbers; the one that refused stands out. */
export function verdictTable(verdict: Verdict): Section {
  return {
    id: 'verdict',
    heading: 'Verdict',
    label: 'Verdict',
    note: note(verdict.explanation),
    body: html`<table class="data-table verdict-table">
      <thead>
        <tr>
          <th scope="col">Guard</th>
          <th scope="col" class="number">Needs</th>
          <th scope="col" class="number">Has</th>
          <th scope="col"><span class="guard-word">Result</span></th>
        </tr>
      </thead>
      ${verdict.steps.map((step) => stepRows(step, verdict.steps.length > 1))}
    </table>`,
  };
}

function stepRows(step: VerdictStep, withHead: boolean): Html {
  const passed = step.guards.filter(({ outcome }) => outcome === 'allowed').length;
  const head = html`<tr class="step-row">
    <th scope="rowgroup" colspan="4">
      ${KIND_WORDS[step.kind].name} ${step.outcome}, ${passed} of ${step.guards.length} guards passed
    </th>
  </tr>`;
  return html`<tbody>
    ${withHead && head} ${step.guards.map(guardRows)}
  </tbody>`;
}

function guardRows(guard: GuardResult): Html {
  const refused = guard.outcome === 'refused';
  const { needs, has } = guardBalance(guard);
  return html`<tr class="guard-counted${refused && ' refused-row'}">
      <th scope="row">${guardWords(guard.guard).title}</th>
      <td class="number">${numberText(needs)}</td>
      <td class="number">${numberText(has)}</td>
      <td>
        <span class="guard-result${refused && ' guard-refused'}"
          >${icon(refused ? 'refused' : 'check')}<span class="guard-word"
            >${refused ? 'refused' : 'passed'}</span
          ></span
        >
      </td>
    </tr>
    <tr class="guard-sum${refused && ' refused-row'}">
      <td colspan="4">${guard.reason}</td>
    </tr>`;
}

function numberText(number: NamedNumber | null): string {
  return number === null ? '' : formatNamedNumber(number);
}
