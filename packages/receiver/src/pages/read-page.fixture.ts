/** What a test reads from a page; enough of a parser for pages that this package wrote itself. */

/** The text that a reader gets, blanks as one, entities decoded. */
export function textOf(page: string): string {
  const bare = page
    .replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gsu, ' ')
    .replaceAll(/<wbr\s*\/?>/gu, '')
    .replaceAll(/<\/?(code|tspan|strong|small|time|b|a)\b[^>]*>/gu, '')
    .replaceAll(/<[^>]*>/gu, ' ');
  return decode(bare)
    .replaceAll(/[\s\u00a0]+/gu, ' ')
    .trim();
}

/** The text of the first element of this tag. */
export function elementText(page: string, tag: string): string {
  const body = new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'su').exec(page)?.[1] ?? '';
  return textOf(body);
}

/** The text of the section that this heading names. */
export function sectionText(page: string, id: string): string {
  const sections = page.split(/(?=<section\b)/u);
  const found = sections.find((section) => section.includes(`aria-labelledby="${id}"`)) ?? '';
  return textOf(found.split('</section>')[0] ?? '');
}

/** Headings of the second level, in order. */
export function headingsOf(page: string): string[] {
  return [...page.matchAll(/<h2\b[^>]*>(.*?)<\/h2>/gsu)].map(([, text = '']) => textOf(text));
}

/** Every value of an attribute, decoded. */
export function attributesOf(page: string, name: string): string[] {
  return [...page.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'gu'))].map(([, value = '']) => decode(value));
}

/** What is wrong with the markup: unclosed tags, two elements of one id, a reference to nothing. */
export function markupProblems(page: string): string[] {
  const ids = attributesOf(page, 'id');
  const references = ['aria-labelledby', 'aria-describedby'].flatMap((name) => attributesOf(page, name));
  const anchors = attributesOf(page, 'href').filter((href) => href.startsWith('#'));
  return [
    ...tagProblems(page),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two elements with id ${id}`),
    ...references.filter((id) => !ids.includes(id)).map((id) => `nothing has the id ${id}`),
    ...anchors.filter((href) => !ids.includes(href.slice(1))).map((href) => `${href} leads nowhere`),
  ];
}

function tagProblems(page: string): string[] {
  const open: string[] = [];
  const problems: string[] = [];
  const bare = page.replaceAll(/(<script\b[^>]*>).*?(<\/script>)/gsu, '$1$2');
  for (const [, slash, tag = '', rest = ''] of bare.matchAll(/<(\/?)([a-z][a-z0-9]*)\b([^>]*)>/giu)) {
    if (slash === '/') {
      const last = open.pop();
      if (last !== tag) problems.push(`</${tag}> closes <${last}>`);
    } else if (!rest.endsWith('/')) open.push(tag);
  }
  return [...problems, ...open.map((tag) => `<${tag}> is not closed`)];
}

function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
}
