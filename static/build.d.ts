/** Where KaTeX's style sheet lies under static/dist; build.mjs puts it in. */
declare const KATEX_STYLES: string;
/** What the page consists of, as addresses, and the name of this build: for entries/worker.ts. */
declare const SHELL: readonly string[];
declare const BUILD: string;
