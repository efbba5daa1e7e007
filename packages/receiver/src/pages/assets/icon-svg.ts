/** The browser tab's icon: the floor under the saw teeth of the heap, as in the page header. */
export const iconSvg: string = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20" fill="none" stroke-linejoin="round" stroke-linecap="round"><path stroke="#8a94a0" stroke-width="1.5" d="M2 13 6.5 5v6.5L11 4v6L16 2.5V9"/><path stroke="#3b8dbf" stroke-width="2.25" d="M2 17h3.5l5-2.5L18 11"/></svg>
`;
