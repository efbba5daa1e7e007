/** As DevTools writes a property name inside `{…}`: quoted where it could be misread (`formatPropertyName`). */
export function formatPropertyName(name: string): string {
  if (!/[,'"{}]/.test(name)) return name;
  return JSON.stringify({ [name]: 0 }).slice(1, -3);
}
