/** The signs on buttons, drawn, so that they look alike whatever fonts there are. */

import { html, type SVGTemplateResult, svg, type TemplateResult } from "lit-html";

const SIGNS = {
	undo: svg`<path d="M5 7h6a3.5 3.5 0 0 1 0 7H7M5 7l3-3M5 7l3 3" />`,
	redo: svg`<path d="M13 7H7a3.5 3.5 0 0 0 0 7h4M13 7l-3-3M13 7l-3 3" />`,
	theme: svg`<circle cx="9" cy="9" r="5.5" /><path d="M9 3.5a5.5 5.5 0 0 1 0 11z" class="filled" />`,
	search: svg`<circle cx="8" cy="8" r="4" /><path d="M11 11l3.5 3.5" />`,
	flow: svg`<path d="M3 12c4 0 3-6 6-6s2 6 6 6" /><path d="M3 9c3 0 3-3 6-3" stroke-width="2.6" />`,
	turn: svg`<path d="M4 5h5a4 4 0 0 1 4 4v5M13 14l-2.5-2.5M13 14l2.5-2.5" />`,
	minus: svg`<path d="M4 9h10" />`,
	plus: svg`<path d="M4 9h10M9 4v10" />`,
	fit: svg`<path d="M4 7V4h3M11 4h3v3M14 11v3h-3M7 14H4v-3" />`,
	first: svg`<path d="M5 4v10" /><path d="M14 4v10L7 9z" class="filled" />`,
	back: svg`<path d="M12 4v10L5 9z" class="filled" />`,
	play: svg`<path d="M6 4v10l8-5z" class="filled" />`,
	pause: svg`<path d="M6.5 4v10M11.5 4v10" stroke-width="2.4" />`,
	next: svg`<path d="M6 4v10l7-5z" class="filled" />`,
	last: svg`<path d="M4 4v10l7-5z" class="filled" /><path d="M13 4v10" />`,
	more: svg`<path d="M4 9h.01M9 9h.01M14 9h.01" stroke-width="2.4" />`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof SIGNS;

export const icon = (name: IconName): TemplateResult =>
	html`<svg class="icon-sign" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">${SIGNS[name]}</svg>`;
